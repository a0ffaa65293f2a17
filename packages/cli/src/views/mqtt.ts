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
      : state === 'failing'
        ? colour.red(`✗ failing: ${text}`)
        : colour.yellow(text);
  return [head, waiting, lost, denied].filter((part) => part !== '');
}
