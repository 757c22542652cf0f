import type { Placement } from './event-set.ts';
import { stableId } from './random.ts';
import type { Random } from './random.ts';

/** A placement, the days on which it serves, and how much. */
export interface Flight {
  readonly placement: Placement;
  /** Days from the first one of the generated events; `lastDay` is included. */
  readonly firstDay: number;
  readonly lastDay: number;
  readonly weight: number;
  readonly costPerImpression: number;
  readonly clickRate: number;
  readonly video: boolean;
  /** A single user sees it all: such rows never reach the privacy threshold. */
  readonly oneUser: boolean;
}

const THEMES = ['Spring', 'Brand', 'Retargeting', 'Launch', 'Prospecting', 'Clearance', 'Loyalty'];
const AUDIENCES = ['In-market', 'Lifestyle', 'Lookalike', 'Contextual'];
const CREATIVE_TYPES = ['Image', 'Video', 'Third-party', 'Responsive eCommerce'];
const AD_PRODUCTS = [
  ['Sponsored Products', 'SP'],
  ['Sponsored Brands', 'SB'],
  ['Sponsored Display', 'SD'],
] as const;

/**
 * The campaigns of an account over `days` days: one that always runs, the others come and go. Each
 * has line items, each of those creatives, with budgets of a heavy tail.
 */
export function planCampaigns(account: string, days: number, random: Random): Flight[] {
  const campaigns = Math.max(4, Math.round(days / 7) + 3);
  return Array.from({ length: campaigns }, (_, index) => campaign(account, index, days, random))
    .flat()
    .concat(oneUserFlight(account, days, random));
}

function campaign(account: string, index: number, days: number, random: Random): Flight[] {
  const always = index === 0;
  const firstDay = always ? 0 : random.integer(days + 7) - 7;
  const lastDay = always ? days : firstDay + 6 + random.integer(28);
  const name = `${THEMES[index % THEMES.length]} ${1 + Math.floor(index / THEMES.length)}`;
  const weight = heavyTail(random);
  const lineItems = 1 + random.integer(4);
  return Array.from({ length: lineItems }, (_, item) =>
    lineItem({ account, name, item, firstDay, lastDay, weight: weight / lineItems }, random),
  ).flat();
}

interface LineItemPlan {
  readonly account: string;
  readonly name: string;
  readonly item: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly weight: number;
}

function lineItem(plan: LineItemPlan, random: Random): Flight[] {
  const audience = AUDIENCES[plan.item % AUDIENCES.length];
  const creatives = 1 + random.integer(3);
  const costPerImpression = 80 + random.integer(900);
  const [adProductType, adProductTypeCode] = AD_PRODUCTS[random.integer(3)] ?? AD_PRODUCTS[0];
  return Array.from({ length: creatives }, (_, index) => {
    const creativeType = CREATIVE_TYPES[random.integer(CREATIVE_TYPES.length)] ?? 'Image';
    const lineItem = `${plan.name} - ${audience}`;
    const creative = `${lineItem} - ${creativeType} ${index + 1}`;
    return {
      placement: {
        campaign: plan.name,
        campaignId: stableId(`${plan.account}/${plan.name}`),
        lineItem,
        lineItemId: stableId(`${plan.account}/${lineItem}`),
        creative,
        creativeId: stableId(`${plan.account}/${creative}`),
        creativeType,
        adProductType,
        adProductTypeCode,
      },
      firstDay: plan.firstDay,
      lastDay: plan.lastDay,
      weight: (plan.weight * heavyTail(random)) / creatives,
      costPerImpression,
      clickRate: 0.002 + 0.018 * random.next() ** 2,
      video: creativeType === 'Video',
      oneUser: false,
    };
  });
}

function oneUserFlight(account: string, days: number, random: Random): Flight {
  const plan = { account, name: 'Test 1', item: 0, firstDay: 0, lastDay: days, weight: 0.02 };
  const [flight] = lineItem(plan, random);
  if (flight === undefined) throw new Error('A line item has at least one creative');
  return { ...flight, weight: 0.02, clickRate: 0.1, oneUser: true };
}

/** Mostly around 1, now and then ten times as much. */
function heavyTail(random: Random): number {
  return Math.min(12, 0.4 * (1 - random.next()) ** -0.8);
}
