import type { RoviClient } from '@rovi/client';
import { RoviError, type Impact } from '@rovi/contract';
import pc from 'picocolors';
import { printable } from '../control-codes.js';
import {
  isUnreachable,
  serviceWithoutGateway,
  stopAllWithoutGateway,
  stopServiceWithoutGateway,
  stopWithoutGateway,
} from '../gateway-fallback.js';
import type { Host } from '../hosts/inventory.js';
import type { Request } from '../command-request.js';
import type { VerbContext } from '../verb.js';
import { impactText } from '../views/impact.js';
import { localTimes } from '../views/moment.js';
import type { HostState } from './host-state.js';
import type { UnitRow } from './unit-row.js';

/** Milliseconds for what a command would hit. */
const IMPACT_MS = 5_000;
/** A host as commands see it. */
export interface CommandedHost {
  readonly state: HostState;
  client(): Promise<RoviClient>;
  /** Null for this machine. */
  readonly host: Host | null;
  /** Leave to work past the gateway of this machine; null of any other, and where several hosts are meant. */
  readonly machine: ReturnType<VerbContext['thisMachine']>;
}

/** What a command would hit, and with what it is sent. */
export interface Hit {
  /** In lines of at most so many columns where that goes. */
  readonly lines: (width: number) => readonly string[];
  /** The token of that impact. */
  readonly confirm?: string;
  /** Why the gateway could not be asked. */
  readonly unreachable?: RoviError;
  /** It would change nothing: in one sentence why. */
  readonly nothing?: string;
}

/** What it would hit, by the gateway; of a stop on this machine, where the gateway cannot tell, by systemd. */
export async function hitBy(at: CommandedHost, row: UnitRow, { kind }: Request): Promise<Hit> {
  try {
    const client = await within(at.client(), IMPACT_MS);
    const options = { timeout: IMPACT_MS };
    const impact =
      row.kind === 'stack'
        ? await client.impact({ command: kind, stack: row.name }, options)
        : await client.serviceImpact({ command: kind as 'stop' | 'restart', service: row.name }, options);
    return {
      lines: (width) => impactLines(impact, width),
      confirm: impact.token,
      ...(impact.affects.length === 0 ? { nothing: localTimes(printable(impact.text), Date.now()) } : {}),
    };
  } catch (error) {
    const { machine } = at;
    if (kind !== 'stop' || machine === null || !isUnreachable(error)) throw error;
    const others =
      row.kind === 'service' ? (await serviceWithoutGateway(machine, row.name, error)).others : [];
    const also = others.length === 0 ? [] : [`by systemd's word these stop with it: ${others.join(', ')}`];
    return {
      lines: () => [
        printable(error.message),
        ...also.map(printable),
        'it is stopped past the gateway, with systemctl',
      ],
      unreachable: error,
    };
  }
}

/** The way past the gateway of this machine for a stop; undefined where there is none. */
export function fallbackOf({ machine }: CommandedHost, request: Request) {
  if (machine === null) return undefined;
  const { stack, service } = request;
  return (signal: AbortSignal): Promise<string> => {
    if (service !== undefined) return stopServiceWithoutGateway(machine, service, signal);
    return stack === null
      ? stopAllWithoutGateway(machine, signal)
      : stopWithoutGateway(machine, stack, signal);
  };
}

/** The answer, or `host-unreachable` where it does not come within so many milliseconds. */
export async function within<Value>(answer: Promise<Value>, ms: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new RoviError('host-unreachable', `there was no way to it within ${String(ms / 1000)} s`, {
          mend: 'Look whether it is on and in reach.',
        }),
      );
    }, ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function impactLines(impact: Impact, width: number): string[] {
  const colour = pc.createColors(false);
  return impactText(impact, { now: Date.now(), colour, width }).trimEnd().split('\n');
}
