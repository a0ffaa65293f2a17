import { RoviError, type Impact } from '@rovi/contract';
import type { RoviClient, ServiceCommand } from '@rovi/client';
import { askYesOrNo, canAsk } from './ask.js';
import { printable } from './control-codes.js';
import { EXIT } from './exit-codes.js';
import { findService } from './find-service.js';
import { isUnreachable, serviceWithoutGateway, stopServiceWithoutGateway } from './gateway-fallback.js';
import { runCommand } from './stack-command.js';
import { clientToStop, withStopThere } from './stop-advice.js';
import type { Terminal } from './terminal.js';
import type { ThisMachine } from './this-machine.js';
import { endWith, type VerbContext } from './verb.js';
import { healthDecided } from './health-decided.js';
import { impactText } from './views/impact.js';

/** Milliseconds within which a gateway that is to be trusted with a stop says what it would hit. */
const IMPACT_MS = 3_000;

/** What the command line said besides the command itself. */
export interface ServiceFlags {
  reason?: string;
  json?: true;
  yes?: true;
  skipUnreachable?: true;
}

/**
 * Sends a command on a service. Where it would hit more than its target that is shown first, and a yes asked for: the
 * command then carries the token of exactly what was shown. A stop on this machine gets through without the gateway too. Rejects with
 * `confirmation-required` where nobody is there to ask and `--yes` was not given.
 */
export async function commandService(
  context: VerbContext,
  command: ServiceCommand,
  flags: ServiceFlags,
): Promise<void> {
  if (context.several() !== null) {
    const { command: kind, ...rest } = command;
    const { commandSeveral } = await import('./several/command-several.js');
    await commandSeveral(context, { kind, stack: null, ...rest, reason: flags.reason ?? '' }, flags);
    return;
  }
  const { terminal } = context;
  const stops = command.command === 'stop';
  const client = stops
    ? await clientToStop(context, `service stop ${command.service}`)
    : await context.client();
  const machine = context.thisMachine();
  const host = await context.target();
  // Whatever else is commanded is asked for its impact first. The API takes names of stacks as well, and would start one.
  if (command.command === 'start') findService(await client.state(), command.service);
  const confirmed =
    command.command === 'start'
      ? {}
      : await confirm(context, client, command, flags).catch((error: unknown) => {
          throw stops && host !== null
            ? withStopThere(error, host, `service stop ${command.service}`)
            : error;
        });
  if (confirmed === null) {
    terminal.err('nothing was done\n');
    endWith(EXIT.refused);
    return;
  }
  const { command: kind, ...rest } = command;
  const { unreachable, ...token } = confirmed;
  const seen = await runCommand(
    { terminal, client, host },
    { kind, stack: null, ...rest, reason: flags.reason ?? '', ...token },
    {
      json: flags.json === true,
      ...(unreachable === undefined ? {} : { unreachable }),
      ...(stops && machine !== null
        ? { fallback: (signal: AbortSignal) => stopServiceWithoutGateway(machine, command.service, signal) }
        : {}),
    },
  );
  if (!seen || host === null || flags.json === true || kind === 'scale') return;
  const { serviceBlock } = await import('./views/service-block.js');
  try {
    if (kind !== 'stop') await healthDecided(client, command.service);
    const snapshot = await client.state();
    terminal.out(serviceBlock(findService(snapshot, command.service), host.name, Date.parse(snapshot.at)));
  } catch (error) {
    // The command itself has succeeded, and was told so.
    terminal.err(`rovictl: how it is now cannot be shown: ${printable(RoviError.from(error).message)}\n`);
  }
}

/** What somebody said yes to. */
interface Consent {
  /** The token of that impact; absent where none is needed. */
  readonly confirm?: string;
  /** Why the gateway could not be asked for it. */
  readonly unreachable?: RoviError;
}

/** Null for a no. */
async function confirm(
  context: VerbContext,
  client: RoviClient,
  command: ServiceCommand,
  flags: ServiceFlags,
): Promise<Consent | null> {
  const { terminal } = context;
  const stops = command.command === 'stop';
  let impact: Impact;
  try {
    impact = await client.serviceImpact(command, stops ? { timeout: IMPACT_MS } : {});
  } catch (error) {
    const machine = context.thisMachine();
    if (!stops || machine === null || !cannotTell(error)) throw error;
    return confirmWithoutGateway({ terminal, machine }, command.service, flags, error);
  }
  if (!impact.confirm) return {};
  terminal.err(
    impactText(impact, { now: Date.now(), colour: terminal.errColour, width: terminal.errWidth() }),
  );
  if (flags.yes === true) return { confirm: impact.token };
  if (!canAsk()) throw unasked(impact);
  return (await askYesOrNo(terminal, `${command.command} ${command.service}?`))
    ? { confirm: impact.token }
    : null;
}

/** The same from what systemd says, for a stop that the gateway cannot answer for. */
async function confirmWithoutGateway(
  { terminal, machine }: { readonly terminal: Terminal; readonly machine: ThisMachine },
  service: string,
  flags: ServiceFlags,
  cause: RoviError,
): Promise<Consent | null> {
  const { own, others, entry } = await serviceWithoutGateway(machine, service, cause);
  const consent = { unreachable: cause };
  const vital = entry.external !== undefined && entry.critical;
  if (others.length === 0 && !vital) return consent;
  const rows = [...others, ...(vital ? own : [])].map((unit) => `  ${unit}\n`).join('');
  terminal.err(
    `${terminal.errColour.bold(`stop ${service}`)}: by systemd's word these stop${vital ? '' : ' with it'}:\n${rows}`,
  );
  if (flags.yes === true) return consent;
  if (!canAsk()) throw unasked({ command: 'stop', service });
  return (await askYesOrNo(terminal, `stop ${service}?`)) ? consent : null;
}

/** Whether what a stop would hit has to be had elsewhere. */
function cannotTell(error: unknown): error is RoviError {
  return isUnreachable(error) || (error instanceof RoviError && error.code === 'bus-unavailable');
}

function unasked({ command, service }: Pick<Impact, 'command' | 'service'>): RoviError {
  return new RoviError(
    'confirmation-required',
    `the ${command} of ${service ?? ''} has to be confirmed, and there is no terminal to ask on; nothing was done`,
    { mend: 'Look at the list above; in a script say yes to it with --yes.' },
  );
}
