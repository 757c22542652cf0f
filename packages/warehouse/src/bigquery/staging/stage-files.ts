import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StageFile } from './stage-file.ts';

/** The files of a run, in a directory that goes with it. */
export class StageFiles {
  readonly #directory: string;
  #made = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async make(): Promise<StageFiles> {
    return new StageFiles(await mkdtemp(join(tmpdir(), 'traffic-events-')));
  }

  next(): StageFile {
    this.#made += 1;
    return new StageFile(join(this.#directory, `${this.#made}.jsonl`));
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
