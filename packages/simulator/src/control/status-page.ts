import type { FastifyInstance } from 'fastify';
import type { Simulation } from '../simulation.ts';
import { behaviourSchema } from '../settings/behaviour.ts';
import type { Behaviour } from '../settings/behaviour.ts';

/** Executions on the page, newest first; /_simulator/executions has them all. */
const SHOWN_EXECUTIONS = 50;

/** `GET /` as plain text: accounts, executions, the clock, the faults that are on. */
export function registerStatusPage(server: FastifyInstance, simulation: Simulation): void {
  server.get('/', async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(statusPage(simulation)),
  );
}

function statusPage(simulation: Simulation): string {
  return [
    'Traffic events API simulator',
    ...section('Clock', clockLines(simulation)),
    ...section('Accounts', accountLines(simulation)),
    ...section('Switches that differ from their defaults', switchLines(simulation)),
    ...section('Faults', faultLines(simulation)),
    ...section('Executions, newest first', executionLines(simulation)),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return ['', title, ...(lines.length === 0 ? ['  none'] : lines.map((line) => `  ${line}`))];
}

function clockLines({ clock }: Simulation): string[] {
  const speed = clock.scale === 0 ? 'stands still' : `runs at ${clock.scale} times real time`;
  return [`${new Date(clock.now()).toISOString()}, ${speed}`];
}

function accountLines({ accounts, executions, clock }: Simulation): string[] {
  const nowMs = clock.now();
  return accounts.all.map((account) => {
    const all = executions.of(account);
    const active = all.filter((each) => each.isActiveAt(nowMs)).length;
    const { maxActiveExecutions } = account.behaviour;
    const headers = [...account.headerSpellings].join(' and ');
    const named = headers === '' ? '' : `, named by ${headers}`;
    return `${account.key}  ${all.length} executions, ${active} of ${maxActiveExecutions} slots taken${named}`;
  });
}

function switchLines({ switches, accounts }: Simulation): string[] {
  const defaults = behaviourSchema.parse({});
  return [
    ...changed(switches.current, defaults),
    ...accounts.all.flatMap((account) =>
      changed(account.behaviour, switches.current).map((line) => `${account.key}  ${line}`),
    ),
  ];
}

function changed(behaviour: Behaviour, base: Behaviour): string[] {
  return Object.entries(behaviour)
    .filter(([name, value]) => !isEqual(value, base[name as keyof Behaviour]))
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function faultLines({ faults }: Simulation): string[] {
  const { plan, struck } = faults;
  const rules = plan.rules.map((rule) => {
    const { operation, account, from, times, fault } = rule;
    const until = times === null ? 'on' : `to ${from + times - 1}`;
    return `${[operation].flat().join(', ')} ${account ?? 'of any account'}, request ${from} ${until}: ${JSON.stringify(fault)}`;
  });
  return [...rules, ...(rules.length > 0 ? [`${struck.length} have struck`] : [])];
}

function executionLines({ executions, clock }: Simulation): string[] {
  const nowMs = clock.now();
  return executions
    .all()
    .slice(-SHOWN_EXECUTIONS)
    .toReversed()
    .flatMap((each) => {
      const created = new Date(each.createTimeMs).toISOString();
      const reason = each.reasonAt(nowMs);
      const { startOriginal, endOriginal, timeZone } = each.window;
      return [
        `${each.id}  ${each.statusAt(nowMs)}  created ${created}  ${each.account.key}  ${each.workflowId}`,
        `  ${startOriginal} to ${endOriginal} ${timeZone}  ${each.request.sqlQuery}`,
        ...(reason === undefined ? [] : [`  ${reason}`]),
      ];
    });
}
