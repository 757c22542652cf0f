import { join } from 'node:path';

import type { ArchivedExecution } from './archive.ts';

const DESCRIPTION = '.json';
const PART = /^(.+)\.\d+\.csv\.gz$/;

/** `<stream>/<account>/<date>` of an execution, below the folder of an archive. */
export function sliceFolderOf({ stream, account_id, event_date }: ArchivedExecution): string {
  return join(fileName(stream), fileName(account_id), event_date);
}

export function descriptionName({ execution_id }: ArchivedExecution): string {
  return `${fileName(execution_id)}${DESCRIPTION}`;
}

/** Name of a part, counted from 0. */
export function partName({ execution_id }: ArchivedExecution, index: number): string {
  return `${fileName(execution_id)}.${index}.csv.gz`;
}

/** The descriptions among the names of a folder; all else that is no part is somebody else's. */
export function descriptionsAmong(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith(DESCRIPTION)).sort();
}

/** Descriptions that parts among the names should have, and have not. */
export function missingDescriptions(names: readonly string[]): string[] {
  const wanted = names.flatMap((name) => {
    const [, execution] = PART.exec(name) ?? [];
    return execution === undefined ? [] : [`${execution}${DESCRIPTION}`];
  });
  return [...new Set(wanted)].filter((name) => !names.includes(name)).sort();
}

/** `DE:dsp:1234@Europe/Berlin` as a name that every file system takes, and that leads nowhere else. */
export function fileName(text: string): string {
  const name = text.replaceAll(/[^A-Za-z0-9._-]/g, (character) =>
    character === ':' ? '=' : escaped(character),
  );
  return name.startsWith('.') ? `${escaped('.')}${name.slice(1)}` : name;
}

/** The text that a name was made of; undefined for a name that was made of none. */
export function textOf(name: string): string | undefined {
  const text = name
    .replaceAll('=', ':')
    .replaceAll(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  return fileName(text) === name ? text : undefined;
}

function escaped(character: string): string {
  return `%${character.charCodeAt(0).toString(16)}`;
}
