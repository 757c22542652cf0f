import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { SimulatorOptions } from '../index.ts';
import { ApiCaller, executionOf, request } from '../testing/api-caller.ts';
import type { Answer } from '../testing/api-caller.ts';
import { DSP, explicitWindow, startTestSimulator } from '../testing/simulators.ts';

const WEEK = explicitWindow('2026-01-25', '2026-02-01');
const BY_SOURCE = 'SELECT supply_source, SUM(impressions) AS n FROM dsp_impressions GROUP BY 1';
const NOTHING = `SELECT campaign, SUM(impressions) AS n FROM dsp_impressions
  WHERE campaign = 'none' GROUP BY 1`;

/** A result that waits to be downloaded. */
async function result(options: Partial<SimulatorOptions> = {}, sqlQuery = BY_SOURCE) {
  const simulator = await startTestSimulator(options);
  const caller = await ApiCaller.signIn(simulator, DSP);
  const created = await caller.create({ sqlQuery, timeWindow: WEEK });
  const id = executionOf(created).workflowExecutionId as string;
  simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
  const path = `/avc/workflowexecutions/${id}/downloadUrls`;
  const page = async (nextToken?: string) =>
    caller.call('GET', nextToken === undefined ? path : `${path}?nextToken=${nextToken}`);
  return {
    caller,
    simulator,
    page,
    urls: async () => (await page()).json.downloadUrls as string[],
  };
}

const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());
const textsOf = async (urls: readonly string[]) =>
  Promise.all(urls.map(async (url) => String(await bytesOf(url))));

const faulty = (fault: Record<string, unknown> & { kind: string }, operation = 'download') =>
  ({ faults: { rules: [{ operation, times: null, fault }] } }) as Partial<SimulatorOptions>;

const pathsOf = ({ json }: Answer) =>
  (json.downloadUrls as string[]).map((url) => new URL(url).pathname.split('/').at(-1));

describe('tokens of download URLs', () => {
  test('a file a page', async () => {
    const { page } = await result({ urlTokens: 'pages', partFiles: 2 });
    const first = await page();
    expect([pathsOf(first), first.json.nextToken]).toEqual([['part-0.csv'], '1']);
    const last = await page('1');
    expect([pathsOf(last), last.json.nextToken]).toEqual([['part-1.csv'], null]);
  });

  test('the same one, or another each time, with the same files', async () => {
    for (const urlTokens of ['same', 'endless'] as const) {
      const { page } = await result({ urlTokens });
      const first = await page();
      const second = await page(first.json.nextToken);
      expect(pathsOf(second)).toEqual(pathsOf(first));
      expect(second.json.nextToken === first.json.nextToken).toBe(urlTokens === 'same');
    }
  });

  test('pages without files that do not end', async () => {
    const { page } = await result({ urlTokens: 'empty_pages' });
    const first = await page();
    const second = await page(first.json.nextToken);
    expect([pathsOf(first), pathsOf(second)]).toEqual([['part-0.csv'], []]);
    expect(second.json.nextToken).not.toBe(first.json.nextToken);
  });

  test('one that leads to the files of other executions', async () => {
    const { page, caller, simulator } = await result({ urlTokens: 'foreign' });
    const first = await page();
    expect((await page(first.json.nextToken)).json.downloadUrls).toEqual([]);
    const other = executionOf(await caller.create({ sqlQuery: BY_SOURCE })).workflowExecutionId;
    simulator.clock.advanceTo(simulator.clock.now() + 15 * 60_000);
    const [url] = (await page(first.json.nextToken)).json.downloadUrls;
    expect(new URL(url).pathname).toContain(other);
    expect((await request(url)).status).toBe(200);
  });

  test('one that is refused', async () => {
    const { page } = await result({ urlTokens: 'refused' });
    const { nextToken } = (await page()).json;
    expect((await page(nextToken)).status).toBe(400);
  });
});

describe('a second key', () => {
  test('has the same files, or others that are there', async () => {
    const same = (await (await result({ secondUrlKey: 'same' })).page()).json;
    expect(same.urls).toEqual(same.downloadUrls);
    const { page } = await result({ secondUrlKey: 'different', urlKey: 'urls' });
    const { urls, downloadUrls } = (await page()).json;
    expect(new URL(urls[0]).pathname).not.toBe(new URL(downloadUrls[0]).pathname);
    expect(await textsOf(downloadUrls)).toEqual(await textsOf(urls));
  });
});

describe('lists that are none', () => {
  test('have no entries, so often or always', async () => {
    const rules = [{ operation: 'download_urls', times: 2, fault: { kind: 'no_urls' } }];
    const { urls } = await result({ faults: { rules } } as Partial<SimulatorOptions>);
    expect([await urls(), await urls(), (await urls()).length]).toEqual([[], [], 1]);
  });

  test('have entries that are no URLs, as many as wanted', async () => {
    const few = await result(faulty({ kind: 'wrong_urls', entries: [null, 7] }, 'download_urls'));
    expect(await few.urls()).toEqual([null, 7]);
    const many = await result(faulty({ kind: 'wrong_urls', count: 200_000 }, 'download_urls'));
    const urls = await many.urls();
    expect([urls.length, urls.at(-1)]).toEqual([200_000, 'not a url']);
  });

  test('can only strike the list', async () => {
    await expect(startTestSimulator(faulty({ kind: 'no_urls' }, 'get'))).rejects.toThrow(
      'faults of the list of download URLs strike the operation download_urls',
    );
  });
});

const metadataOf = async (options: Partial<SimulatorOptions>) => {
  const { page } = await result(options);
  const { json } = await page();
  const rows = (await textsOf(json.downloadUrls)).join('').trim().split('\n').length - 1;
  const metadata = await request(json.metadataDownloadUrls[0]);
  return { status: metadata.status, ahead: metadata.json?.rowCount - rows };
};

describe('metadata', () => {
  test('states the rows, rightly or wrongly, or not at all', async () => {
    expect(await metadataOf({ metadataRows: 'right' })).toEqual({ status: 200, ahead: 0 });
    expect(await metadataOf({ metadataRows: 'wrong' })).toEqual({ status: 200, ahead: 1 });
    expect((await metadataOf({})).ahead).toBeNaN();
  });

  test('is struck by faults of its own', async () => {
    const struck = await metadataOf(faulty({ kind: 'url_refused' }, 'metadata'));
    expect(struck.status).toBe(403);
  });
});

const redirectOf = async (fault: Record<string, unknown>) => {
  const [url = ''] = await (await result(faulty({ kind: 'redirected', ...fault }))).urls();
  const { headers } = await request(url, { redirect: 'manual' });
  return { url, to: headers.get('location') };
};

describe('storage', () => {
  test('answers 400', async () => {
    const { urls } = await result(faulty({ kind: 'url_refused', status: 400 }));
    expect((await request((await urls())[0]!)).status).toBe(400);
  });

  test('redirects to what is no URL, or to the same address again', async () => {
    expect((await redirectOf({ location: 'http://[' })).to).toBe('http://[');
    const loop = await redirectOf({});
    expect(new URL(loop.to!, loop.url).href).toBe(loop.url);
  });

  test('sends a body without end', async () => {
    const [url = ''] = await (await result(faulty({ kind: 'endless' }))).urls();
    const response = await fetch(url);
    let text = '';
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString();
      if (text.length > 100_000) break;
    }
    expect(text.split('supply_source,n').length).toBeGreaterThan(100);
  });

  test('sends a part as though it were the whole', async () => {
    const fault = { kind: 'shortened', share: 0.5 };
    const [url = ''] = await (await result({ ...faulty(fault), gzip: true })).urls();
    const answer = await fetch(url);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.headers.get('content-length')).toBe(String(bytes.length));
    expect(() => gunzipSync(bytes)).toThrow('unexpected end of file');
  });
});

describe('the form of parts', () => {
  test('gzip within gzip', async () => {
    const [url = ''] = await (await result({ gzip: 'twice' })).urls();
    const inner = gunzipSync(await bytesOf(url));
    expect(inner.subarray(0, 2)).toEqual(gzipSync('').subarray(0, 2));
    expect(gunzipSync(inner).toString()).toMatch(/^supply_source,n\n/);
  });

  test('a header in the first part alone, or again within each', async () => {
    const first = await result({ partHeaders: 'first', partFiles: 2 });
    const [one = '', two = ''] = await textsOf(await first.urls());
    expect([one.startsWith('supply_source,n\n'), two.includes('supply_source')]).toEqual([
      true,
      false,
    ]);
    const again = await result({ partHeaders: 'again', byteOrderMark: true });
    const [text = ''] = await textsOf(await again.urls());
    expect(text.match(/^\uFEFFsupply_source,n$/gm)).toHaveLength(2);
  });

  test('the columns of every other part in the opposite order', async () => {
    const { urls } = await result({ partColumns: 'reversed', partFiles: 2 });
    const [one = '', two = ''] = await textsOf(await urls());
    expect([one.split('\n')[0], two.split('\n')[0]]).toEqual([
      'supply_source,n',
      'n,supply_source',
    ]);
    expect(two.split('\n')[1]).toMatch(/^\d+,\D/);
  });

  test('no file for a result without rows', async () => {
    expect(await (await result({ emptyResult: 'no_file' }, NOTHING)).urls()).toEqual([]);
    expect(await (await result({ emptyResult: 'no_file' })).urls()).toHaveLength(1);
  });
});
