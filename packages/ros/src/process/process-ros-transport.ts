import type { FromRosProcess, RosDriveEnd, RosProbe, RosProbeResult, RosScan } from '@rovi/contract';
import type {
  DriveOrder,
  HaltOrder,
  MotionTransport,
  RosMessage,
  RosSpec,
  RosTransport,
  TransportListener,
  TransportStatus,
} from '../ros-transport.js';
import { DriveCalls } from './drive-calls.js';
import type { ToProcess } from './protocol.js';
import { retryDelay } from './retry-delay.js';
import type { ProcessEnd } from './ros-process.js';
import { RosProcess } from './ros-process.js';
import { ScanCalls } from './scan-calls.js';

/** Exit codes of run_in_ros.sh (sysexits(3)) that say: not on this machine as it is. */
const UNAVAILABLE: readonly (number | null)[] = [69, 78];
/** Milliseconds it must have run for its earlier failures to be forgotten. */
const STEADY_MS = 60_000;
/** Milliseconds on top of a probe's own window. */
const PROBE_GRACE_MS = 3_000;

export const RESTART_MEND = 'Then: `rovictl ros restart`; the gateway and what it runs go on meanwhile.';

interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface ProcessRosTransportOptions {
  /** Program and words that become the ROS process, in the environment of ROS. */
  readonly command: readonly [string, ...string[]];
  /** The environment it is started with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Log;
}

/**
 * What the environment file says of ROS. It is read anew by whoever sources it: a line that has left the file since the
 * gateway started must not stay in force. Kept where ROS is sourced already: then it is the launch's word.
 */
const OF_ROS = /^(?:ROS_|RMW_|RCUTILS_|CYCLONEDDS_|FASTRTPS_|FASTDDS_|ZENOH_)/;

/** What belongs to the gateway's own unit: a child that had it could speak to systemd in its name. */
const OWN =
  /^(?:NOTIFY_SOCKET|WATCHDOG_.*|LISTEN_.*|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|NODE_CHANNEL_.*)$/;

/**
 * {@link RosTransport} and {@link MotionTransport} through a process of its own, which holds the native code: that can abort, hang or leak and
 * takes nothing with it. A process that ends or hangs is started again, after 1 s at first and 30 s at most.
 */
export class ProcessRosTransport implements RosTransport, MotionTransport {
  readonly #options: ProcessRosTransportOptions;
  #spec: RosSpec | null = null;
  #listener: TransportListener | null = null;
  #process: RosProcess | null = null;
  #topics: ReadonlySet<string> = new Set();
  #unavailable: { text: string; mend: string } | null = null;
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #restarts = 0;
  #onAt: number | null = null;
  #stopping = false;
  #probeId = 0;
  readonly #probes = new Map<number, (result: RosProbeResult) => void>();
  #types: ReadonlySet<string> = new Set();
  #status: TransportStatus = {
    state: 'starting',
    text: 'not started yet',
    mend: '',
    pid: null,
    restarts: 0,
    detail: {},
  };
  readonly #drives: DriveCalls;
  readonly #scans: ScanCalls;

  constructor(options: ProcessRosTransportOptions) {
    this.#options = options;
    const send = (message: ToProcess): boolean =>
      this.#onAt !== null && this.#process?.send(message) === true;
    this.#drives = new DriveCalls(send);
    this.#scans = new ScanCalls(send);
  }

  get status(): TransportStatus {
    return this.#status;
  }

  start(spec: RosSpec, listener: TransportListener): void {
    this.#spec = spec;
    this.#listener = listener;
    this.#launch();
  }

  publish(topic: string, message: RosMessage): void {
    if (this.#topics.has(topic)) this.#process?.send({ type: 'publish', topic, message });
  }

  restart(): void {
    if (this.#stopping) return;
    this.#failures = 0;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    const before = this.#process;
    if (before === null) this.#launch();
    else {
      this.#onAt = null;
      this.#topics = new Set();
      this.#tell({ state: 'starting', text: 'its process is started anew', mend: '', detail: {} });
      void before.stop();
    }
  }

  probe(probe: RosProbe, signal?: AbortSignal): Promise<RosProbeResult> {
    const ros = this.#process;
    if (ros === null || this.#onAt === null) return Promise.resolve(found(false, 'the ROS face is not on'));
    if (probe.kind === 'available') return Promise.resolve(found(true, 'ROS is there'));
    this.#probeId += 1;
    const id = this.#probeId;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#probes.delete(id);
      };
      const done = (result: RosProbeResult): void => (leave(), resolve(result));
      const abort = (): void => {
        leave();
        ros.send({ type: 'unprobe', id });
        reject(signal?.reason as Error);
      };
      const patience = PROBE_GRACE_MS + (probe.kind === 'topic' ? probe.window_ms : 0);
      const timer = setTimeout(() => done(found(false, 'the ROS process did not answer in time')), patience);
      if (signal?.aborted === true) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      this.#probes.set(id, done);
      if (!ros.send({ type: 'probe', id, probe }))
        done(found(false, 'the ROS process does not take requests'));
    });
  }

  speaks(type: string): boolean {
    return this.#onAt !== null && this.#types.has(type);
  }

  drive(order: DriveOrder, signal: AbortSignal): Promise<RosDriveEnd> {
    return this.#drives.drive(order, signal);
  }

  halt(order: HaltOrder): void {
    this.#drives.halt(order);
  }

  scan(topic: string, signal: AbortSignal): Promise<RosScan> {
    return this.#scans.scan(topic, signal);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#process?.stop();
  }

  #launch(): void {
    if (this.#spec === null) return;
    this.#unavailable = null;
    const environment: Record<string, string> = {};
    const sourced = (this.#options.environment['AMENT_PREFIX_PATH'] ?? '') !== '';
    for (const [name, value] of Object.entries(this.#options.environment)) {
      if (value === undefined || OWN.test(name) || (!sourced && OF_ROS.test(name))) continue;
      environment[name] = value;
    }
    const ros = new RosProcess({
      command: this.#options.command,
      environment,
      spec: this.#spec,
      heard: (message) => this.#heard(message),
      printed: (line) => this.#options.logger.info({ said: line }, 'the ROS process says'),
      drained: () => this.#listener?.resync(this.#topics),
      ended: (end) => this.#ended(end),
    });
    this.#process = ros;
    this.#tell({ state: 'starting', text: 'its process is on its way', mend: '', detail: {} });
  }

  #heard(message: FromRosProcess): void {
    switch (message.type) {
      case 'ready':
        this.#topics = new Set(message.topics);
        this.#types = new Set(message.types);
        this.#onAt = performance.now();
        this.#process?.watch();
        // Before all else: the base may still move by what its forerunner said last.
        this.#drives.renewed();
        this.#tell({
          state: 'on',
          text: `node ${message.detail['node'] ?? 'unknown'}, ${message.topics.length} topics, ${message.services.length} services`,
          mend: '',
          detail: message.detail,
        });
        this.#listener?.resync(this.#topics);
        return;
      case 'unavailable':
        this.#unavailable = { text: message.text, mend: message.mend };
        return;
      case 'call': {
        const ros = this.#process;
        const { id } = message;
        this.#listener?.call(message.service, message.request, (response) => {
          ros?.send({ type: 'respond', id, response });
        });
        return;
      }
      case 'probed':
        this.#probes.get(message.id)?.(message.result);
        return;
      case 'kept':
        return this.#drives.kept(message.id);
      case 'drove':
        return this.#drives.drove(message.id, message);
      case 'scanned':
        return this.#scans.scanned(message.id, message.scan, message.text);
      case 'fault':
        this.#options.logger.warn({ fault: message.text }, 'the ROS process reports a fault');
        return;
      case 'pong':
        return;
    }
  }

  #ended({ bidden, status, text, said }: ProcessEnd): void {
    const steady = this.#onAt !== null && performance.now() - this.#onAt > STEADY_MS;
    this.#process = null;
    this.#onAt = null;
    this.#topics = new Set();
    for (const answer of [...this.#probes.values()]) answer(found(false, 'the ROS process has ended'));
    this.#drives.gone(text);
    this.#scans.gone(text);
    if (this.#stopping) return this.#tell({ state: 'off', text: 'stopped', mend: '', detail: {} });
    if (bidden) return this.#launch();
    if (this.#unavailable !== null || UNAVAILABLE.includes(status)) {
      const why = this.#unavailable ?? {
        text: said.replace(/^run_in_ros: /, ''),
        mend: 'docs/ros.md says what ROS needs.',
      };
      this.#failures = 0;
      this.#tell({ state: 'off', text: why.text, mend: `${why.mend} ${RESTART_MEND}`, detail: {} });
      return;
    }
    this.#failures = steady ? 1 : this.#failures + 1;
    const delay = retryDelay(this.#failures);
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#restarts += 1;
      this.#launch();
    }, delay);
    this.#tell({
      state: 'failing',
      text: `its process ${text}${said === '' ? '' : ` (it said: ${said})`}; it is started again in ${delay / 1000} s`,
      mend: 'Its output is in the journal: `rovictl logs gateway`. docs/ros.md names what it needs.',
      detail: {},
    });
  }

  #tell(status: Pick<TransportStatus, 'state' | 'text' | 'mend' | 'detail'>): void {
    this.#status = { ...status, pid: this.#process?.pid ?? null, restarts: this.#restarts };
    this.#listener?.status(this.#status);
  }
}

function found(ok: boolean, text: string): RosProbeResult {
  return { ok, text, rate: null, publishers: null, type: null };
}
