import { spawn } from 'node:child_process';
import type { Logger } from './logger.js';

/**
 * A shell that runs `systemd-notify` for each line it is given: starting a program from this process holds up its
 * event loop for milliseconds, and does so just when a stack changes.
 */
const MESSENGER = 'while IFS= read -r line; do timeout 5 systemd-notify "$line"; done';
type Messenger = ReturnType<typeof spawn> & { stdin: NonNullable<ReturnType<typeof spawn>['stdin']> };

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
  #messenger: Messenger | null = null;

  constructor(options: SystemdNotifierOptions) {
    this.#logger = options.logger;
    this.#environment = options.environment ?? process.env;
  }

  ready(text: string): Promise<void> {
    // The status first: systemd may show the unit as soon as it is ready.
    return this.#notify([`STATUS=${oneLine(text)}`, 'READY=1']);
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

  /** Sent in order. Resolves when it is on its way; what went wrong is logged. */
  #notify(assignments: readonly string[]): Promise<void> {
    const socket = this.#environment['NOTIFY_SOCKET'];
    if (socket === undefined || socket === '') return Promise.resolve();
    this.#messenger ??= this.#start(socket);
    const { stdin } = this.#messenger;
    return new Promise((resolve) =>
      stdin.write(assignments.map((one) => `${one}\n`).join(''), () => resolve()),
    );
  }

  #start(socket: string): Messenger {
    const env = { PATH: this.#environment['PATH'] ?? '/usr/bin:/bin', NOTIFY_SOCKET: socket, LC_ALL: 'C' };
    const messenger = spawn('/bin/sh', ['-c', MESSENGER], {
      env,
      stdio: ['pipe', 'ignore', 'inherit'],
    }) as Messenger;
    const over = (err: unknown): void => {
      if (this.#messenger === messenger) this.#messenger = null;
      this.#logger.warn({ err }, 'systemd could not be notified');
    };
    messenger.on('error', over);
    messenger.on('exit', (code, signal) => over(new Error(`its messenger ended with ${code ?? signal}`)));
    messenger.stdin.on('error', () => undefined); // its end is told by the above
    messenger.unref();
    return messenger;
  }
}

/** Line breaks separate assignments in the protocol. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
