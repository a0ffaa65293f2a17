import type { FaceStatus, RosProbeResult, RosQos, RosStatus } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { momentText } from './moment.js';
import { tableText } from './table.js';

/** The face in a few words, for a line of `rovictl status`. */
export function faceParts(face: FaceStatus, now: number, colour: Colors): string[] {
  const { state, text, detail } = face;
  switch (state) {
    case 'on':
      return [
        `${colour.green('●')} on since ${momentText(face.since, now)}`,
        detail['node'] ?? '',
        `domain ${detail['domain_id'] ?? '?'}`,
        detail['rmw'] ?? '',
        face.restarts === 0 ? '' : colour.yellow(`restarted ${String(face.restarts)} ×`),
      ].filter((part) => part !== '');
    case 'starting':
      return [colour.yellow('starting')];
    case 'off':
      return [`○ off: ${text}`];
    case 'failing':
      return [colour.red(`✗ failing: ${text}`)];
  }
}

/** The face with everything it offers; what to do where it is off. */
export function rosStatusText(given: RosStatus, now: number, colour: Colors): string {
  const { face, topics, services } = printableData(given);
  const lines = [`ROS ${faceParts(face, now, colour).join(' · ')}`];
  if (face.mend !== '') lines.push(colour.dim(`    ${face.mend}`));
  const rows = [
    ...topics.map(({ name, type, qos }) => ['topic', name, type, qosText(qos)]),
    ...services.map(({ name, type }) => ['service', name, type, '']),
  ];
  return `${lines.join('\n')}\n\n${tableText(['', 'NAME', 'TYPE', 'QOS'], rows)}`;
}

/** What a probe found, on one line. */
export function rosProbeText(given: RosProbeResult, colour: Colors): string {
  const { ok, text } = printableData(given);
  return `${ok ? colour.green('✓') : colour.red('✗')} ${text}\n`;
}

function qosText({ reliability, durability, depth }: RosQos): string {
  return `${reliability}, ${durability}, depth ${String(depth)}`;
}
