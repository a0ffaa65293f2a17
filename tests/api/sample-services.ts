import { serviceSchema } from '@rovi/contract';
import type { ServiceEntry } from '@rovi/contract';

const sleeps = { command: ['/usr/bin/sleep', 'infinity'] };

/** bus ← video ← recorder, bus ⇠ logger, logger excludes probe; up to four cameras. */
export const SERVICES: Readonly<Record<string, ServiceEntry>> = Object.fromEntries(
  Object.entries({
    bus: { ...sleeps, description: 'The message bus', priority: 1, critical: true, autostart: true },
    video: {
      ...sleeps,
      description: 'The video server',
      priority: 2,
      requires: ['bus'],
      ports: [{ name: 'http', port: 8090 }],
      health: [{ probe: { type: 'http', port: 'http' } }],
    },
    recorder: { ...sleeps, description: 'Records the video', requires: ['video'] },
    logger: { ...sleeps, description: 'Writes down what is said', wants: ['bus'], conflicts: ['probe'] },
    probe: { ...sleeps, description: 'Asks around', conflicts: ['logger'] },
    camera: { ...sleeps, description: 'The cameras', instances: { min: 1, max: 4 } },
  }).map(([name, entry]) => [name, serviceSchema.parse(entry)]),
);
