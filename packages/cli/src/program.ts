import { Command, InvalidArgumentError } from 'commander';
import { exitCodeHelp } from './exit-codes.js';
import type { Terminal } from './terminal.js';
import { localOnly } from './this-machine.js';
import { oneHostOnly, verbContext } from './verb-context.js';
import { verbPlace } from './verb-places.js';
import { activeVerb } from './verbs/active.js';
import { auditVerb } from './verbs/audit.js';
import { completeVerb } from './verbs/complete.js';
import { completionVerb } from './verbs/completion.js';
import { doctorVerb } from './verbs/doctor.js';
import { estopVerb } from './verbs/estop.js';
import { fleetVerb } from './verbs/fleet.js';
import { generateVerb } from './verbs/generate.js';
import { hostVerb } from './verbs/host.js';
import { logsVerb } from './verbs/logs.js';
import { maintenanceVerb } from './verbs/maintenance.js';
import { operationsVerb } from './verbs/operations.js';
import { planVerb } from './verbs/plan.js';
import { recoverVerb } from './verbs/recover.js';
import { reloadVerb } from './verbs/reload.js';
import { rosVerb } from './verbs/ros.js';
import { serviceVerb } from './verbs/service.js';
import { stackVerb } from './verbs/stack.js';
import { statusVerb } from './verbs/status.js';
import { stopAllVerb } from './verbs/stop-all.js';
import { ticketVerb } from './verbs/ticket.js';
import { timelineVerb } from './verbs/timeline.js';
import { tokenVerb } from './verbs/token.js';
import { topVerb } from './verbs/top.js';
import { validateVerb } from './verbs/validate.js';

interface GlobalFlags {
  host?: string;
  socket?: string;
  catalog?: string;
}

/** The whole command tree, ready to parse. Throws commander's own errors instead of exiting. */
export function buildProgram(terminal: Terminal, version: string): Command {
  const program = new Command('rovictl');
  const context = verbContext({ terminal, version, flags: () => program.opts<GlobalFlags>() });
  program
    .description('Start, stop, switch and watch the stacks, services and tickets of a robot.')
    .version(version, '-V, --version', 'print the version')
    .option(
      '--host <name>',
      'another robot of the inventory, or several: a,b, @label, all (default: $ROVI_HOST, else local)',
      once,
    )
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
    .addCommand(topVerb(context))
    .addCommand(activeVerb(context))
    .addCommand(stackVerb(context))
    .addCommand(stopAllVerb(context))
    .addCommand(serviceVerb(context))
    .addCommand(ticketVerb(context))
    .addCommand(estopVerb(context))
    .addCommand(planVerb(context))
    .addCommand(logsVerb(context))
    .addCommand(maintenanceVerb(context))
    .addCommand(recoverVerb(context))
    .addCommand(reloadVerb(context))
    .addCommand(operationsVerb(context))
    .addCommand(auditVerb(context))
    .addCommand(tokenVerb(context))
    .addCommand(timelineVerb(context))
    .addCommand(rosVerb(context))
    .addCommand(validateVerb(context))
    .addCommand(generateVerb(context))
    .addCommand(doctorVerb(context))
    .addCommand(fleetVerb(context))
    .addCommand(hostVerb(context))
    .addCommand(completionVerb(context))
    .addCommand(completeVerb(context), { hidden: true });
  program.hook('preAction', (_program, command) => {
    const host = context.host();
    const verb = verbWords(command);
    if (host !== null && verbPlace(verb) === 'here') throw localOnly(verb, host);
    if (context.several() !== null && verbPlace(verb) === 'remote') throw oneHostOnly(verb, host ?? '');
  });
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

/** A verb's words, without the program: `stack start`. */
export function verbWords(command: Command): string {
  const above = command.parent;
  if (above === null) return '';
  return `${verbWords(above)} ${command.name()}`.trim();
}

/** Of two hosts that are named, nobody can say which was meant. */
function once(value: string, previous: string | undefined): string {
  // An unset variable of a shell must not make this machine of it.
  if (value === '') throw new InvalidArgumentError('it has no name; this machine is "local".');
  if (previous !== undefined && previous !== value) throw new InvalidArgumentError('two hosts are named.');
  return value;
}

/** The command and all below it. */
export function* everyCommand(command: Command): Generator<Command> {
  yield command;
  for (const child of command.commands) yield* everyCommand(child);
}
