import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run } from '../e2e/programs.ts';

const ROOT = resolve(import.meta.dirname, '../..');
interface Plugin {
  readonly name: string;
  readonly settings: readonly MeltanoSetting[];
  readonly config?: Readonly<Record<string, unknown>>;
}

interface MeltanoSetting {
  readonly name: string;
  readonly kind?: string;
  readonly sensitive?: boolean;
  readonly options?: readonly { readonly value: string }[];
}

interface AboutSetting {
  readonly type: readonly string[];
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly secret?: boolean;
}

async function aboutSettings(program: string): Promise<Readonly<Record<string, AboutSetting>>> {
  const { stdout } = await run(program, ['--about', '--format', 'json']);
  const about = JSON.parse(stdout) as {
    readonly settings: { readonly properties: Readonly<Record<string, AboutSetting>> };
  };
  return about.settings.properties;
}

/** As Meltano names what `--about` describes. */
function meltanoSetting(name: string, about: AboutSetting | undefined): MeltanoSetting {
  const kind = about?.format === 'date' ? 'date_iso8601' : (about?.type[0] ?? 'string');
  return {
    name,
    ...(about?.enum === undefined ? {} : { options: about.enum.map((value) => ({ value })) }),
    ...(about?.enum !== undefined ? { kind: 'options' } : kind === 'string' ? {} : { kind }),
    ...(about?.secret === true ? { sensitive: true } : {}),
  };
}

function pluginOf(project: string, program: string): Plugin {
  const text = readFileSync(resolve(ROOT, `examples/${project}/meltano.yml`), 'utf8');
  const { plugins } = parse(text) as {
    readonly plugins: Readonly<Record<string, readonly Plugin[]>>;
  };
  const found = Object.values(plugins)
    .flat()
    .find(({ name }) => name === program);
  if (found === undefined) throw new Error(`${project} has no ${program}`);
  return found;
}

describe('the examples for Meltano', () => {
  test('have every setting of the tap, as --about has it', async () => {
    const about = await aboutSettings('tap-traffic-events');
    const { settings } = pluginOf('meltano', 'tap-traffic-events');
    const expected = Object.entries(about).map(([name, setting]) => meltanoSetting(name, setting));
    expect(settings).toEqual(expected);
  });

  test('have every setting of target-postgres, as --about has it', async () => {
    const about = await aboutSettings('target-postgres');
    const { settings } = pluginOf('meltano-target', 'target-postgres');
    const expected = Object.entries(about).map(([name, setting]) => meltanoSetting(name, setting));
    expect(settings).toEqual(expected);
  });
});
