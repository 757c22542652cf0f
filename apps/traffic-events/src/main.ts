import tab from '@bomb.sh/tab/commander';
import {
  envFileOption,
  EXIT_CODES_HELP,
  exitCodeOfError,
  ignoreClosedOutput,
  loadDotEnv,
  reportError,
} from '@traffic-events/program';
import type { EnvFileArguments } from '@traffic-events/program';
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { accountCommand } from './commands/account.ts';
import { backfillCommand } from './commands/backfill.ts';
import { checkCommand } from './commands/check.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { initCommand } from './commands/init.ts';
import { loginCommand } from './commands/login.ts';
import { queryCommand, withSqlApart } from './commands/query.ts';
import { ratesCommand } from './commands/rates.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { serveCommand } from './commands/serve.ts';
import { simulateCommand } from './commands/simulate.ts';
import { stateCommand } from './commands/state.ts';
import { statusCommand } from './commands/status.ts';
import { syncCommand } from './commands/sync.ts';
import { verifyCommand } from './commands/verify.ts';
import { viewsCommand } from './commands/views.ts';

const exit = (code: number) => {
  process.exitCode = code;
};

const program = new Command('traffic-events')
  .description("Keeps a warehouse copy of Amazon traffic events that outlives the API's 30 days.")
  .version(packageJson.version)
  .addCommand(initCommand(exit))
  .addCommand(loginCommand(exit))
  .addCommand(checkCommand(exit))
  .addCommand(syncCommand(exit))
  .addCommand(backfillCommand(exit))
  .addCommand(rebuildCommand(exit))
  .addCommand(statusCommand(exit))
  .addCommand(serveCommand(exit))
  .addCommand(verifyCommand(exit))
  .addCommand(stateCommand(exit))
  .addCommand(accountCommand(exit))
  .addCommand(doctorCommand(exit))
  .addCommand(viewsCommand(exit))
  .addCommand(ratesCommand(exit))
  .addCommand(queryCommand(exit))
  .addCommand(simulateCommand(exit))
  .addCommand(demoCommand(exit))
  .addHelpText('afterAll', EXIT_CODES_HELP)
  .exitOverride();
for (const command of within(program)) {
  command.exitOverride();
  if (command.commands.length === 0) command.addOption(envFileOption());
}
tab(program);
program.hook('preAction', (_, action) => loadDotEnv(action.opts<EnvFileArguments>().envFile));

ignoreClosedOutput();
try {
  await program.parseAsync(withSqlApart(process.argv));
} catch (error) {
  reportError('traffic-events', error);
  exit(exitCodeOfError(error));
}

/** Every command below one, at whatever depth. */
function within(command: Command): Command[] {
  return command.commands.flatMap((each) => [each, ...within(each)]);
}
