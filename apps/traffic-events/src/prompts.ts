import { EXIT, OutcomeError } from '@traffic-events/program';
import { checkbox, confirm, input, password, select } from '@inquirer/prompts';

/** Where questions are asked, and what ends them. */
export interface PromptContext {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly signal?: AbortSignal;
}

export interface TextQuestion {
  readonly message: string;
  readonly default?: string;
  /** Says what is wrong with an answer; undefined where it is right. */
  readonly faultOf?: (answer: string) => string | undefined;
}

export interface Choice<Value> {
  readonly value: Value;
  readonly name: string;
  readonly checked?: boolean;
}

/** Somebody pressed Ctrl-C instead of answering. */
class QuestionLeftError extends OutcomeError {
  override readonly name = 'QuestionLeftError';
  readonly exitCode = EXIT.interrupted;
}

/** Asks a person. */
export class Prompts {
  readonly #context: PromptContext;

  constructor(context: PromptContext) {
    this.#context = context;
  }

  text({ message, default: given, faultOf }: TextQuestion, signal?: AbortSignal): Promise<string> {
    const config = {
      message,
      required: given === undefined,
      ...(given === undefined ? {} : { default: given }),
      validate: (answer: string) => faultOf?.(answer.trim()) ?? true,
    };
    return this.#ask((context) => input(config, context), signal).then((answer) => answer.trim());
  }

  /** What is typed is not shown. */
  secret(message: string): Promise<string> {
    const question = { message, mask: '*', validate: isGiven };
    return this.#ask((context) => password(question, context)).then((answer) => answer.trim());
  }

  one<Value>(message: string, choices: readonly Choice<Value>[]): Promise<Value> {
    return this.#ask((context) => select<Value>({ message, choices }, context));
  }

  some<Value>(
    message: string,
    choices: readonly Choice<Value>[],
    { required = true } = {},
  ): Promise<Value[]> {
    return this.#ask((context) => checkbox<Value>({ message, choices, required }, context));
  }

  yes(message: string, isDefault = true): Promise<boolean> {
    return this.#ask((context) => confirm({ message, default: isDefault }, context));
  }

  async #ask<Answer>(
    question: (context: PromptContext) => Promise<Answer>,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const signals = [this.#context.signal, signal].filter((each) => each !== undefined);
    try {
      return await question({ ...this.#context, signal: AbortSignal.any(signals) });
    } catch (error) {
      const isLeft = error instanceof Error && error.name === 'ExitPromptError';
      throw isLeft ? new QuestionLeftError('stopped', { cause: error }) : error;
    }
  }
}

function isGiven(answer: string): true | string {
  return answer.trim() !== '' || 'A value is needed.';
}

/** Asks on the terminal; undefined where nobody sits at one. What is asked goes beside the output. */
export function terminalPrompts(signal: AbortSignal): Prompts | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return new Prompts({ input: process.stdin, output: process.stderr, signal });
}
