import { Command } from 'commander';
import type { OperationKind } from '@rovi/contract';
import { EXIT } from '../exit-codes.js';
import { endWith, type VerbContext } from '../verb.js';
import { stackListVerb } from './stack-list.js';
import { stackWhyVerb } from './stack-why.js';

interface Flags {
  reason?: string;
  json?: true;
  ask?: true;
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

/** `rovictl stack start|stop|switch|restart|why NAME` and `rovictl stack list`. */
export function stackVerb(context: VerbContext): Command {
  const group = new Command('stack')
    .description('start, stop, switch, restart and list stacks, and say why one ended')
    .helpCommand(false);
  for (const { kind, description } of commands) {
    const command = new Command(kind)
      .description(description)
      .argument('<name>', 'the stack')
      .option('--reason <text>', 'why; kept in the record of the operation', '')
      .option('--json', "the operation's record as JSON")
      .action(async (name: string, flags: Flags) => {
        const { runCommand } = await import('../stack-command.js');
        const { stopWithoutGateway } = await import('../gateway-fallback.js');
        const asked = flags.ask === true ? await ask(context, { command: kind, stack: name }) : {};
        if (asked === null) return;
        await runCommand(
          { terminal: context.terminal, client: await context.client() },
          { kind, stack: name, reason: flags.reason ?? '', ...asked },
          {
            json: flags.json === true,
            ...(kind === 'stop'
              ? { fallback: (signal: AbortSignal) => stopWithoutGateway(context, name, signal) }
              : {}),
          },
        );
      });
    if (kind === 'switch') command.option('-i, --ask', 'show what it would stop, and ask first');
    group.addCommand(command);
  }
  return group.addCommand(stackListVerb(context)).addCommand(stackWhyVerb(context));
}

/** Shows what it would hit and asks; the token that confirms it, none where it hits nothing, null for a no. */
async function ask(
  context: VerbContext,
  intent: { readonly command: OperationKind; readonly stack: string },
): Promise<{ confirm?: string } | null> {
  const { askYesOrNo } = await import('../ask.js');
  const { impactText } = await import('../views/impact.js');
  const { terminal } = context;
  const impact = await (await context.client()).impact(intent);
  terminal.err(impactText(impact, Date.now(), terminal.errColour));
  if (impact.affects.length === 0) return {};
  if (await askYesOrNo(terminal, `${intent.command} to ${intent.stack}?`)) return { confirm: impact.token };
  terminal.err('nothing was done\n');
  endWith(EXIT.refused);
  return null;
}
