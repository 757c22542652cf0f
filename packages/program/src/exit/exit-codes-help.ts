import { EXIT } from './exit-code.ts';

/** What each exit code means, for `--help`; docs/operations.md says what each asks for. */
export const EXIT_CODE_MEANINGS: readonly (readonly [code: string, meaning: string])[] = [
  [`${EXIT.done}`, 'done'],
  [`${EXIT.fault}`, 'a fault of the program'],
  [`${EXIT.configuration}`, 'the configuration is wrong'],
  [`${EXIT.credentials}`, 'Login with Amazon refused the credentials'],
  [`${EXIT.warehouse}`, 'the warehouse cannot be used'],
  [`${EXIT.slicesFailed}`, 'some slices failed, or data cannot be loaded'],
  [`${EXIT.dateAtRisk}`, 'a date is at risk or newly lost'],
  [`${EXIT.busy}`, 'busy: another run holds an account'],
  [`${EXIT.service}`, 'the service refused, or cannot be reached'],
  [`${EXIT.differs}`, 'verify: what is held is not what the ledger says'],
  [
    `${EXIT.hungUp}, ${EXIT.interrupted}, ${EXIT.terminated}`,
    'stopped by a closed terminal, Ctrl-C, SIGTERM',
  ],
];

/** The end of every `--help`. */
export const EXIT_CODES_HELP = `
Exit codes:
${EXIT_CODE_MEANINGS.map(([code, meaning]) => `  ${code.padEnd(15)}${meaning}`).join('\n')}
Of several the first of 2, 3, 6, 4, 9, 8, 5, 7.`;
