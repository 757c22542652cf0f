import { metricsOf } from '@traffic-events/warehouse';
import type { DailyView, TrendDay } from '@traffic-events/warehouse';
import { figure, MILLICENTS, money, percent, words } from './figures.ts';

/** Something that a trend shows by date. */
export interface TrendFigure {
  readonly name: string;
  readonly title: string;
  valueOf(day: TrendDay): number | null;
  textOf(day: TrendDay): string;
  /** Metric whose withheld share stands beside it. */
  readonly metric: string;
  /** How an axis writes it. */
  axis(value: number): string;
}

const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** Counts, costs and rates of a daily view, in this order. */
export function figuresOf(view: DailyView): TrendFigure[] {
  const metrics = metricsOf(view);
  const counts = metrics.filter((metric) => !view.costs.includes(metric));
  return [
    ...counts.slice(0, 2).map(countFigure),
    ...view.costs.filter((cost) => cost === 'total_cost').map(costFigure),
    ...Object.entries(view.rates).map(([name, { numerator }]) => rateFigure(name, numerator)),
    ...counts.slice(2).map(countFigure),
  ];
}

function countFigure(metric: string): TrendFigure {
  return {
    name: metric,
    title: words(metric),
    metric,
    valueOf: ({ sums }) => numberOf(sums[metric]),
    textOf: ({ sums }) => figure(sums[metric] ?? null),
    axis: (value) => compact.format(value),
  };
}

function costFigure(metric: string): TrendFigure {
  const valueOf = ({ sums }: TrendDay) => {
    const value = numberOf(sums[metric]);
    return value === null ? null : value / MILLICENTS;
  };
  return {
    name: metric,
    title: words(metric),
    metric,
    valueOf,
    textOf: ({ sums, currency }) => money(sums[metric] ?? null, currency),
    axis: (value) => compact.format(value),
  };
}

function rateFigure(name: string, metric: string): TrendFigure {
  return {
    name,
    title: words(name),
    metric,
    valueOf: ({ rates }) => rates[name] ?? null,
    textOf: ({ rates }) => percent(rates[name] ?? null, 2),
    axis: (value) => `${Number((value * 100).toPrecision(3))} %`,
  };
}

function numberOf(digits: string | null | undefined): number | null {
  return digits === null || digits === undefined ? null : Number(digits);
}

/** The source that a metric of a view comes from. */
export function tableOf(view: DailyView, metric: string): string {
  return view.parts.find(({ metrics }) => metric in metrics)?.table ?? '';
}
