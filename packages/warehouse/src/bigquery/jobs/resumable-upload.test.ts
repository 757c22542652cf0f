import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { OAuth2Client } from 'google-auth-library';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { ResumableUpload } from './resumable-upload.ts';

const CHUNK_BYTES = 8;
const JOB = { jobReference: { jobId: 'j' } };

/** What goes wrong with a request: it is lost, its answer is lost, or only a part of it is taken. */
type Fault = 'none' | 'lost' | 'answer lost' | 'busy' | 'half';

interface Upload {
  bytes: Buffer;
  isDone: boolean;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/**
 * The protocol of https://cloud.google.com/bigquery/docs/reference/api-uploads, with faults as they
 * are given, one a request; none after them.
 */
async function uploadServer(faults: readonly Fault[]) {
  const left = [...faults];
  const upload: Upload = { bytes: Buffer.alloc(0), isDone: false };
  const seen: string[] = [];
  const take = (request: IncomingMessage, body: Buffer, fault: Fault) => {
    const range = request.headers['content-range'] ?? '';
    seen.push(`${request.method} ${range}`);
    const [, from, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(range) ?? [];
    const taken = fault === 'half' ? body.subarray(0, body.length >> 1) : body;
    if (from !== undefined) expect(Number(from)).toBe(upload.bytes.length);
    upload.bytes = Buffer.concat([upload.bytes, taken]);
    upload.isDone = Number(total) === upload.bytes.length;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    const fault = left.shift() ?? 'none';
    if (fault === 'lost') return response.destroy();
    if (fault === 'busy') return response.writeHead(503).end();
    if (request.method === 'POST') {
      const location = `http://${request.headers.host}/session`;
      return fault === 'answer lost'
        ? response.destroy()
        : response.writeHead(200, { location }).end();
    }
    take(request, body, fault);
    if (fault === 'answer lost') return response.destroy();
    if (upload.isDone) return response.writeHead(200).end(JSON.stringify(JOB));
    const { length } = upload.bytes;
    return response.writeHead(308, length === 0 ? {} : { range: `bytes=0-${length - 1}` }).end();
  };
  const server = createServer((request, response) => void answer(request, response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/upload`, upload, seen };
}

function uploadTo(url: string, attempts: number): ResumableUpload {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: 'test' });
  return new ResumableUpload({
    client,
    url,
    job: JOB,
    attempts,
    pause: async () => {},
    chunkBytes: CHUNK_BYTES,
  });
}

const sourceOf = (pieces: readonly Uint8Array[]) => Readable.from(pieces, { objectMode: false });
const bytesOf = (length: number) => Buffer.from(Array.from({ length }, (_, at) => at % 251));

test('bytes go in pieces, the job begins with the last of them', async () => {
  for (const [length, ranges] of [
    [0, ['bytes */0']],
    [8, ['bytes 0-7/8']],
    [20, ['bytes 0-7/*', 'bytes 8-15/*', 'bytes 16-19/20']],
  ] as const) {
    const { url, upload, seen } = await uploadServer([]);
    await uploadTo(url, 1).send(sourceOf([bytesOf(length)]));
    expect(seen).toEqual(ranges.map((range) => `PUT ${range}`));
    expect(upload).toEqual({ bytes: bytesOf(length), isDone: true });
  }
});

test('whatever connections do below the number of tries, all bytes arrive, each of them once', async () => {
  const fault = fc.constantFrom<Fault[]>('none', 'lost', 'answer lost', 'busy', 'half');
  const pieces = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.array(fault, { maxLength: 6 }), async (sent, faults) => {
      const { url, upload } = await uploadServer(['none', ...faults]);
      await uploadTo(url, 10).send(sourceOf(sent));
      expect(upload).toEqual({ bytes: Buffer.concat(sent), isDone: true });
    }),
    { numRuns: 100 },
  );
});

test('a piece that fails too often ends the upload, with what the client would have said', async () => {
  const { url } = await uploadServer(['none', 'busy', 'busy', 'busy']);
  await expect(uploadTo(url, 3).send(sourceOf([bytesOf(4)]))).rejects.toMatchObject({ code: 503 });
});
