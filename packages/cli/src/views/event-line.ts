import type { RoviEvent } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { clockText } from './moment.js';
import { commandText } from './operation.js';
import { stateGlyph } from './state-glyph.js';

/** An event as one line, for a watch that is piped or written to a file. */
export function eventLine(event: RoviEvent, now: number, colour: Colors): string {
  return `${colour.dim(clockText(event.at, now))} ${eventText(printableData(event), colour)}\n`;
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
