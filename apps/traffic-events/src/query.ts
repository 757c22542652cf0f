import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Account, AccountClient, WorkflowExecution } from '@traffic-events/client';
import type { Window } from '@traffic-events/slice';
import { openClient } from './connections.ts';
import type { Surroundings } from './connections.ts';

/** An execution that ended without a result; the message has the service's reason. */
export class QueryFailedError extends Error {
  override readonly name = 'QueryFailedError' as const;
  readonly code = 'query_failed';
}

export interface Query {
  readonly account: Account;
  readonly sqlQuery: string;
  readonly window: Window;
  /** Column that flags suppressed rows; they are dropped unless it is named. */
  readonly discriminator?: string | undefined;
}

/** Runs a query and writes its result as it is delivered: CSV with a header. */
export async function runQuery(
  surroundings: Surroundings,
  { account, sqlQuery, window, discriminator }: Query,
  output: Writable,
): Promise<void> {
  const { signal } = surroundings;
  const client = openClient(surroundings);
  try {
    const api = client.account(account);
    const created = await api.createExecution(
      {
        kind: 'sql',
        workflowId: `query-${randomUUID()}`,
        sqlQuery,
        window,
        ...(discriminator === undefined
          ? {}
          : { filteredMetricsDiscriminatorColumn: discriminator }),
      },
      { signal },
    );
    await writeResult(api, await finish(surroundings, api, created), output, signal);
  } finally {
    await client.close();
  }
}

async function finish(
  { log, signal }: Surroundings,
  api: AccountClient,
  created: WorkflowExecution,
): Promise<WorkflowExecution> {
  log.logger.info('query.created', { execution_id: created.id });
  const ended = await api.runToCompletion(created, {
    signal,
    onProgress: ({ execution }) => log.logger.info('query.polled', { status: execution.status }),
  });
  if (ended.state === 'succeeded') return ended;
  throw new QueryFailedError(
    `Execution ${ended.id} ended as ${ended.status}: ${ended.reason ?? 'the service gives no reason'}`,
  );
}

async function writeResult(
  api: AccountClient,
  { id }: WorkflowExecution,
  output: Writable,
  signal: AbortSignal,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'traffic-events-query-'));
  try {
    const { files } = await api.download(id, { directory, signal });
    for (const { path } of files) {
      await pipeline(createReadStream(path), output, { end: false, signal });
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
