import { Argument, Command } from 'commander';
import type { RoviClient } from '@rovi/client';
import { operationKindSchema, type Impact, type OperationKind } from '@rovi/contract';
import { json } from '../control-codes.js';
import { wholeNumber } from '../numbers.js';
import { UsageError, type VerbContext } from '../verb.js';

interface Flags {
  cascade?: true;
  instances?: number;
  json?: true;
}

/** `rovictl plan COMMAND [NAME] [N]`: what a command would hit, and in which order, without sending it. */
export function planVerb(context: VerbContext): Command {
  return new Command('plan')
    .description('show what a command would stop and start now, services in their order; nothing is done')
    .addArgument(new Argument('<command>', 'what is meant').choices(operationKindSchema.options))
    .argument('[name]', 'the stack or service; none for stop-all')
    .argument('[n]', 'scale: how many, as for `service scale`', wholeNumber(0, 50))
    .option('--cascade', 'restart of a service: start again what ran and requires it')
    .option('--instances <n>', 'scale: the same as n', wholeNumber(0, 50))
    .option('--json', 'as JSON, with the token that confirms exactly this')
    .action(async (command: OperationKind, name: string | undefined, n: number | undefined, given: Flags) => {
      const { terminal } = context;
      if (n !== undefined && given.instances !== undefined) throw new UsageError('how many is said twice');
      const flags = n === undefined ? given : { ...given, instances: n };
      const impact = await impactOf(await context.client(), { command, name, flags });
      const { impactText } = await import('../views/impact.js');
      const view = { now: Date.now(), colour: terminal.colour, width: terminal.width() };
      terminal.out(flags.json ? json(impact) : impactText(impact, view));
    });
}

async function impactOf(
  client: RoviClient,
  { command, name, flags }: { command: OperationKind; name: string | undefined; flags: Flags },
): Promise<Impact> {
  if (command === 'stop-all') {
    if (name !== undefined) throw new UsageError('stop-all takes no stack');
    return client.impact({ command });
  }
  if (name === undefined)
    throw new UsageError(`${command} of which stack or service? (rovictl stack list, rovictl service list)`);
  if ((command === 'scale') !== (flags.instances !== undefined)) {
    throw new UsageError('scale takes how many (rovictl plan scale NAME N), and nothing else does');
  }
  const ofServices = command === 'scale' || command === 'rolling-restart';
  const { isService } = await import('../is-service.js');
  if (command === 'switch' || !(ofServices || (await isService(client, name)))) {
    return client.impact({ command, stack: name });
  }
  return client.serviceImpact({
    command,
    service: name,
    cascade: flags.cascade === true,
    ...(flags.instances === undefined ? {} : { instances: flags.instances }),
  });
}
