import type { InstantMs } from '@traffic-events/slice';
import type { WatchedAccount, AccountState } from './watched-account.ts';

export interface Screen {
  /** Columns and lines that may be used. */
  readonly width: number;
  readonly height: number;
  readonly nowMs: InstantMs;
  /** Marks a state by colour, where the terminal has any. */
  readonly paint: (state: AccountState, text: string) => string;
}

const BAR_WIDTH = 12;
const WIDEST_NAME = 44;
/** What the state, the executions and the time of the end need beside a name. */
const FACTS_WIDTH = 44;
const ORDER: readonly AccountState[] = ['running', 'failed', 'waiting', 'done'];
const DAY_MS = 86_400_000;

/** A line per account, those first that somebody may want to look at, and a last one for all. */
export function progressLines(accounts: readonly WatchedAccount[], screen: Screen): string[] {
  const byState = accounts.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const shown = byState.slice(0, Math.max(0, screen.height - 1));
  const longest = Math.max(...shown.map(({ accountId }) => accountId.length), 0);
  const nameWidth = Math.min(longest, WIDEST_NAME, Math.max(8, screen.width - FACTS_WIDTH));
  return [
    ...shown.map((account) => accountLine(account, nameWidth, screen)),
    cut(totalLine(accounts, shown.length, screen), screen.width),
  ];
}

function accountLine(account: WatchedAccount, nameWidth: number, screen: Screen): string {
  const { accountId, state, finished, total, rows, failures } = account;
  const name = cutInside(accountId, nameWidth).padEnd(nameWidth);
  const told = screen.paint(state, state.padEnd(STATE_WIDTH));
  if (state === 'waiting') return `${name}  ${told}`.trimEnd();
  const facts = [
    `${finished} of ${total}`,
    ...ending(account.endsMs(screen.nowMs), screen.nowMs),
    ...(failures === 0 ? [] : [`${failures} failed`]),
    `${rows.toLocaleString('en')} rows`,
  ].join('  ');
  const room = Math.max(0, screen.width - nameWidth - STATE_WIDTH - 4);
  const withBar = `${bar(finished, total)} ${facts}`;
  return `${name}  ${told}  ${withBar.length > room ? cut(facts, room) : withBar}`.trimEnd();
}

const STATE_WIDTH = 7;

/** The end of an id tells it from others; a time zone does not. */
function cutInside(accountId: string, width: number): string {
  if (accountId.length <= width) return accountId;
  const [text = ''] = accountId.split('@');
  if (text.length <= width) return text;
  const front = Math.ceil((width - 1) / 2);
  return `${text.slice(0, front)}…${text.slice(text.length - (width - 1 - front))}`;
}

function bar(finished: number, total: number): string {
  const filled = total === 0 ? BAR_WIDTH : Math.round((finished / total) * BAR_WIDTH);
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}

function totalLine(accounts: readonly WatchedAccount[], shown: number, screen: Screen): string {
  const states = ORDER.flatMap((state) => {
    const count = accounts.filter((account) => account.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  const sum = (of: (account: WatchedAccount) => number) =>
    accounts.reduce((all, account) => all + of(account), 0);
  const ends = accounts.map((account) => account.endsMs(screen.nowMs) ?? 0);
  const lastMs = Math.max(0, ...ends);
  const hidden = accounts.length - shown;
  return [
    ...(hidden > 0 ? [`… and ${hidden} more.`] : []),
    `${states.join(', ')};`,
    `${sum(({ finished }) => finished)} of ${sum(({ total }) => total)} results,`,
    ...ending(lastMs === 0 ? undefined : lastMs, screen.nowMs).map((end) => `${end},`),
    `${sum(({ rows }) => rows).toLocaleString('en')} rows`,
  ].join(' ');
}

/** In the time of whoever watches; another day is named. */
function ending(endsMs: InstantMs | undefined, nowMs: InstantMs): string[] {
  if (endsMs === undefined) return [];
  const end = new Date(endsMs);
  const time = `${String(end.getHours()).padStart(2, '0')}:${String(end.getMinutes()).padStart(2, '0')}`;
  const days = Math.floor(midnightOf(endsMs) - midnightOf(nowMs)) / DAY_MS;
  return [`ends about ${time}${days < 1 ? '' : ` in ${Math.round(days)} d`}`];
}

function midnightOf(ms: InstantMs): InstantMs {
  return new Date(ms).setHours(0, 0, 0, 0);
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}
