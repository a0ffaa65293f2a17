import type { Operation, StackTicketParams } from '@rovi/contract';
import { RoviError, stackTicketParamsSchema } from '@rovi/contract';
import type { TicketCommand, TicketLimits, TicketSurroundings } from './ticket-command.js';

/** `stack.start`, `stack.stop` and `stack.switch`: the conductor's own commands, with its own rules. */
export const stackCommands: readonly TicketCommand<StackTicketParams>[] = (
  [
    ['start', 'Start a stack.'],
    ['stop', 'Stop a stack. It waits in no queue.'],
    ['switch', 'Stop what runs and start this stack instead.'],
  ] as const
).map(([kind, description]) => ({
  name: `stack.${kind}`,
  description,
  motion: false,
  ends: kind === 'stop',
  params: stackTicketParamsSchema,
  // An enum of none would be no schema.
  limits: ({ stacks }: TicketLimits) => (stacks.length === 0 ? {} : { stack: { enum: stacks } }),
  check: () => undefined,
  timeout: () => 300,
  ready: ({ stack }, { conductor }) => {
    // Refused before it is queued, where there is no such stack.
    conductor.impact(kind, stack);
  },
  run: ({ stack }, surroundings, signal) => runOn(kind, stack, surroundings, signal),
}));

async function runOn(
  kind: 'start' | 'stop' | 'switch',
  stack: string,
  { conductor, ticket, actor, origin }: TicketSurroundings,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  signal.throwIfAborted();
  const from = { actor, origin, reason: `ticket ${ticket.id}` };
  const { finished } = conductor.command({ kind, stack, ...from });
  const cancel = (): void => {
    // A start is cancelled by a stop of what it starts; a stop goes on.
    if (kind !== 'stop') void stopOf(conductor, stack, from);
  };
  signal.addEventListener('abort', cancel, { once: true });
  let operation: Operation;
  try {
    operation = await finished;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  if (operation.problem !== null && !signal.aborted) throw RoviError.fromProblem(operation.problem);
  return { command: `stack.${kind}`, executed: operation.outcome === 'succeeded', operation };
}

/** What comes of it is in the stop's own record. */
async function stopOf(
  conductor: TicketSurroundings['conductor'],
  stack: string,
  from: Pick<TicketSurroundings, 'actor' | 'origin'> & { readonly reason: string },
): Promise<void> {
  try {
    await conductor.command({ kind: 'stop', stack, ...from }).finished;
  } catch {
    // Refused: the start then ends by its own timeout.
  }
}
