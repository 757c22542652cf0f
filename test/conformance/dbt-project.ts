import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '../e2e/programs.ts';
import type { Ended } from '../e2e/programs.ts';
import { peerFolder } from './python-peers.ts';

const PACKAGE = resolve(import.meta.dirname, '../../dbt');

/** How dbt reaches a warehouse: what stands in a profile. */
type DbtTarget = Readonly<Record<string, string | number>>;

/** The dbt package in a folder of its own, with the profile that its README tells to make. */
export class DbtProject implements Disposable {
  readonly #folder: string;
  readonly #dbt: string;

  private constructor(folder: string, dbt: string) {
    this.#folder = folder;
    this.#dbt = dbt;
  }

  static async create(target: DbtTarget): Promise<DbtProject> {
    const folder = mkdtempSync(join(tmpdir(), 'traffic-events-dbt-'));
    cpSync(PACKAGE, join(folder, 'dbt'), { recursive: true });
    mkdirSync(join(folder, 'profiles'));
    const profile = { traffic_events: { target: 'tested', outputs: { tested: target } } };
    writeFileSync(join(folder, 'profiles/profiles.yml'), JSON.stringify(profile));
    return new DbtProject(folder, join(await peerFolder('dbt'), 'dbt'));
  }

  /** The folder with what dbt has made. */
  get target(): string {
    return join(this.#folder, 'dbt/target');
  }

  dbt(...args: readonly string[]): Promise<Ended> {
    const folders = ['--project-dir', join(this.#folder, 'dbt')];
    const profiles = ['--profiles-dir', join(this.#folder, 'profiles')];
    const log = ['--log-path', join(this.#folder, 'logs')];
    return run(this.#dbt, [...args, ...folders, ...profiles, ...log], {
      DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    });
  }

  /** A file of JSON that dbt has left in its target. */
  artifact(name: string): unknown {
    return JSON.parse(readFileSync(join(this.target, name), 'utf8'));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
