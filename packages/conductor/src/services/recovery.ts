import type { Incident, Recovery, ServiceEntry } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { UnitManager, UnitReading } from '../ports/unit-manager.js';

/** Milliseconds a call may take. */
const CALL_MS = 5_000;

/** What a recovery works on. */
export interface Recoverable {
  readonly units: UnitManager;
  readonly stackUnits: readonly string[];
  readonly serviceUnits: readonly string[];
  /** Of those, what operators may not start: their failure is not for them to forget either. */
  readonly watchedOnly: ReadonlySet<string>;
  /** All units that are watched: these, and the gateway's own. */
  readonly watched: readonly string[];
  /** What is known of a unit without asking. */
  readonly known: (unit: string) => Pick<UnitReading, 'activeState' | 'invocationId'> | null;
  /** How each stack and service is shown, by name. */
  readonly states: () => ReadonlyMap<string, string>;
  /** Begins supervision anew; answers with the services for which that makes a difference. */
  readonly superviseAnew: () => string[];
}

/** The external units among the services that operators may not start. */
export function watchedOnlyOf(services: Readonly<Record<string, ServiceEntry>>): ReadonlySet<string> {
  return new Set(
    Object.values(services).flatMap(({ external }) =>
      external === undefined || external.allow.includes('start') ? [] : [external.unit],
    ),
  );
}

/**
 * Sets right what can be without a decision of somebody: systemd forgets the failures of services, their supervision
 * begins anew, and what is known is compared with systemd's own word. It starts and stops nothing. Rejects with
 * `bus-unavailable` or `bus-timeout` where systemd cannot be asked.
 */
export async function recover(what: Recoverable): Promise<Recovery> {
  const before = what.states();
  const asked = [...what.stackUnits, ...what.serviceUnits];
  const readings = await what.units.readUnits(asked, { deadlineMs: CALL_MS });
  const reread = await readAgain(what, readings);
  // First: a try that was planned must not come in between.
  const supervision = what.superviseAnew();
  const reset: string[] = [];
  const refused: { unit: string; message: string }[] = [];
  for (const { unit, activeState } of readings) {
    if (activeState !== 'failed' || what.watchedOnly.has(unit)) continue;
    try {
      await what.units.resetFailed(unit, { deadlineMs: CALL_MS });
      reset.push(unit);
    } catch (thrown) {
      refused.push({ unit, message: refusalOf(unit, RoviError.from(thrown)) });
    }
  }
  await told(what, reset);
  const after = what.states();
  const changes = [...reread, ...changesOf(before, after)];
  return {
    reset,
    refused,
    supervision,
    changes,
    message: messageOf({ reset, refused, supervision, changes }),
  };
}

/** What is told of it. */
export function recoveryIncident(recovery: Recovery): Incident {
  return { type: 'recovery', service: null, instance: null, text: recovery.message, data: { ...recovery } };
}

/** Has those units told anew that are not as they were known; answers with what was wrong. */
async function readAgain(what: Recoverable, readings: readonly UnitReading[]): Promise<string[]> {
  const wrong = readings.filter((now) => {
    const known = what.known(now.unit);
    return known === null || known.activeState !== now.activeState || known.invocationId !== now.invocationId;
  });
  if (wrong.length === 0) return [];
  const texts = wrong.map(
    ({ unit, activeState }) =>
      `${unit} was known as ${what.known(unit)?.activeState ?? 'unknown'}: it is ${activeState}`,
  );
  const units = new Set(wrong.map(({ unit }) => unit));
  await what.units.watch(what.watched.filter((unit) => !units.has(unit)));
  await what.units.watch(what.watched);
  return texts;
}

/** Resolves when those units have been told of as systemd has them now: signals come before the answer to a question. */
async function told({ units }: Recoverable, reset: readonly string[]): Promise<void> {
  if (reset.length > 0) await units.readUnits(reset, { deadlineMs: CALL_MS });
}

function refusalOf(unit: string, { code, message }: RoviError): string {
  const denied = code === 'not-authorized' || code === 'authorization-required';
  return denied ? `an admin: systemctl reset-failed ${unit}` : message;
}

function changesOf(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...after].flatMap(([name, now]) => {
    const last = before.get(name);
    return last === undefined || last === now ? [] : [`${name}: ${last}, now ${now}`];
  });
}

function messageOf({ reset, refused, supervision, changes }: Omit<Recovery, 'message'>): string {
  const parts = [
    reset.length === 0 ? '' : `the failures of ${reset.join(', ')} are forgotten`,
    refused.length === 0 ? '' : `${refused.map(({ unit }) => unit).join(', ')} could not be reset`,
    supervision.length === 0 ? '' : `supervision of ${supervision.join(', ')} begins anew`,
  ].filter((part) => part !== '');
  if (parts.length > 0) return parts.join('; ');
  return changes.length > 0 ? changes.join('; ') : 'nothing was to be set right';
}
