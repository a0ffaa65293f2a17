import { Command } from 'commander';
import type { StackCommandKind } from '@rovi/contract';
import { EXIT } from '../exit-codes.js';
import { isOfEarlier, type RollingFlags } from '../rolling/rolling-flags.js';
import { asksOnSeveralHosts, rollsOverHosts } from '../several/options.js';
import { endWith, UsageError, type VerbContext } from '../verb.js';
import { stackListVerb } from './stack-list.js';
import { stackWhyVerb } from './stack-why.js';

interface Flags extends RollingFlags {
  ask?: true;
}

const commands: readonly {
  readonly kind: Exclude<StackCommandKind, 'stop-all'>;
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
      .argument(kind === 'restart' ? '[name]' : '<name>', 'the stack')
      .option('--reason <text>', 'why; kept in the record of the operation')
      .option('--json', "the operation's record as JSON")
      .action(async (name: string | undefined, flags: Flags) => {
        if (kind === 'restart' && (flags.rolling || isOfEarlier(flags))) {
          await rolling(context, name, flags);
          return;
        }
        if (name === undefined) throw new UsageError('name the stack');
        if (context.several() !== null) {
          const { commandSeveral } = await import('../several/command-several.js');
          await commandSeveral(context, { kind, stack: name, reason: flags.reason ?? '' }, flags);
          return;
        }
        const { runCommand } = await import('../stack-command.js');
        const { stopWithoutGateway } = await import('../gateway-fallback.js');
        const { clientToStop } = await import('../stop-advice.js');
        const machine = context.thisMachine();
        const client =
          kind === 'stop' ? await clientToStop(context, `stack stop ${name}`) : await context.client();
        const asked = flags.ask === true ? await ask(context, { command: kind, stack: name }) : {};
        if (asked === null) return;
        await runCommand(
          { terminal: context.terminal, client, host: await context.target() },
          { kind, stack: name, reason: flags.reason ?? '', ...asked },
          {
            json: flags.json === true,
            ...(kind === 'stop' && machine !== null
              ? { fallback: (signal: AbortSignal) => stopWithoutGateway(machine, name, signal) }
              : {}),
          },
        );
      });
    if (kind === 'switch') command.option('-i, --ask', 'show what it would stop, and ask first');
    if (kind !== 'stop') asksOnSeveralHosts(command);
    if (kind === 'restart') {
      rollsOverHosts(
        command.option(
          '--rolling',
          'one host after the other, each waited for; ends at the first that fails',
        ),
      );
    }
    group.addCommand(command);
  }
  return group.addCommand(stackListVerb(context)).addCommand(stackWhyVerb(context));
}

async function rolling(context: VerbContext, name: string | undefined, flags: Flags): Promise<void> {
  const { beginRolling, earlierRolling } = await import('../rolling/begin-or-resume.js');
  if (isOfEarlier(flags)) {
    if (name === undefined) return earlierRolling(context, 'stack', flags);
    throw new UsageError('--resume and --list stand alone: what is restarted, and where, is written down');
  }
  if (name === undefined) throw new UsageError('name the stack');
  if (context.several() === null)
    throw new UsageError('--rolling goes from host to host: name several with --host');
  await beginRolling(context, { kind: 'stack', name }, flags);
}

/** Shows what it would hit and asks; the token that confirms it, none where it hits nothing, null for a no. */
async function ask(
  context: VerbContext,
  intent: { readonly command: StackCommandKind; readonly stack: string },
): Promise<{ confirm?: string } | null> {
  const { askYesOrNo } = await import('../ask.js');
  const { impactText } = await import('../views/impact.js');
  const { terminal } = context;
  const impact = await (await context.client()).impact(intent);
  terminal.err(impactText(impact, { now: Date.now(), colour: terminal.errColour }));
  if (impact.affects.length === 0) return {};
  if (await askYesOrNo(terminal, `${intent.command} to ${intent.stack}?`)) return { confirm: impact.token };
  terminal.err('nothing was done\n');
  endWith(EXIT.refused);
  return null;
}
