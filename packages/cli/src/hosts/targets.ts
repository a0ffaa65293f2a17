import { RoviClient } from '@rovi/client';
import { LOCAL_HOST } from '@rovi/contract';
import { actorName, UsageError, type VerbContext } from '../verb.js';
import { connectTo } from './connect.js';
import { readHosts } from './inventory.js';
import { resolveTargets, type Target } from './target-expression.js';

/** One robot that is meant, and the way to it. */
export interface TargetClient {
  readonly target: Target;
  /**
   * The client of its gateway. Over ssh it logs in first; once that has succeeded the same client is given again, and a
   * connection that is lost later is opened anew by its next request. Rejects with a `host-…` code, and may then be
   * called again. Of this machine nothing is connected before the first request.
   */
  readonly client: () => Promise<RoviClient>;
}

/**
 * The robots that the command line means, in its order, nothing connected yet: `--host` or `ROVI_HOST`, else this
 * machine alone. Rejects with `host-unknown` or `hosts-invalid`, or a UsageError, where any of it is nobody.
 *
 * @param options.expression in place of what the context says.
 * @param options.mayAsk whether ssh may ask at the terminal; default: where one robot is meant.
 */
export async function openTargets(
  context: VerbContext,
  options: { readonly expression?: string; readonly mayAsk?: boolean } = {},
): Promise<readonly TargetClient[]> {
  const expression = options.expression ?? context.host() ?? LOCAL_HOST;
  const targets = resolveTargets(expression, expression === LOCAL_HOST ? [] : await readHosts());
  if (targets.some(({ host }) => host !== null)) refuseFilesOfThisMachine(context, expression);
  const mayAsk = options.mayAsk ?? targets.length === 1;
  return targets.map((target) => {
    let opened: Promise<RoviClient> | null = null;
    const client = (): Promise<RoviClient> => {
      opened ??= clientFor(context, target, mayAsk).catch((error: unknown) => {
        opened = null;
        throw error;
      });
      return opened;
    };
    return { target, client };
  });
}

function refuseFilesOfThisMachine(context: VerbContext, expression: string): void {
  const flag = context.fileFlag();
  if (flag === null) return;
  throw new UsageError(
    `--${flag} names a file of this machine, and the host is ${expression}; nothing was done`,
  );
}

async function clientFor(context: VerbContext, { host }: Target, mayAsk: boolean): Promise<RoviClient> {
  const about = { actor: actorName(), face: 'cli' as const };
  if (host !== null) {
    return new RoviClient({ ...about, transport: await connectTo(host, mayAsk ? {} : { mayAsk }) });
  }
  const socketPath = context.socket();
  return new RoviClient({ ...about, ...(socketPath === undefined ? {} : { socketPath }) });
}
