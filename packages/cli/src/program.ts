import process from 'node:process';
import { Command } from 'commander';
import { exitCodeHelp } from './exit-codes.js';
import type { Terminal } from './terminal.js';
import { actorName, type VerbContext } from './verb.js';
import { activeVerb } from './verbs/active.js';
import { auditVerb } from './verbs/audit.js';
import { completeVerb } from './verbs/complete.js';
import { completionVerb } from './verbs/completion.js';
import { doctorVerb } from './verbs/doctor.js';
import { generateVerb } from './verbs/generate.js';
import { logsVerb } from './verbs/logs.js';
import { operationsVerb } from './verbs/operations.js';
import { planVerb } from './verbs/plan.js';
import { rosVerb } from './verbs/ros.js';
import { stackVerb } from './verbs/stack.js';
import { statusVerb } from './verbs/status.js';
import { stopAllVerb } from './verbs/stop-all.js';
import { timelineVerb } from './verbs/timeline.js';
import { tokenVerb } from './verbs/token.js';
import { validateVerb } from './verbs/validate.js';

interface GlobalFlags {
  socket?: string;
  catalog?: string;
}

/** The whole command tree, ready to parse. Throws commander's own errors instead of exiting. */
export function buildProgram(terminal: Terminal, version: string): Command {
  const program = new Command('rovictl');
  const socket = (): string | undefined =>
    program.opts<GlobalFlags>().socket ?? ((process.env['ROVI_SOCKET'] ?? '') || undefined);
  const context: VerbContext = {
    terminal,
    version,
    socket,
    catalog: () => program.opts<GlobalFlags>().catalog,
    client: async () => {
      const { RoviClient } = await import('@rovi/client');
      const path = socket();
      return new RoviClient({
        ...(path === undefined ? {} : { socketPath: path }),
        actor: actorName(),
        face: 'cli',
      });
    },
  };
  program
    .description('Start, stop, switch and watch the stacks of this robot.')
    .version(version, '-V, --version', 'print the version')
    .option('--socket <path>', "the gateway's socket (default: $ROVI_SOCKET, else /run/rovi/conductor.sock)")
    .option(
      '--catalog <file>',
      'the catalog, for the verbs that read one (default: ./rovi.yaml, else /etc/rovi/rovi.yaml)',
    )
    .option('--no-color', 'no colours (also: NO_COLOR=1)')
    .helpCommand(false)
    .showHelpAfterError('(rovictl --help lists every verb)')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      `\nExit codes:\n${exitCodeHelp.map(([code, text]) => `  ${String(code).padStart(3)}  ${text}`).join('\n')}\n`,
    )
    .addCommand(statusVerb(context))
    .addCommand(activeVerb(context))
    .addCommand(stackVerb(context))
    .addCommand(stopAllVerb(context))
    .addCommand(planVerb(context))
    .addCommand(logsVerb(context))
    .addCommand(operationsVerb(context))
    .addCommand(auditVerb(context))
    .addCommand(tokenVerb(context))
    .addCommand(timelineVerb(context))
    .addCommand(rosVerb(context))
    .addCommand(validateVerb(context))
    .addCommand(generateVerb(context))
    .addCommand(doctorVerb(context))
    .addCommand(completionVerb(context))
    .addCommand(completeVerb(context), { hidden: true });
  for (const command of everyCommand(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        terminal.out(text);
      },
      writeErr: (text) => {
        terminal.err(text);
      },
      getOutHasColors: () => terminal.colour.isColorSupported,
      getErrHasColors: () => terminal.errColour.isColorSupported,
    });
  }
  return program;
}

/** The command and all below it. */
export function* everyCommand(command: Command): Generator<Command> {
  yield command;
  for (const child of command.commands) yield* everyCommand(child);
}
