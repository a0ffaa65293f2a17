import type { RosDriveEnd, RosProbeResult, RosScan } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type {
  MotionTransport,
  RosSpec,
  RosTransport,
  TransportListener,
  TransportStatus,
} from './ros-transport.js';

/** The transport of a robot that is to have no ROS face: off, and it says why. */
export class NoRosTransport implements RosTransport, MotionTransport {
  readonly #text: string;
  readonly #mend: string;

  constructor(text: string, mend: string) {
    this.#text = text;
    this.#mend = mend;
  }

  get status(): TransportStatus {
    return { state: 'off', text: this.#text, mend: this.#mend, pid: null, restarts: 0, detail: {} };
  }

  start(_spec: RosSpec, listener: TransportListener): void {
    listener.status(this.status);
  }

  publish(): void {
    // Nobody is there to read it.
  }

  restart(): void {
    // Only another catalog can turn it on.
  }

  probe(): Promise<RosProbeResult> {
    return Promise.resolve({
      ok: false,
      text: `the ROS face is off: ${this.#text}`,
      rate: null,
      publishers: null,
      type: null,
    });
  }

  speaks(): boolean {
    return false;
  }

  drive(): Promise<RosDriveEnd> {
    return Promise.reject(new RoviError('motion-unavailable', this.#text, { mend: this.#mend }));
  }

  halt(): void {
    // Nothing here has ever moved anything.
  }

  scan(): Promise<RosScan> {
    return Promise.reject(new RoviError('scan-failed', this.#text, { mend: this.#mend }));
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
