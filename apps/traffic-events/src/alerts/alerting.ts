import { accountKey } from '@traffic-events/client';
import { accountsOf, RunFailedError, selectAccounts } from '@traffic-events/program/extraction';
import type { AccountArguments, ExtractionReport } from '@traffic-events/program/extraction';
import type { InstantMs } from '@traffic-events/slice';
import type { PartitionStatus } from '@traffic-events/warehouse';
import type { CommandContext } from '../connections.ts';
import { consentStanding } from '../consent/consent-end.ts';
import { warehouseOf } from '../warehouse.ts';
import type { Alert } from './alert.ts';
import { alertsOf } from './alerts-of-run.ts';
import { sendAlert } from './send-alert.ts';

/** The same matter is told once in this time. */
const AGAIN_MS = 86_400_000;

interface RunEnd {
  readonly report?: ExtractionReport;
  readonly error?: unknown;
}

/** Tells the webhooks of a configuration what came of runs; one for the life of a process. */
export class Alerting {
  readonly #selection: AccountArguments;
  readonly #sentMs = new Map<string, InstantMs>();
  #sinceMs: InstantMs | undefined;

  constructor(selection: AccountArguments) {
    this.#selection = selection;
  }

  /** Runs `work` and tells of it; answers, or throws, what it did. */
  async watch(
    context: CommandContext,
    work: () => Promise<ExtractionReport>,
  ): Promise<ExtractionReport> {
    this.#sinceMs ??= context.clock.now();
    try {
      const report = await work();
      await this.#tell(context, { report });
      return report;
    } catch (error) {
      await this.#tell(context, { error });
      throw error;
    }
  }

  async #tell(context: CommandContext, end: RunEnd): Promise<void> {
    const { alerts: webhooks = [] } = context.config;
    if (webhooks.length === 0) return;
    const alerts = await this.#alertsOf(context, end);
    const sending = webhooks.flatMap((webhook) =>
      alerts
        .filter(({ event }) => webhook.events?.includes(event) ?? true)
        .map((alert) => sendAlert(webhook, alert, context)),
    );
    await Promise.all(sending);
  }

  async #alertsOf(context: CommandContext, { report, error }: RunEnd): Promise<Alert[]> {
    const { config, clock, signal } = context;
    const nowMs = clock.now();
    const summary = error instanceof RunFailedError ? error.summary : report?.summary;
    const isUnwell = error !== undefined || (summary?.failedAccounts.length ?? 0) > 0;
    // Whoever asked it to stop is not told that it has.
    const failure = error === undefined || signal.aborted ? undefined : reasonOf(error);
    const all = alertsOf({
      summary,
      failure,
      accounts: selectAccounts(accountsOf(config), this.#selection).map(accountKey),
      statuses: isUnwell && !signal.aborted ? await statusesOf(context) : undefined,
      consent: consentStanding(config.credentials.consent_ends, nowMs),
      nowMs,
      sinceMs: this.#sinceMs ?? nowMs,
    });
    if (!isUnwell) this.#sinceMs = nowMs;
    return all.filter(({ id }) => this.#isNew(id, nowMs));
  }

  #isNew(id: string, nowMs: InstantMs): boolean {
    const sentMs = this.#sentMs.get(id);
    if (sentMs !== undefined && nowMs - sentMs < AGAIN_MS) return false;
    this.#sentMs.set(id, nowMs);
    return true;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Undefined where the warehouse is what is down. */
async function statusesOf({ config }: CommandContext): Promise<PartitionStatus[] | undefined> {
  try {
    const warehouse = await warehouseOf(config);
    return await warehouse.readStatus();
  } catch {
    return undefined;
  }
}
