import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StageFile } from './stage-file.ts';

/** The files of a run, in a directory that is made with the first of them and goes with the run. */
export class StageFiles {
  #directory: string | undefined;
  #made = 0;

  next(): StageFile {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'traffic-events-'));
    this.#made += 1;
    return new StageFile(join(this.#directory, `${this.#made}.jsonl`));
  }

  async remove(): Promise<void> {
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
  }
}
