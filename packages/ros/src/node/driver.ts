import type { FromRosProcess, RosDriveEnd } from '@rovi/contract';
import type { DriveOrder, HaltOrder } from '../ros-transport.js';
import { DrivePlan, faultOf } from './drive-plan.js';
import { OdometryPath } from './odometry-path.js';
import type { Position } from './sensor-messages.js';

/** Zeros after the first one, and the most milliseconds between two of them. */
const ZEROS = 5;
const ZERO_MS = 50;
/** Milliseconds that zeros go on where nobody listens yet. */
const UNHEARD_MS = 500;

/** A publisher of velocities. */
export interface Outlet {
  readonly listeners: number;
  /** m/s, in the base's own frame. */
  publish(x: number, y: number): void;
  close(): void;
}

/** What the driver needs of the graph. */
export interface DriverGraph {
  /** Throws where this ROS has no such message. */
  outlet(order: HaltOrder): Outlet;
  /** Null where this ROS has no odometry. Returns what ends it. */
  odometry(topic: string, heard: (position: Position) => void): (() => void) | null;
}

export interface DriverOptions {
  readonly graph: DriverGraph;
  readonly say: (message: Extract<FromRosProcess, { type: 'drove' | 'kept' | 'fault' }>) => void;
  /** The clock of `at`. */
  readonly now: () => number;
}

interface Drive {
  readonly id: number;
  readonly order: DriveOrder;
  readonly plan: DrivePlan;
  readonly path: OdometryPath;
  readonly unfollow: (() => void) | null;
}

/**
 * Moves the base, and stops it: whatever ends a drive, zeros go out at once, then for a short while, and only then is
 * the topic given up. Nothing is published on it otherwise: somebody else may be driving.
 */
export class Driver {
  readonly #options: DriverOptions;
  #drive: Drive | null = null;
  #open: { readonly order: HaltOrder; readonly outlet: Outlet } | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Told when the zeros have gone out. */
  #waiting: (() => void)[] = [];

  constructor(options: DriverOptions) {
    this.#options = options;
  }

  /** Begins a drive that was wanted `at` that time, unless another goes on. */
  drive(id: number, at: number, order: DriveOrder): void {
    const fault = this.#drive === null ? faultOf(order) : 'another drive goes on';
    if (fault !== null) return this.#tell(id, { ended: 'refused', text: fault }, null);
    const { now, graph } = this.#options;
    const path = new OdometryPath();
    try {
      this.#openOutlet(order);
      const unfollow =
        order.odometry === null
          ? null
          : graph.odometry(order.odometry, (position) => path.add(position, now()));
      this.#drive = { id, order, plan: new DrivePlan(order, at, now()), path, unfollow };
    } catch (error) {
      this.#closeOutlet();
      return this.#tell(id, { ended: 'refused', text: textOf(error) }, null);
    }
    this.#step();
  }

  /** Somebody still wants this drive. */
  keep(id: number, at: number): void {
    if (this.#drive?.id !== id) return;
    this.#drive.plan.keep(at, this.#options.now());
    this.#options.say({ type: 'kept', id });
  }

  /** Ends what goes on, and tells the base to stop in any case. */
  halt(order: HaltOrder): void {
    if (this.#drive !== null) return this.#end('halted', 'it was told to stop');
    try {
      this.#openOutlet(order);
    } catch (error) {
      return this.#options.say({ type: 'fault', text: `halt: ${textOf(error)}` });
    }
    this.#zeros(order.rate);
  }

  /** The process is about to end: resolves when the zeros of the last drive have gone out. */
  async leave(): Promise<void> {
    if (this.#drive !== null) this.#end('fault', 'the ROS process ends');
    if (this.#open !== null) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The process ends in this very turn. */
  abandon(): void {
    if (this.#open !== null) this.#publish(0, 0);
  }

  #step(): void {
    const drive = this.#drive;
    if (drive === null) return;
    const { order, plan, path, unfollow } = drive;
    const now = this.#options.now();
    const step = plan.look(now, {
      listeners: this.#open?.outlet.listeners ?? 0,
      located: unfollow === null || path.located(now),
    });
    if (step.kind === 'end') return this.#end(step.ended, step.text);
    if (step.begins) path.begin(now);
    if (step.kind === 'publish') {
      const fault = this.#publish(order.x, order.y);
      if (fault !== null) return this.#end('fault', fault);
    }
    this.#wait(step.until - this.#options.now(), () => this.#step());
  }

  #end(ended: RosDriveEnd['ended'], text: string): void {
    const drive = this.#drive;
    if (drive === null) return;
    this.#drive = null;
    // Where nothing went out nothing is to be taken back.
    if (ended === 'refused') this.#closeOutlet();
    else this.#zeros(drive.order.rate);
    const distance = drive.unfollow === null ? null : drive.path.distance(this.#options.now());
    this.#tell(drive.id, { ended, text }, distance);
    drive.unfollow?.();
  }

  /** A zero now and some more, to somebody who listens where there is anybody; then the topic is given up. */
  #zeros(rate: number): void {
    const period = Math.min(ZERO_MS, 1000 / rate);
    const begin = this.#options.now();
    let left = ZEROS;
    const next = (): void => {
      const heard = (this.#open?.outlet.listeners ?? 0) > 0;
      const fault = this.#publish(0, 0);
      const inVain = this.#options.now() - begin >= UNHEARD_MS;
      if (left === 0 || (inVain && (!heard || fault !== null))) return this.#closeOutlet();
      if (heard && fault === null) left -= 1;
      this.#wait(period, next);
    };
    next();
  }

  #publish(x: number, y: number): string | null {
    try {
      this.#open?.outlet.publish(x, y);
      return null;
    } catch (error) {
      return textOf(error);
    }
  }

  #openOutlet(order: HaltOrder): void {
    const { topic, message, frame_id } = order;
    const open = this.#open?.order;
    if (open?.topic === topic && open.message === message && open.frame_id === frame_id)
      return this.#cancel();
    this.#closeOutlet();
    this.#open = { order, outlet: this.#options.graph.outlet(order) };
  }

  #closeOutlet(): void {
    this.#cancel();
    const outlet = this.#open?.outlet;
    this.#open = null;
    try {
      outlet?.close();
    } catch (error) {
      this.#options.say({ type: 'fault', text: `the topic could not be given up: ${textOf(error)}` });
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** The one timer there is: a drive's, or that of its zeros. */
  #wait(ms: number, act: () => void): void {
    this.#cancel();
    this.#timer = setTimeout(act, Math.max(1, Math.ceil(ms)));
  }

  #cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #tell(id: number, end: Pick<RosDriveEnd, 'ended' | 'text'>, distance: number | null): void {
    this.#options.say({ type: 'drove', id, ...end, distance, measured: distance !== null });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
