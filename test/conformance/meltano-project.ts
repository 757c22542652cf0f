import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { peerFolder } from './python-peers.ts';
import type { Peer } from './python-peers.ts';
import { runProgram } from './run-program.ts';
import type { Ended } from './run-program.ts';
import type { TapWorld } from './tap-world.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The example's Meltano project, in a folder of its own, beside a simulated API. */
export class MeltanoProject {
  readonly folder: string;
  readonly #world: TapWorld;
  readonly #meltano: string;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(options: {
    world: TapWorld;
    folder: string;
    meltano: string;
    environment: Readonly<Record<string, string>>;
  }) {
    this.#world = options.world;
    this.folder = options.folder;
    this.#meltano = options.meltano;
    this.#environment = options.environment;
  }

  /** `loader` is installed where it is missing; `settings` are those of the plugins' environment. */
  static async create(
    world: TapWorld,
    loader: Peer,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<MeltanoProject> {
    const folder = join(world.folder, 'meltano');
    cpSync(join(ROOT, 'examples/meltano'), folder, { recursive: true });
    const meltano = await peerFolder('meltano');
    const { client_id, client_secret, refresh_token, api_url } = world.config('');
    const path = [meltano, await peerFolder(loader), join(ROOT, 'node_modules/.bin')];
    const environment = {
      PATH: [...path, world.environment['PATH']].join(':'),
      TAP_TRAFFIC_EVENTS_CLIENT_ID: client_id,
      TAP_TRAFFIC_EVENTS_CLIENT_SECRET: client_secret,
      TAP_TRAFFIC_EVENTS_REFRESH_TOKEN: refresh_token,
      TAP_TRAFFIC_EVENTS_API_URL: api_url,
      TAP_TRAFFIC_EVENTS_TOKEN_URL: `${api_url}/auth/o2/token`,
      MELTANO_SEND_ANONYMOUS_USAGE_STATS: 'false',
      ...settings,
    };
    return new MeltanoProject({ world, folder, meltano: join(meltano, 'meltano'), environment });
  }

  meltano(...args: readonly string[]): Promise<Ended> {
    const environment = { ...this.#world.environment, ...this.#environment };
    return runProgram(this.#meltano, args, { environment, folder: this.folder });
  }
}
