import type { Motion, MotionBase, Travelled } from '@rovi/conductor';
import type { TicketSettings } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { HaltOrder, MotionTransport } from './ros-transport.js';
import { driveType } from './ros-transport.js';
import { whyUnavailable } from './why-unavailable.js';

export interface RosMotionBaseOptions {
  readonly transport: MotionTransport;
  /** As the catalog has them now. */
  readonly settings: () => Pick<TicketSettings, 'drive'>;
}

/** {@link MotionBase} by velocities on a topic: whatever drives the base listens there. */
export class RosMotionBase implements MotionBase {
  readonly #options: RosMotionBaseOptions;

  constructor(options: RosMotionBaseOptions) {
    this.#options = options;
  }

  get unavailable(): MotionBase['unavailable'] {
    return whyUnavailable(this.#options.transport, this.#type);
  }

  async move({ x, y, durationMs }: Motion, signal: AbortSignal): Promise<Travelled> {
    const why = this.unavailable;
    if (why !== null) throw new RoviError('motion-unavailable', why.text, { mend: why.mend });
    const type = this.#type;
    const { odometry } = this.#options.settings().drive;
    const order = { ...this.#halt, x, y, duration_ms: durationMs, odometry: odometry ?? null };
    const { ended, text, distance } = await this.#options.transport.drive(order, signal);
    switch (ended) {
      case 'done':
      case 'halted':
        return distance === null ? { distance, source: 'not-measured' } : { distance, source: 'measured' };
      case 'silent':
      case 'fault':
        throw new RoviError('motion-lost', `the ROS process has stopped the base: ${text}`, {
          mend: 'Look at the base, and at `rovictl logs gateway`, before it moves again.',
          context: { distance },
        });
      case 'refused':
        throw new RoviError('motion-unavailable', `nothing was moved: ${text}`, {
          mend: `Is the base's controller running, and does it listen to ${type} on ${order.topic} (\`tickets.drive.topic\`, \`tickets.drive.message\`)?`,
        });
    }
  }

  halt(): void {
    this.#options.transport.halt(this.#halt);
  }

  get #type(): string {
    return driveType(this.#options.settings().drive.message);
  }

  get #halt(): HaltOrder {
    const { topic, message, frame_id, rate } = this.#options.settings().drive;
    return { topic, message, frame_id, rate };
  }
}
