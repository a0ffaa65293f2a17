import { RoviError, type Rolling } from '@rovi/contract';
import { readHosts } from '../hosts/inventory.js';
import { resolveTargets } from '../hosts/target-expression.js';
import { openTargets } from '../hosts/targets.js';
import { tellTargets } from '../several/command-several.js';
import { refuseSameAddress } from '../several/consent.js';
import { UsageError, type VerbContext } from '../verb.js';
import { roll } from './roll.js';
import type { RollingFlags } from './rolling-flags.js';
import { newRollingId, readRollings, takeUp, thisRunner } from './rolling-file.js';
import { leftOf, moved, newRolling } from './rolling-plan.js';

/** Begins a rolling restart over the hosts that the command line means. */
export async function beginRolling(
  context: VerbContext,
  about: Pick<Rolling, 'kind' | 'name'>,
  flags: RollingFlags,
): Promise<void> {
  const clients = await openTargets(context, { mayAsk: false });
  refuseSameAddress(clients);
  tellTargets(context, clients);
  const now = new Date();
  const rolling = newRolling(
    { ...about, id: newRollingId(now), reason: flags.reason ?? '', runner: thisRunner() },
    clients.map(({ target }) => target),
    now.toISOString(),
  );
  await roll(context, { rolling, clients, flags });
}

/**
 * Goes on with one from before, or lists them. Rejects with `situation-changed` where a host of it is elsewhere by now:
 * what stands under its name may be another robot.
 */
export async function earlierRolling(
  context: VerbContext,
  kind: Rolling['kind'],
  flags: RollingFlags,
): Promise<void> {
  if (flags.list === true) {
    const { rollingsText } = await import('../views/rollings.js');
    const mine = (await readRollings()).filter((one) => one.kind === kind);
    context.terminal.out(rollingsText(mine, { now: Date.now(), colour: context.terminal.colour }));
    return;
  }
  if (context.host() !== null) {
    throw new UsageError('--resume has hosts of its own: name none, neither with --host nor with ROVI_HOST');
  }
  if (flags.reason !== undefined) throw new UsageError('--resume has a reason of its own');
  const rolling = await takeUp(kind, typeof flags.resume === 'string' ? flags.resume : null);
  const inventory = await readHosts();
  const names = rolling.hosts.map(({ name }) => name);
  const known = names.filter((name) => name === 'local' || inventory.some((host) => host.name === name));
  const elsewhere = moved(rolling, known.length === 0 ? [] : resolveTargets(known.join(','), inventory));
  if (elsewhere.length > 0) {
    throw new RoviError(
      'situation-changed',
      `${elsewhere.join(', ')} is not where it was when ${rolling.id} began; nothing was done`,
      { mend: 'Put the address back into the inventory, or begin anew with the hosts that are left.' },
    );
  }
  const left = leftOf(rolling).map(({ name }) => name);
  const clients = await openTargets(context, { expression: left.join(','), mayAsk: false });
  tellTargets(context, clients);
  await roll(context, { rolling, clients, flags });
}
