import { createServer } from 'node:https';
import type { RequestListener } from 'node:http';

import { generate } from 'selfsigned';

import { listening } from './listening.ts';
import type { Listening } from './listening.ts';

export interface TlsServer extends Listening {
  /** Of the authority that its certificate is from, PEM. */
  readonly certificate: string;
}

/** An HTTPS server for 127.0.0.1 and localhost, whose certificate nobody trusts by itself. */
export async function tlsServer(answer: RequestListener): Promise<TlsServer> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { ...(await listening(createServer({ key, cert }, answer))), certificate: cert };
}
