import { ConfigError, EXIT, OutcomeError } from '@traffic-events/program';
import { Option } from 'commander';
import { terminalPrompts } from './prompts.ts';

export interface YesArguments {
  readonly yes: boolean;
}

export const yesOption = () => new Option('--yes', 'do not ask').default(false);

/** Somebody said no: nothing was done. */
class NotWantedError extends OutcomeError {
  override readonly name = 'NotWantedError';
  readonly exitCode = EXIT.interrupted;
}

/** Returns where the answer is yes, or was given with `--yes`; where nobody can be asked it throws. */
export async function askFirst(
  { yes }: YesArguments,
  question: string,
  signal: AbortSignal,
): Promise<void> {
  if (yes) return;
  const prompts = terminalPrompts(signal);
  if (prompts === undefined) {
    throw new ConfigError('Nobody can be asked here. Nothing was changed; --yes goes on unasked.');
  }
  if (await prompts.yes(question, false)) return;
  throw new NotWantedError('Nothing was changed.');
}
