import { aboutJson, aboutMarkdown, aboutText } from '@traffic-events/singer';
import type { ProgramDescription } from '@traffic-events/singer';
import { Option } from 'commander';

const FORMATS = ['text', 'json', 'markdown'] as const;

export type AboutFormat = (typeof FORMATS)[number];

/** `--format`, of `--about`. */
export const aboutFormatOption = () =>
  new Option('--format <format>', 'of --about').choices(FORMATS).default('text');

/** What `--about` prints. */
export function about(program: ProgramDescription, format: AboutFormat): string {
  if (format === 'markdown') return aboutMarkdown(program);
  return format === 'json'
    ? `${JSON.stringify(aboutJson(program), null, 2)}\n`
    : aboutText(program);
}
