import type { DriveParams } from '@rovi/contract';
import { driveParamsSchema, RoviError } from '@rovi/contract';
import type { TicketCommand } from './ticket-command.js';

/** Seconds that a drive's attempt may take beyond the drive itself. */
const SPARE_SECONDS = 10;
/** What a base may need until somebody listens to it, before the drive begins. */
const LISTENER_SECONDS = 1;
/** What an attempt may take at least, as in the seed's example. */
const LEAST_SECONDS = 30;

/** Moves the base for a while, then stops it. */
export const driveCommand: TicketCommand<DriveParams> = {
  name: 'drive',
  description: 'Move the base at a speed (m/s) in a direction (degrees) for a time (seconds), then stop it.',
  motion: true,
  ends: false,
  params: driveParamsSchema,
  limits: ({ settings: { drive } }) => ({
    speed: { maximum: drive.max_speed },
    duration_seconds: { maximum: drive.max_duration },
    ...(drive.holonomic ? {} : { direction: { multipleOf: 180 } }),
  }),
  timeout: ({ duration_seconds: seconds }) => Math.max(LEAST_SECONDS, Math.ceil(seconds) + SPARE_SECONDS),
  takes: ({ duration_seconds: seconds }) => seconds + LISTENER_SECONDS,
  check: ({ speed, direction, duration_seconds: seconds }, { drive }) => {
    if (speed > drive.max_speed) throw beyond('speed', `${speed} m/s`, `at most ${drive.max_speed} m/s`);
    if (seconds > drive.max_duration) {
      throw beyond('duration_seconds', `${seconds} s`, `at most ${drive.max_duration} s`);
    }
    if (!drive.holonomic && direction % 180 !== 0) {
      throw beyond('direction', `${direction}°`, '0 or 180: this base goes forward and backward alone');
    }
  },
  ready: (_, { base }) => {
    if (base.unavailable === null) return;
    const { text, mend } = base.unavailable;
    throw new RoviError('motion-unavailable', `nothing can move the base: ${text}`, {
      mend: `${mend} Or create the ticket with \`dry_run\`.`,
    });
  },
  run: async ({ speed, direction, duration_seconds: seconds }, { base }, signal) => {
    const angle = (direction * Math.PI) / 180;
    const motion = {
      x: component(speed * Math.cos(angle)),
      y: component(speed * Math.sin(angle)),
      durationMs: seconds * 1000,
    };
    const { distance, source } = await base.move(motion, signal);
    return {
      command: 'drive',
      executed: !signal.aborted,
      speed,
      direction,
      duration_seconds: seconds,
      distance_traveled: distance === null ? null : Math.round(distance * 1000) / 1000,
      distance_source: source,
    };
  },
};

/** Nanometres a second are none: cos(90°) is not quite zero. */
function component(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}

function beyond(param: string, given: string, allowed: string): RoviError {
  return new RoviError(
    'ticket-invalid',
    `drive: params.${param}: ${given} given, the catalog allows ${allowed}`,
    {
      mend: 'Ask for what the catalog allows; an admin changes `tickets.drive` in it.',
      context: { command: 'drive', param },
    },
  );
}
