import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { accountKey } from '@traffic-events/client';
import type { Account, AccountClient, WorkflowExecution } from '@traffic-events/client';
import type { Window } from '@traffic-events/slice';
import { csvResult } from './query-result.ts';
import type { ResultFormat } from './query-result.ts';
import { openApi } from './connections.ts';
import type { CommandContext } from './connections.ts';

/** An execution that ended without a result; the message has the service's reason. */
export class QueryFailedError extends Error {
  override readonly name = 'QueryFailedError' as const;
  readonly code = 'query_failed';
  readonly action = 'skippable';
}

export interface Query {
  readonly account: Account;
  /** What is asked, or the execution that was asked for before. */
  readonly asked: AskedQuery | { readonly executionId: string };
}

export interface AskedQuery {
  readonly sqlQuery: string;
  readonly window: Window;
  /** Column that flags suppressed rows; they are dropped unless it is named. */
  readonly discriminator?: string | undefined;
}

/** Runs a query, or takes up one that runs, and writes its result; CSV cells are as delivered. */
export async function runQuery(
  context: CommandContext,
  { account, asked }: Query,
  output: Writable,
  format: ResultFormat = csvResult,
): Promise<void> {
  const { signal } = context;
  const client = openApi(context);
  try {
    const api = client.account(account);
    const execution =
      'executionId' in asked
        ? await api.getExecution(asked.executionId, { signal })
        : await create(context, api, asked);
    try {
      const ended = await finish(context, api, execution);
      await writeResult(context, api, ended, { output, format });
    } catch (error) {
      if (!(error instanceof QueryFailedError)) tellOfLeft(context, account, execution);
      throw error;
    }
  } finally {
    await client.close();
  }
}

/** It goes on, and costs as much, whether its result is fetched or not. */
function tellOfLeft({ logger }: CommandContext, account: Account, { id }: WorkflowExecution): void {
  const again = `traffic-events query --account ${accountKey(account)} --execution ${id}`;
  logger.warn({ execution_id: id, fetch_by: again }, 'query.left');
}

async function create(
  { logger, signal }: CommandContext,
  api: AccountClient,
  { sqlQuery, window, discriminator }: AskedQuery,
): Promise<WorkflowExecution> {
  const workflowId = `query-${randomUUID()}`;
  const flag =
    discriminator === undefined ? {} : { filteredMetricsDiscriminatorColumn: discriminator };
  const created = await api
    .createExecution({ kind: 'sql', workflowId, sqlQuery, window, ...flag }, { signal })
    .catch((error: unknown) => {
      // Whoever left before the answer came cannot know whether it runs.
      if (signal.aborted) logger.warn({ workflow_id: workflowId }, 'query.may_run');
      throw error;
    });
  logger.info({ execution_id: created.id }, 'query.created');
  return created;
}

async function finish(
  { logger, signal }: CommandContext,
  api: AccountClient,
  created: WorkflowExecution,
): Promise<WorkflowExecution> {
  const ended = await api.runToCompletion(created, {
    signal,
    onProgress: ({ execution }) => logger.info({ status: execution.status }, 'query.polled'),
  });
  if (ended.state === 'succeeded') return ended;
  throw new QueryFailedError(
    `Execution ${ended.id} ended as ${ended.status}: ${ended.reason ?? 'the service gives no reason'}`,
  );
}

async function writeResult(
  { logger, signal }: CommandContext,
  api: AccountClient,
  { id }: WorkflowExecution,
  { output, format }: { readonly output: Writable; readonly format: ResultFormat },
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'traffic-events-query-'));
  try {
    const { files, doubts, mayLack } = await api.download(id, { directory, signal });
    for (const reason of [...doubts, ...mayLack])
      logger.warn({ execution_id: id, reason }, 'query.doubt');
    if (files.length === 0) {
      const reason = 'the API listed no file, which does not say that the result is empty';
      logger.warn({ execution_id: id, reason }, 'query.no_file');
    }
    await pipeline(format(files), output, { end: false, signal });
  } catch (error) {
    if (!isOutputClosed(error)) throw error;
    logger.info({ execution_id: id }, 'query.output_closed');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Whoever reads the output has enough, as `head` does. */
function isOutputClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
