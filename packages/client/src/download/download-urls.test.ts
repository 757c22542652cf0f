import { describe, expect, it } from 'vitest';

import { ClientFixture } from '../testing/client-fixture.ts';
import { json, reset } from '../testing/scripted-server.ts';

const fixture = ClientFixture.use();

const A = 'https://storage.example/r/a.csv';
const B = 'https://storage.example/r/b.csv';
const signed = (url: string, signature: number | string) =>
  `${url}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=600&X-Amz-Signature=${signature}`;

const part = (id: string, number: number) => `https://storage.example/${id}/${number}.csv`;

const urls = () => fixture.account().downloadUrls('e1');

/** Answers the pages in turn, the last one for ever. */
const answerWith = (...pages: readonly object[]) =>
  fixture.server.script(...pages.map((page) => json(200, page)));

const requests = () => fixture.server.calls.length;

describe('pages', () => {
  it('are followed to files that have not been seen', async () => {
    answerWith(
      { downloadUrls: [A], nextToken: 't1' },
      { downloadUrls: [B], nextToken: 't2' },
      { downloadUrls: [`${A}.gz`], nextToken: null },
    );
    expect(await urls()).toMatchObject({ urls: [A, B, `${A}.gz`], doubts: [] });
    expect(fixture.server.calls[1]).toBe(
      'GET /avc/workflowexecutions/e1/downloadUrls?nextToken=t1',
    );
  });

  it.each([
    ['the same token for ever', () => 'placeholder', 2],
    ['another token each time', (page: number) => `token ${page}`, 3],
    ['a number as token', () => 1, 2],
  ])('that only repeat files end: %s', async (_, token, asked) => {
    let page = 0;
    fixture.server.script((response, request) => {
      page += 1;
      const body = { downloadUrls: [signed(A, page), signed(B, page)], nextToken: token(page) };
      return json(200, body)(response, request);
    });
    expect(await urls()).toMatchObject({
      urls: [signed(A, 1), signed(B, 1)],
      doubts: [],
      mayLack: [],
    });
    expect(requests()).toBe(asked);
  });

  it('that repeat files once are asked for again', async () => {
    answerWith(
      { downloadUrls: [A], nextToken: 't1' },
      { downloadUrls: [A], nextToken: 't2' },
      { downloadUrls: [B], nextToken: null },
    );
    expect(await urls()).toMatchObject({ urls: [A, B], mayLack: [] });
    expect(fixture.server.calls.slice(1)).toEqual(
      Array(2).fill('GET /avc/workflowexecutions/e1/downloadUrls?nextToken=t1'),
    );
  });

  const lack = 'a page of its list of files had none, so that some may be missing';

  it.each([
    ['in between', [{ downloadUrls: [A], nextToken: 't1' }, { nextToken: 't2' }]],
    ['at first', [{ downloadUrls: [], nextToken: 't1' }]],
  ])('without files are passed, and may lack some: %s', async (_, pages) => {
    answerWith(...pages, { downloadUrls: [B] });
    const found = await urls();
    expect(found.urls.at(-1)).toBe(B);
    expect(found.mayLack).toEqual([lack]);
  });

  it('without files may lack some also at the end', async () => {
    answerWith({ downloadUrls: [A], nextToken: 't1' }, { downloadUrls: [] });
    expect(await urls()).toMatchObject({ urls: [A], doubts: [], mayLack: [lack] });
  });

  it('without files end where the token stays the same, which is then a placeholder', async () => {
    answerWith({ downloadUrls: [A], nextToken: 'x' }, { downloadUrls: [], nextToken: 'x' });
    expect(await urls()).toMatchObject({ urls: [A], doubts: [], mayLack: [] });
    expect(requests()).toBe(2);
  });

  it('that go on without files may lack some', async () => {
    let page = 0;
    fixture.server.script((response, request) => {
      page += 1;
      return json(200, { downloadUrls: [], nextToken: `t${page}` })(response, request);
    });
    expect(await urls()).toMatchObject({
      urls: [],
      mayLack: [lack, 'its list of files goes on after 10 pages without any'],
    });
    expect(requests()).toBe(10);
  });

  it('that go on with new files are an error', async () => {
    let page = 0;
    fixture.server.script((response, request) => {
      page += 1;
      return json(200, { downloadUrls: [`${A}${page}`], nextToken: `t${page}` })(response, request);
    });
    await expect(urls()).rejects.toMatchObject({
      code: 'response_malformed',
      message:
        'The download URLs of execution e1 do not end within 100 pages. Report this with the request id',
    });
  });

  it.each([400, 401, 403, 404, 422, 500])(
    'that the API refuses with %i may lack files',
    async (status) => {
      fixture.server.script((response, request) => {
        const isFirst = !request.url.includes('nextToken');
        return isFirst
          ? json(200, { downloadUrls: [A], nextToken: 'foreign' })(response, request)
          : json(status, { message: 'Invalid nextToken' })(response, request);
      });
      expect(await urls()).toMatchObject({
        urls: [A],
        mayLack: [
          `the API gives a nextToken and answers ${status} to it, so that there may be more files`,
        ],
      });
    },
  );

  it('that lead to the files of another execution are a doubt, and these are left out', async () => {
    answerWith(
      { downloadUrls: [part('e1', 0)], nextToken: 'foreign' },
      { downloadUrls: [part('e2', 0), part('e2', 1)] },
    );
    expect(await urls()).toMatchObject({
      urls: [part('e1', 0)],
      doubts: ['2 of the files listed for it bear another name than the others'],
    });
    answerWith({ downloadUrls: [part('e3', 0), part('e2', 0)] });
    expect(await urls()).toMatchObject({ urls: [part('e3', 0), part('e2', 0)], doubts: [] });
  });

  it('that lead to them alone, as there are no files, give none of them where the metadata bears the name', async () => {
    const metadataDownloadUrls = [
      `https://store.example/results/e1/metadata.json?X-Amz-Signature=1`,
    ];
    answerWith(
      { downloadUrls: [], metadataDownloadUrls, nextToken: 'foreign' },
      { downloadUrls: [part('e2', 0)] },
    );
    expect(await urls()).toMatchObject({
      urls: [],
      doubts: ['1 of the files listed for it bear another name than the others'],
    });
    answerWith({ downloadUrls: [], nextToken: 'foreign' }, { downloadUrls: [part('e2', 0)] });
    expect((await urls()).doubts).toEqual([
      expect.stringContaining('had none but behind its nextToken'),
    ]);
    answerWith({ downloadUrls: [], nextToken: 'more' }, { downloadUrls: [part('e1', 0)] });
    expect(await urls()).toMatchObject({ urls: [part('e1', 0)], doubts: [], mayLack: [lack] });
  });

  it('of which one cannot be read may lack files, and one that is not answered is none', async () => {
    answerWith({ downloadUrls: [A], nextToken: 't' }, { downloadUrls: [7] });
    expect(await urls()).toMatchObject({
      urls: [A],
      mayLack: [expect.stringContaining('answers what cannot be read to it')],
    });
    fixture.server.script(json(200, { downloadUrls: [A], nextToken: 't' }), reset);
    await expect(urls()).rejects.toMatchObject({ code: 'connection' });
  });

  it.each([
    [{}, 'its nextToken is an object'],
    ['t'.repeat(10_000), 'its nextToken has 10000 characters'],
  ])('whose token cannot be sent back may lack files', async (nextToken, problem) => {
    answerWith({ downloadUrls: [A], nextToken });
    expect(await urls()).toMatchObject({
      urls: [A],
      mayLack: [`${problem}, so that there may be more files`],
    });
  });
});

describe('a file is known by origin and path', () => {
  it.each([
    ['twice in a list', [A, A], 1],
    ['signed anew', [signed(A, 1), signed(A, 2)], 1],
    ['signed by CloudFront', [`${A}?Expires=1&Signature=x`, `${A}?Expires=2&Signature=y`], 1],
    ['signed by Azure', [`${A}?sv=1&se=2&sig=x`, `${A}?sv=1&se=3&sig=y`], 1],
    ['signed by Google', [`${A}?X-Goog-Signature=x`, `${A}?X-Goog-Signature=y`], 1],
    ['a part in the query', [`${A}?part=1`, `${A}?part=2`], 2],
    ['a part beside a signature', [signed(A, '1&part=1'), signed(A, '1&part=2')], 2],
    ['two letters that sign nothing', [`${A}?se=1`, `${A}?se=2`], 2],
    ['another host', [A, A.replace('storage', 'other')], 2],
    ['another port', [A, A.replace('.example', '.example:8443')], 2],
    ['a default port, a fragment', [A, `${A.replace('.example', '.example:443')}#x`], 1],
    ['another letter case of the path', [A, A.replace('a.csv', 'A.csv')], 2],
  ])('%s', async (_, listed, count) => {
    answerWith({ downloadUrls: listed });
    const { urls: files, doubts } = await urls();
    expect([files.length, doubts]).toStrictEqual([count, []]);
    expect(files[0]).toBe(listed[0]);
  });
});

describe('several keys', () => {
  it.each([
    [{ downloadUrls: [A], urls: [signed(A, 2)], downloadUrl: A }],
    [{ urls: [{ url: A }], downloadUrl: { url: A } }],
    [{ downloadUrls: [], urls: [A], downloadUrl: null }],
    [{ downloadUrls: null, urls: [], downloadUrl: A }],
    [{ downloadUrls: A, downloadUrl: '' }],
    [{ downloadUrls: [A, A], downloadUrl: [A] }],
  ])('that name the same files name them once: %j', async (answer) => {
    answerWith(answer);
    expect(await urls()).toStrictEqual({ urls: [A], metadataUrls: [], doubts: [], mayLack: [] });
  });

  it.each([
    [{ downloadUrls: [A], urls: [B] }, [A], 'downloadUrls and urls'],
    [{ urls: [A], downloadUrl: B }, [A], 'urls and downloadUrl'],
    [{ downloadUrls: [B], downloadUrl: A }, [B], 'downloadUrls and downloadUrl'],
    [{ downloadUrls: [A, B], urls: [A] }, [A, B], 'downloadUrls and urls'],
    [{ downloadUrls: [A], urls: [A, B] }, [A], 'downloadUrls and urls'],
  ])('that differ are a doubt, and the first one wins: %j', async (answer, files, keys) => {
    answerWith(answer);
    expect(await urls()).toStrictEqual({
      urls: files,
      metadataUrls: [],
      doubts: [`${keys} in the API's answer name different files`],
      mayLack: [],
    });
  });

  it('one of which has room for one file only say the same where it is among the others', async () => {
    answerWith({ downloadUrls: [A, B], downloadUrl: B });
    expect(await urls()).toMatchObject({ urls: [A, B], doubts: [] });
    answerWith({ downloadUrls: [A], downloadUrl: [A, B] });
    expect((await urls()).doubts).toHaveLength(1);
  });

  it('are compared over all pages', async () => {
    answerWith({ downloadUrls: [A], urls: [A], nextToken: 't' }, { downloadUrls: [B], urls: [B] });
    expect(await urls()).toMatchObject({ urls: [A, B], doubts: [] });
  });
});

describe('what is no list of URLs is refused', () => {
  it.each<[unknown, string]>([
    [{ downloadUrls: ['not a url'] }, 'have at downloadUrls[0] "not a url", which is no URL'],
    [
      { downloadUrls: [`no\n\u0000url${'x'.repeat(9_000)}`] },
      `have at downloadUrls[0] "no url${'x'.repeat(35)}… (9007 characters)", which is no URL`,
    ],
    [{ downloadUrls: [A, ''] }, 'have at downloadUrls[1] "", which is no URL'],
    [{ downloadUrls: [A, null] }, 'have null at downloadUrls[1] where a URL should be'],
    [{ downloadUrls: [A, 7] }, 'have a number at downloadUrls[1] where a URL should be'],
    [{ downloadUrls: [[A]] }, 'have a list at downloadUrls[0] where a URL should be'],
    [{ downloadUrls: [{ href: A }] }, 'have an object at downloadUrls[0] where a URL should be'],
    [{ downloadUrls: [{ url: null }] }, 'have an object at downloadUrls[0] where a URL should be'],
    [{ downloadUrl: 5 }, 'have a number at downloadUrl where a URL should be'],
    [{ urls: ['/relative?X-Amz-Signature=hush'] }, 'have at urls[0] "/relative…", which is no URL'],
    [{ urls: ['file:///etc/passwd'] }, 'have at urls[0] a URL of "file:", which is not fetched'],
    [{ urls: ['javascript:x'] }, 'have at urls[0] a URL of "javascript:", which is not fetched'],
    [
      { urls: ['https://user:hush@storage.example/a'] },
      'have at urls[0] a URL of https://storage.example with a user or password in it, which are not sent',
    ],
    [
      { urls: [`${A}?${'x'.repeat(3_000_000)}`] },
      'have at urls[0] 3000032 characters long where 16384 are the most',
    ],
    [[A], 'are a list where an object with downloadUrls should be'],
    ['text', 'are a string where an object with downloadUrls should be'],
    [null, 'are null where an object with downloadUrls should be'],
  ])('%.60j', async (answer, problem) => {
    fixture.server.script(json(200, answer));
    await expect(urls()).rejects.toMatchObject({
      code: 'response_malformed',
      action: 'retriable',
      message: `The download URLs of execution e1 ${problem}. Report this with the request id`,
    });
  });

  it('200,000 of them, in one list or under pages', async () => {
    const many = Array.from({ length: 200_000 }, (_, index) => `${A}${index}`);
    answerWith({ downloadUrls: many });
    await expect(urls()).rejects.toThrow(
      'The download URLs of execution e1 have 200000 entries in downloadUrls; the most are 10000',
    );
    answerWith(
      { downloadUrls: many.slice(0, 9_000), nextToken: 't' },
      { downloadUrls: many.slice(9_000, 18_000) },
    );
    await expect(urls()).rejects.toThrow('are more than 10000');
    answerWith({ downloadUrls: many.slice(0, 10_000) });
    expect((await urls()).urls).toHaveLength(10_000);
  });

  it('but not for metadata, which is a help only', async () => {
    answerWith({ downloadUrls: [A], metadataDownloadUrls: [null, 'no url', B, { url: B }] });
    expect(await urls()).toStrictEqual({ urls: [A], metadataUrls: [B], doubts: [], mayLack: [] });
    answerWith({ downloadUrls: [A], metadataDownloadUrls: Array(200_000).fill(7) });
    expect(await urls()).toStrictEqual({ urls: [A], metadataUrls: [], doubts: [], mayLack: [] });
    answerWith({ downloadUrls: [A], metadataDownloadUrls: B });
    expect(await urls()).toStrictEqual({ urls: [A], metadataUrls: [B], doubts: [], mayLack: [] });
  });
});
