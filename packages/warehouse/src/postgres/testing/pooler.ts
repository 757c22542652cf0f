import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Whether this machine has PgBouncer. */
export function hasPgBouncer(): boolean {
  try {
    execFileSync('pgbouncer', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A real PgBouncer before a server, which hands out a session for one transaction at a time. */
export class Pooler {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #port: number;

  private constructor(process: ChildProcess, folder: string, port: number) {
    this.#process = process;
    this.#folder = folder;
    this.#port = port;
  }

  static async start(serverUrl: string): Promise<Pooler> {
    const folder = mkdtempSync(join(tmpdir(), 'traffic-events-pooler-'));
    const port = await freePort();
    const file = join(folder, 'pgbouncer.ini');
    writeFileSync(file, settings(new URL(serverUrl), port));
    // As root it runs as another user, who has to be let in.
    chmodSync(folder, 0o755);
    const user = userInfo().uid === 0 ? ['--user=postgres'] : [];
    const child = spawn('pgbouncer', [...user, file], { stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const chunk of child.stderr) {
      if (String(chunk).includes('process up')) break;
    }
    return new Pooler(child, folder, port);
  }

  /** The URL of a database of the server, by way of the pooler. */
  url(direct: string): string {
    const url = new URL(direct);
    url.port = String(this.#port);
    return url.href;
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
    rmSync(this.#folder, { recursive: true });
  }
}

function settings({ hostname, port, username, password }: URL, own: number): string {
  return [
    '[databases]',
    `* = host=${hostname} port=${port} user=${username} password=${password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${own}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'default_pool_size = 4',
    // Sessions change hands as often as they can.
    'server_round_robin = 1',
    'server_lifetime = 5',
  ].join('\n');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
