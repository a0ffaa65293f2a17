import { Command } from 'commander';
import type { OperationKind } from '@rovi/contract';
import type { VerbContext } from '../verb.js';
import { stackListVerb } from './stack-list.js';

interface Flags {
  reason?: string;
  json?: true;
}

const commands: readonly {
  readonly kind: Exclude<OperationKind, 'stop-all'>;
  readonly description: string;
}[] = [
  { kind: 'start', description: 'start a stack; refused while another one holds the robot' },
  {
    kind: 'stop',
    description: 'stop a stack; never refused, and past the gateway where that does not answer',
  },
  { kind: 'switch', description: 'stop what runs and start this stack; goes back if it does not come up' },
  { kind: 'restart', description: 'stop and start a stack' },
];

/** `rovictl stack start|stop|switch|restart NAME` and `rovictl stack list`. */
export function stackVerb(context: VerbContext): Command {
  const group = new Command('stack')
    .description('start, stop, switch, restart and list stacks')
    .helpCommand(false);
  for (const { kind, description } of commands) {
    group.addCommand(
      new Command(kind)
        .description(description)
        .argument('<name>', 'the stack')
        .option('--reason <text>', 'why; kept in the record of the operation', '')
        .option('--json', "the operation's record as JSON")
        .action(async (name: string, flags: Flags) => {
          const { runCommand } = await import('../stack-command.js');
          const { stopWithoutGateway } = await import('../gateway-fallback.js');
          await runCommand(
            { terminal: context.terminal, client: await context.client() },
            { kind, stack: name, reason: flags.reason ?? '' },
            {
              json: flags.json === true,
              ...(kind === 'stop'
                ? { fallback: (signal: AbortSignal) => stopWithoutGateway(context, name, signal) }
                : {}),
            },
          );
        }),
    );
  }
  return group.addCommand(stackListVerb(context));
}
