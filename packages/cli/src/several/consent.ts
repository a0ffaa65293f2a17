import { RoviError } from '@rovi/contract';
import { askYesOrNo, canAsk } from '../ask.js';
import { EXIT } from '../exit-codes.js';
import { sameAddress } from '../hosts/target-expression.js';
import type { TargetClient } from '../hosts/targets.js';
import { endWith, UsageError, type VerbContext } from '../verb.js';
import { severalImpactText } from '../views/several-impact.js';
import { sameRobot, type AskedRobot } from './ask-robots.js';

/** Throws a UsageError where two names lead to one address: that robot would be commanded twice. */
export function refuseSameAddress(clients: readonly TargetClient[]): void {
  const same = sameAddress(clients.map(({ target }) => target));
  if (same !== null) throw oneRobot(same, 'lead to the same address');
}

/** The same where two gateways turn out to be one, whatever their addresses. */
export function refuseSameRobot(ready: readonly AskedRobot[]): void {
  const same = sameRobot(ready);
  if (same !== null) throw oneRobot(same, 'are the same robot: the same run of one gateway answers');
}

function oneRobot([one, other]: readonly [string, string], how: string): UsageError {
  return new UsageError(`${one} and ${other} ${how}; nothing was done. Name one of them.`);
}

/**
 * Shows what would be hit on which robot, and asks. False for a no, which has been told by then. Rejects with
 * `confirmation-required` where nobody is there to ask and `yes` was not given.
 */
export async function consent(
  context: VerbContext,
  ready: readonly AskedRobot[],
  { words, yes, note = '' }: { readonly words: string; readonly yes: boolean; readonly note?: string },
): Promise<boolean> {
  const { terminal } = context;
  const robots = `${String(ready.length)} robot${ready.length === 1 ? '' : 's'}`;
  const command = `${words} on ${robots}`;
  const hits = ready.map(({ target, snapshot, impact }) => ({
    ...{ host: target.name, robot: snapshot.robot, impact },
  }));
  terminal.err(`${severalImpactText(command, hits, { now: Date.now(), colour: terminal.errColour })}${note}`);
  if (yes) return true;
  if (!canAsk()) {
    throw new RoviError(
      'confirmation-required',
      `${command}: a command on several hosts is asked about, and there is no terminal to ask on; nothing was done`,
      { mend: 'Look at the list above; in a script say yes to it with --yes.' },
    );
  }
  if (await askYesOrNo(terminal, `${command}?`)) return true;
  terminal.err('nothing was done\n');
  endWith(EXIT.refused);
  return false;
}
