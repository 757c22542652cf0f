import { run } from '../e2e/programs.ts';

/** A setting as `--about --format json` describes it. */
export interface AboutSetting {
  readonly type: readonly string[];
  readonly description: string;
  readonly default?: unknown;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly secret?: boolean;
}

interface AboutSettings {
  readonly properties: Readonly<Record<string, AboutSetting>>;
  readonly required: readonly string[];
}

/** What a Singer program says of its settings. */
export async function aboutOf(program: string): Promise<AboutSettings> {
  const { stdout } = await run(program, ['--about', '--format', 'json']);
  return (JSON.parse(stdout) as { readonly settings: AboutSettings }).settings;
}
