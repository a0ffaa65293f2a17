import { noParamsSchema, RoviError } from '@rovi/contract';
import type { TicketCommand } from './ticket-command.js';

/** Takes one scan of the surroundings. */
export const scanCommand: TicketCommand<Record<string, never>> = {
  name: 'scan',
  description: 'Take one scan of the surroundings with the laser.',
  motion: false,
  ends: false,
  params: noParamsSchema,
  check: () => undefined,
  timeout: () => 10,
  ready: (_, { scanner }) => {
    if (scanner.unavailable === null) return;
    const { text, mend } = scanner.unavailable;
    throw new RoviError('motion-unavailable', `nothing can scan: ${text}`, {
      mend: `${mend} Or create the ticket with \`dry_run\`.`,
    });
  },
  run: async (_, { scanner }, signal) => {
    const scan = await scanner.scan(signal);
    const seen = scan.ranges.flatMap((range, index) => (range === null ? [] : [{ range, index }]));
    const nearest = seen.reduce<(typeof seen)[number] | null>(
      (best, one) => (best === null || one.range < best.range ? one : best),
      null,
    );
    return {
      command: 'scan',
      executed: true,
      ...scan,
      nearest:
        nearest === null
          ? null
          : { distance: nearest.range, angle: scan.angle_min + nearest.index * scan.angle_increment },
    };
  },
};
