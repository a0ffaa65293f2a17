import { execFile } from 'node:child_process';
import type { Logger } from './logger.js';

/** Milliseconds a notification may take; its loss is logged, and the next one comes anyway. */
const NOTIFY_MS = 5_000;

export interface SystemdNotifierOptions {
  readonly logger: Logger;
  /** Where NOTIFY_SOCKET and WATCHDOG_USEC are looked up; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Tells the service manager about this process, through `systemd-notify`: Node has no datagram sockets of that
 * family. Does nothing outside a service of `Type=notify`. Never rejects: what cannot be told is logged.
 */
export class SystemdNotifier {
  readonly #logger: Logger;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #watchdog: NodeJS.Timeout | null = null;
  #pinging = false;
  #last: Promise<void> = Promise.resolve();

  constructor(options: SystemdNotifierOptions) {
    this.#logger = options.logger;
    this.#environment = options.environment ?? process.env;
  }

  ready(text: string): Promise<void> {
    return this.#notify(['READY=1', `STATUS=${oneLine(text)}`]);
  }

  /** The line that `systemctl status` shows. */
  status(text: string): Promise<void> {
    return this.#notify([`STATUS=${oneLine(text)}`]);
  }

  stopping(): Promise<void> {
    return this.#notify(['STOPPING=1']);
  }

  /**
   * Pings at each third of WATCHDOG_USEC, from the event loop: one that hangs goes quiet. WATCHDOG_PID is not looked
   * at: where the gateway is one of the processes of a `ros2 launch`, it names the launch, which does not ping.
   */
  startWatchdog(): void {
    const microseconds = Number(this.#environment['WATCHDOG_USEC'] ?? '');
    if (!Number.isFinite(microseconds) || microseconds <= 0 || this.#watchdog !== null) return;
    const ping = (): void => {
      if (this.#pinging) return;
      this.#pinging = true;
      void this.#notify(['WATCHDOG=1']).finally(() => {
        this.#pinging = false;
      });
    };
    ping();
    this.#watchdog = setInterval(ping, microseconds / 3000);
  }

  stopWatchdog(): void {
    if (this.#watchdog !== null) clearInterval(this.#watchdog);
    this.#watchdog = null;
  }

  /** One after the other: a later status never arrives before an earlier one. */
  #notify(assignments: readonly string[]): Promise<void> {
    const socket = this.#environment['NOTIFY_SOCKET'];
    if (socket === undefined || socket === '') return Promise.resolve();
    this.#last = this.#last.then(() => this.#run(socket, assignments));
    return this.#last;
  }

  #run(socket: string, assignments: readonly string[]): Promise<void> {
    const env = { PATH: this.#environment['PATH'] ?? '/usr/bin:/bin', NOTIFY_SOCKET: socket, LC_ALL: 'C' };
    return new Promise((resolve) => {
      execFile('systemd-notify', assignments, { env, timeout: NOTIFY_MS, killSignal: 'SIGKILL' }, (err) => {
        if (err !== null) this.#logger.warn({ err }, 'systemd could not be notified');
        resolve();
      });
    });
  }
}

/** Line breaks separate assignments in the protocol. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
