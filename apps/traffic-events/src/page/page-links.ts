/** Where a page leads to; what a file that stands alone cannot lead to is undefined. */
export interface PageLinks {
  readonly overview: string;
  readonly runs: string;
  account(accountId: string, to?: string): string;
  date(accountId: string, date: string): string | undefined;
  trend(accountId: string, query?: Readonly<Record<string, string>>): string | undefined;
  run(runId: string): string | undefined;
}

const query = (parameters: Readonly<Record<string, string>>) =>
  new URLSearchParams(parameters).toString();

/** Of the pages that `serve` answers. */
export const SERVED_LINKS: PageLinks = {
  overview: '/',
  runs: '/runs',
  account: (account, to) =>
    `/account?${query({ id: account, ...(to === undefined ? {} : { to }) })}`,
  date: (account, date) => `/date?${query({ account, date })}`,
  trend: (account, parameters = {}) => `/trend?${query({ account, ...parameters })}`,
  run: (run) => `/runs?${query({ run })}`,
};

/** Within one file. */
export const FILE_LINKS: PageLinks = {
  overview: '#top',
  runs: '#runs',
  account: (account) => `#${accountAnchor(account)}`,
  date: () => undefined,
  trend: () => undefined,
  run: () => undefined,
};

export function accountAnchor(accountId: string): string {
  return `account-${accountId.replaceAll(/[^\w-]/g, '-')}`;
}
