import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import { describe, expect, it } from 'vitest';

import { hasPython, peerFolder } from './python-peers.ts';
import { runProgram } from './run-program.ts';
import { isThorough } from '../reporting/thorough.ts';

const INSTALL_MS = 300_000;
const ROOT = resolve(import.meta.dirname, '../..');

describe.runIf(isThorough && hasPython())('target-postgres as a loader of Meltano', () => {
  it(
    "takes what a tap of another maker sends, digit by digit, and keeps Meltano's state going",
    async () => {
      const database = await createTestDatabase();
      const folder = mkdtempSync(join(tmpdir(), 'meltano-target-'));
      try {
        cpSync(join(ROOT, 'examples/meltano-target'), folder, { recursive: true });
        const path = join(folder, 'users.jsonl');
        const meltano = await peerFolder('meltano');
        const programs = [meltano, await peerFolder('tap-jsonl'), join(ROOT, 'node_modules/.bin')];
        const environment = {
          PATH: [...programs, process.env['PATH']].join(':'),
          HOME: folder,
          MELTANO_SEND_ANONYMOUS_USAGE_STATS: 'false',
          TAP_JSONL_PATH: path,
          TARGET_POSTGRES_URL: database.url,
        };
        const load = async (lines: readonly string[]) => {
          writeFileSync(path, `${lines.join('\n')}\n`);
          const args = ['run', 'tap-jsonl', 'target-postgres'];
          const { code, stderr } = await runProgram(join(meltano, 'meltano'), args, {
            environment,
            folder,
          });
          expect([code, stderr.slice(-2000)]).toEqual([0, expect.any(String)]);
        };
        await load(['{"id":9007199254740993,"name":"a","tags":["x"]}', '{"id":2,"name":""}']);
        await load(['{"id":2,"name":"b","more":1.5}']);
        expect(
          await database.query(
            'SELECT id, name, tags, more, _sdc_table_version FROM loaded.users ORDER BY id',
          ),
        ).toEqual([
          { id: '2', name: 'b', tags: null, more: '1.5', _sdc_table_version: null },
          { id: '9007199254740993', name: 'a', tags: ['x'], more: null, _sdc_table_version: null },
        ]);
        const state = await runProgram(
          join(meltano, 'meltano'),
          ['state', 'get', 'dev:tap-jsonl-to-target-postgres'],
          { environment, folder },
        );
        expect(state.stdout).toContain('"replication_key":"_sdc_last_modified"');
      } finally {
        await database.drop();
        rmSync(folder, { recursive: true });
      }
    },
    INSTALL_MS,
  );
});
