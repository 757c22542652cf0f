import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  emulatorPython,
  generatedStatements,
  hasEmulator,
} from '@traffic-events/warehouse/bigquery/testing';
import { describe, expect, test } from 'vitest';

const PARSE = `
import json, sys, sqlglot
faults = []
for name, text in json.load(sys.stdin):
    try:
        for statement in sqlglot.parse(text, dialect="bigquery", error_level=sqlglot.ErrorLevel.RAISE):
            if isinstance(statement, sqlglot.exp.Command) and statement.this.upper() not in ("IF", "END", "RAISE"):
                faults.append([name, "not understood: " + statement.sql()[:80]])
    except Exception as error:
        faults.append([name, str(error)])
print(json.dumps({"faults": faults, "version": sqlglot.__version__}))
`;

describe.skipIf(!hasEmulator())('the statements that the loader writes', () => {
  test('parse as BigQuery, all of them', async () => {
    const statements = Object.entries(generatedStatements());
    expect(statements.length).toBeGreaterThan(10);
    const running = promisify(execFile)(await emulatorPython(), ['-c', PARSE]);
    running.child.stdin?.end(JSON.stringify(statements));
    const { stdout } = await running;
    expect(JSON.parse(stdout)).toMatchObject({ faults: [] });
  });
});
