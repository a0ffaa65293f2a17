import type { Scan, Scanner } from '@rovi/conductor';
import type { TicketSettings } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { MotionTransport } from './ros-transport.js';
import { LASER_SCAN } from './ros-transport.js';
import { whyUnavailable } from './why-unavailable.js';

export interface RosScannerOptions {
  readonly transport: MotionTransport;
  /** As the catalog has them now. */
  readonly settings: () => Pick<TicketSettings, 'scan_topic'>;
}

/** {@link Scanner} by a lidar's topic. */
export class RosScanner implements Scanner {
  readonly #options: RosScannerOptions;

  constructor(options: RosScannerOptions) {
    this.#options = options;
  }

  get unavailable(): Scanner['unavailable'] {
    return whyUnavailable(this.#options.transport, LASER_SCAN);
  }

  async scan(signal: AbortSignal): Promise<Scan> {
    const why = this.unavailable;
    if (why !== null) throw new RoviError('scan-failed', why.text, { mend: why.mend });
    const scan = await this.#options.transport.scan(this.#options.settings().scan_topic, signal);
    return { simulated: false, ...scan };
  }
}
