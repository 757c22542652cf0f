import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OPERATIONS } from '../faults/fault.ts';
import { SimulatorSettingsError } from '../settings/simulator-settings-error.ts';

const headers = z.record(z.string(), z.string());

/** A request and its answer, as the client's capture writes them. Unknown keys do no harm. */
const capturedPairSchema = z.object({
  version: z.literal(1),
  operation: z.enum(OPERATIONS),
  account: z.string(),
  sentAt: z.iso.datetime(),
  request: z.object({ method: z.string(), url: z.string() }),
  response: z
    .object({
      status: z.number().int(),
      headers,
      body: z.string().optional(),
      bodyBase64: z
        .string()
        .transform((text) => Buffer.from(text, 'base64'))
        .optional(),
    })
    .optional(),
});

export type CapturedPair = z.output<typeof capturedPairSchema>;

/** The pairs of a folder in the order of their file names, which is that of time. */
export async function readCapturedPairs(directory: string): Promise<CapturedPair[]> {
  const names = (await readNames(directory)).filter((name) => name.endsWith('.json')).sort();
  if (names.length === 0) {
    throw new SimulatorSettingsError(
      `replay: there are no captured pairs (*.json) in ${directory}`,
    );
  }
  return Promise.all(names.map((name) => readPair(join(directory, name))));
}

async function readNames(directory: string): Promise<string[]> {
  return readdir(directory).catch((cause: unknown) => {
    throw new SimulatorSettingsError(`replay.directory: ${directory} cannot be read`, { cause });
  });
}

async function readPair(path: string): Promise<CapturedPair> {
  const parsed = capturedPairSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new SimulatorSettingsError(
    `replay: ${path} is no captured pair:\n${z.prettifyError(parsed.error)}`,
  );
}
