import type { FaceStatus } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { momentText } from './moment.js';

/** The MQTT face in a few words: which broker, what waits for it and what was dropped. */
export function mqttParts({ state, text, detail, since }: FaceStatus, now: number, colour: Colors): string[] {
  const { queued = '0', dropped = '0', refused = '0' } = detail;
  const waiting = queued === '0' ? '' : `${queued} events wait`;
  const lost = dropped === '0' ? '' : colour.yellow(`${dropped} events dropped`);
  const denied = refused === '0' ? '' : colour.yellow(`${refused} messages refused`);
  const head =
    state === 'on'
      ? `${colour.green('●')} ${text} since ${momentText(since, now)}`
      : notOn({ state, text }, colour);
  return [head, waiting, lost, denied].filter((part) => part !== '');
}

/** A robot's place in its fleet, or a console that shows one, in a few words. */
export function fleetParts({ state, text, since }: FaceStatus, now: number, colour: Colors): string[] {
  if (state !== 'on') return [notOn({ state, text }, colour)];
  return [`${colour.green('●')} ${text}`, `since ${momentText(since, now)}`];
}

function notOn({ state, text }: Pick<FaceStatus, 'state' | 'text'>, colour: Colors): string {
  return state === 'failing' ? colour.red(`✗ failing: ${text}`) : colour.yellow(text);
}
