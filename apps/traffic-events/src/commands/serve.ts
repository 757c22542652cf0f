import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { ConfigError, EXIT } from '@traffic-events/program';
import { Command, Option } from 'commander';
import { isLoopback, PageServer } from '../page/page-server.ts';
import { usableSource } from '../page/page-source.ts';
import { parseListenAddress } from '../service/health-server.ts';
import type { ListenAddress } from '../service/health-server.ts';
import { warehouseOf } from '../warehouse.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface ServeArguments extends CommonArguments {
  readonly listen: ListenAddress;
  readonly tokenFile?: string;
}

const DEFAULT_LISTEN = '127.0.0.1:8640';
const SHORTEST_TOKEN = 16;

const EXAMPLES = `
Examples:
  $ traffic-events serve
  $ traffic-events serve --listen 0.0.0.0:8640 --token-file page.token

It shows what the warehouse holds: coverage of every account and stream, each execution of a date, daily
trends, runs and failures. It changes nothing; a role that may only read is enough. A browser asks for the
token as a password, with any user name; programs send it as a bearer token.`;

export function serveCommand(exit: (code: number) => void): Command {
  return new Command('serve')
    .description('a page that shows what the warehouse holds, live')
    .addOption(configOption())
    .addOption(
      new Option('--listen <address>', 'where it answers')
        .argParser(parseListenAddress)
        .default(parseListenAddress(DEFAULT_LISTEN), DEFAULT_LISTEN),
    )
    .option(
      '--token-file <file>',
      'a file with the token that is asked for; needed beyond loopback',
    )
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: ServeArguments) => exit(await runServe(args)));
}

async function runServe(args: ServeArguments): Promise<number> {
  return runCommand({ ...args, isService: true }, async ({ config, clock, logger, signal }) => {
    const { listen } = args;
    const token = args.tokenFile === undefined ? undefined : tokenIn(args.tokenFile);
    if (token === undefined && !isLoopback(listen)) {
      throw new ConfigError(
        `--listen ${listen.host}:${listen.port}: others can reach it. Name a file with a token by --token-file, or listen on 127.0.0.1.`,
      );
    }
    const source = usableSource({ config, clock, warehouse: await warehouseOf(config) });
    await using server = await PageServer.start({ listen, token, source, logger });
    logger.info({ url: server.url }, 'page.served');
    if (!signal.aborted) await once(signal, 'abort');
    return EXIT.done;
  });
}

function tokenIn(path: string): string {
  const token = read(path).trim();
  if (token.length >= SHORTEST_TOKEN && /^[\w.~+/=-]+$/.test(token)) return token;
  throw new ConfigError(
    `--token-file ${path}: expected a token of ${SHORTEST_TOKEN} characters or more, of letters, digits and -._~+/=. openssl rand -hex 24 makes one.`,
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`--token-file ${path}: cannot be read (${code ?? message}).`, { cause });
  }
}
