import type { RoviEvent } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { clockText, localTimes } from './moment.js';
import { commandText } from './operation.js';
import { stateGlyph } from './state-glyph.js';

/**
 * Events as lines, for a watch that is piped or written to a file. An event that says of its stack, operation or face
 * what was said already – other processes than before, the end of a step – has no line: only changes are shown.
 */
export class EventLines {
  readonly #colour: Colors;
  /** What is known to the reader of each subject: told by a line, or by the snapshot. */
  readonly #known = new Map<string, string>();

  constructor(colour: Colors) {
    this.#colour = colour;
  }

  /** The event's line with its newline; empty where it changes nothing that a line shows. */
  next(given: RoviEvent, now: number): string {
    const event = printableData(given);
    const text = eventText(event, this.#colour);
    if (event.type === 'snapshot') this.#learn(event);
    else if (this.#known.get(subjectOf(event)) === text) return '';
    // Nothing follows their end, and a watch can last for days.
    else if (isEnd(event)) this.#known.delete(subjectOf(event));
    else this.#known.set(subjectOf(event), text);
    return `${this.#colour.dim(clockText(event.at, now))} ${localTimes(text, now)}\n`;
  }

  /** A snapshot is the whole state: what it holds need not be told again. */
  #learn({ seq, at, snapshot }: Extract<RoviEvent, { type: 'snapshot' }>): void {
    this.#known.clear();
    const { active, known } = snapshot;
    const held: Exclude<RoviEvent, { type: 'snapshot' }>[] = [
      ...snapshot.stacks.map((stack) => ({ type: 'stack', seq, at, active, known, stack }) as const),
      ...snapshot.faces.map((face) => ({ type: 'face', seq, at, face }) as const),
      ...(snapshot.gateway === null
        ? []
        : [{ type: 'gateway', seq, at, active, known, gateway: snapshot.gateway } as const]),
      { type: 'bus', seq, at, active, known, bus: snapshot.bus },
    ];
    for (const event of held) this.#known.set(subjectOf(event), eventText(event, this.#colour));
  }
}

function isEnd(event: RoviEvent): boolean {
  if (event.type === 'ticket') return event.ticket !== null && event.ticket.completed_at !== null;
  return event.type === 'operation' && event.operation.outcome !== 'running';
}

function subjectOf(event: Exclude<RoviEvent, { type: 'snapshot' }>): string {
  switch (event.type) {
    case 'stack':
      return `stack ${event.stack.name}`;
    case 'face':
      return `face ${event.face.name}`;
    case 'operation':
      return `operation ${event.operation.id}`;
    case 'service':
      return `service ${event.service.name}`;
    case 'ticket':
      return event.ticket === null ? 'tickets' : `ticket ${event.ticket.id}`;
    case 'incident':
      return `incident ${event.seq}`;
    case 'gateway':
    case 'bus':
    case 'maintenance':
    case 'external':
      return event.type;
  }
}

function eventText(event: RoviEvent, colour: Colors): string {
  switch (event.type) {
    case 'snapshot': {
      const { active, known, bus } = event.snapshot;
      const bound = bus.connected ? '' : `, no connection to systemd: ${bus.error ?? 'no reason given'}`;
      return `connected to the gateway: active stack ${active ?? (known ? 'none' : 'not known')}${bound}`;
    }
    case 'stack': {
      const { name, state, verdict } = event.stack;
      const { glyph, paint } = stateGlyph(state, colour);
      return `${paint(glyph)} ${name} ${paint(state)}: ${verdict.text}`;
    }
    case 'service': {
      const { name, state, text } = event.service;
      const { glyph, paint } = stateGlyph(state, colour);
      return `${paint(glyph)} ${name} ${paint(state)}: ${text}`;
    }
    case 'ticket': {
      const { ticket, desk } = event;
      if (ticket === null)
        return desk.estop.active ? colour.red(`e-stop: ${desk.text}`) : `tickets: ${desk.text}`;
      const why = ticket.error === null ? '' : `: ${ticket.error}`;
      return `${ticket.id} ${ticket.command} ${ticket.status}${why}`;
    }
    case 'incident':
      return `${event.incident.service ?? 'robot'}: ${event.incident.text}`;
    case 'maintenance': {
      const targets = event.maintenance.map(({ target }) => target ?? 'the robot');
      return targets.length === 0 ? 'nothing is in maintenance' : `in maintenance: ${targets.join(', ')}`;
    }
    case 'external':
      return `external services: ${event.external.map(({ name, health }) => `${name} ${health}`).join(', ') || 'none'}`;
    case 'gateway':
      return `gateway ${event.gateway.active_state} (${event.gateway.sub_state})`;
    case 'operation': {
      const { operation } = event;
      return `${commandText(operation)} by ${operation.actor.name}: ${operation.outcome}, ${operation.message}`;
    }
    case 'face': {
      const { name, state, text } = event.face;
      return `${name} face ${state}: ${text}`;
    }
    case 'bus':
      return event.bus.connected
        ? 'connected to systemd'
        : `${colour.red('connection to systemd lost')}: ${event.bus.error ?? 'no reason given'}`;
  }
}
