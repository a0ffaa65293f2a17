import type { Snapshot } from '@rovi/contract';
import { EXIT } from './exit-codes.js';
import { isUnreachable, stateWithoutGateway } from './gateway-fallback.js';
import { printable } from './control-codes.js';
import { endWith, type VerbContext } from './verb.js';

/** The state, and who told it. */
export interface State {
  readonly snapshot: Snapshot;
  readonly source: 'gateway' | 'systemctl';
}

/**
 * The gateway's state; where that of this machine does not answer, systemd's own, with a word on standard error and exit code 5 to come:
 * a script must not take the poorer answer for the full one. Rejects where neither is to be had.
 */
export async function readState(context: VerbContext): Promise<State> {
  const client = await context.client();
  try {
    return { snapshot: await client.state({ timeout: 5_000 }), source: 'gateway' };
  } catch (error) {
    const machine = context.thisMachine();
    if (machine === null || !isUnreachable(error)) throw error;
    const snapshot = await stateWithoutGateway(machine, error);
    context.terminal.err(
      `rovictl: gateway not reachable: read from systemd directly (${printable(error.message)})\n` +
        (error.mend === '' ? '' : `  mend: ${printable(error.mend)}\n`),
    );
    endWith(EXIT.unreachable);
    return { snapshot, source: 'systemctl' };
  }
}
