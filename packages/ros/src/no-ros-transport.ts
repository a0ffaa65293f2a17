import type { RosProbeResult } from '@rovi/contract';
import type { RosSpec, RosTransport, TransportListener } from './ros-transport.js';

/** The transport of a robot that is to have no ROS face: off, and it says why. */
export class NoRosTransport implements RosTransport {
  readonly #text: string;
  readonly #mend: string;

  constructor(text: string, mend: string) {
    this.#text = text;
    this.#mend = mend;
  }

  start(_spec: RosSpec, listener: TransportListener): void {
    listener.status({
      state: 'off',
      text: this.#text,
      mend: this.#mend,
      pid: null,
      restarts: 0,
      detail: {},
    });
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

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
