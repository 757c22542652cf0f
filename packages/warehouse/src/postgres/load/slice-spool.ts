import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onDisk } from '@traffic-events/client';

/** Slices up to this size never touch the disk. */
const MAX_MEMORY_BYTES = 8 * 1024 * 1024;
const READ_BYTES = 256 * 1024;

const PLACE = {
  folder: tmpdir(),
  purpose: 'the rows of a slice until they are committed',
  cure: 'Make room there, or set TMPDIR to another folder, and run again.',
};

/** The rows of a slice that has not been committed, so that they can be sent once more. */
export class SliceSpool {
  #pieces: Buffer[] = [];
  #memoryBytes = 0;
  #file: FileHandle | undefined;

  /** Once there is a file, pieces go there at once: held ones would grow old before they are freed. */
  async add(bytes: Buffer): Promise<void> {
    const file = this.#file;
    if (file !== undefined) {
      await onDisk(PLACE, () => file.write(bytes));
      return;
    }
    this.#pieces.push(bytes);
    this.#memoryBytes += bytes.length;
    if (this.#memoryBytes > MAX_MEMORY_BYTES) await onDisk(PLACE, () => this.#spill());
  }

  /** Everything that was added, in order; may be read more than once. */
  async *read(): AsyncGenerator<Buffer> {
    if (this.#file !== undefined) yield* piecesOf(this.#file);
    yield* this.#pieces;
  }

  async close(): Promise<void> {
    this.#pieces = [];
    await this.#file?.close();
    this.#file = undefined;
  }

  async #spill(): Promise<void> {
    this.#file ??= await openUnnamed();
    for (const piece of this.#pieces) await this.#file.write(piece);
    this.#pieces = [];
    this.#memoryBytes = 0;
  }
}

/** A file that goes with its handle, even when the process is killed. */
async function openUnnamed(): Promise<FileHandle> {
  const path = join(tmpdir(), `traffic-events-slice-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await rm(path);
  return file;
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
