import type { FollowOptions, RoviClient, ServiceLogSelection } from '@rovi/client';
import type { LogEntry } from '@rovi/contract';
import { isService } from './is-service.js';
import { UsageError } from './verb.js';

/** What `rovictl logs` was asked for. */
export interface LogsFlags {
  follow?: true;
  lines: number;
  invocation?: string;
  priority?: number;
  instance?: number;
  stderr?: true;
  stdout?: true;
  json?: true;
}

/** The journal that a name means at a gateway. */
export interface NamedJournal {
  /** What is there, oldest first. */
  readonly read: (signal: AbortSignal) => Promise<readonly LogEntry[]>;
  /** What comes after the cursor, or from what `read` gives on. */
  readonly follow: (options: FollowOptions) => AsyncIterable<LogEntry>;
}

/** The output of a service that is meant; undefined for both. */
export function streamOf({ stderr, stdout }: LogsFlags): 'stderr' | 'stdout' | undefined {
  return stderr ? 'stderr' : stdout ? 'stdout' : undefined;
}

/** Throws a UsageError where the flags are for a service and none is named. */
export function requireServiceFor(name: string | undefined, flags: LogsFlags): void {
  const ofService = streamOf(flags) !== undefined || flags.instance !== undefined;
  if (ofService && (name === undefined || name === 'gateway'))
    throw new UsageError('--instance, --stderr and --stdout are for a service: name one');
}

/**
 * Finds the journal of a stack, a service or `gateway`; without a name, of the active stack. Rejects where the gateway
 * does not answer, and with a UsageError where no stack is active.
 */
export async function namedJournal(
  client: RoviClient,
  name: string | undefined,
  flags: LogsFlags,
  signal: AbortSignal,
): Promise<NamedJournal> {
  requireServiceFor(name, flags);
  const stream = streamOf(flags);
  const meant = name ?? (await client.active({ signal })).active;
  if (meant === null) throw new UsageError('no stack is active: name one (rovictl stack list)');
  const { lines, invocation, priority, instance } = flags;
  const selection: ServiceLogSelection = {
    lines,
    ...(invocation === undefined ? {} : { invocation }),
    ...(priority === undefined ? {} : { priority }),
    ...(instance === undefined ? {} : { instance }),
    ...(stream === undefined ? {} : { stream }),
  };
  const service =
    name === 'gateway' ||
    stream !== undefined ||
    instance !== undefined ||
    (name !== undefined && (await isService(client, name, signal)));
  return service
    ? {
        read: (until) => client.serviceLogs(meant, { ...selection, signal: until }),
        follow: (options) => client.followServiceLogs(meant, { ...selection, ...options }),
      }
    : {
        read: (until) => client.logs(meant, { ...selection, signal: until }),
        follow: (options) => client.followLogs(meant, { ...selection, ...options }),
      };
}
