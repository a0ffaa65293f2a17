import type { Logger } from 'pino';
import type { HttpFace } from '@rovi/http';
import type { Conductor } from '@rovi/conductor';
import type { SystemdNotifier } from '@rovi/systemd';

export interface DaemonParts {
  readonly conductor: Conductor;
  readonly http: HttpFace;
  readonly notifier: SystemdNotifier;
  readonly log: Logger;
  readonly releaseInstance: () => Promise<void>;
}

/** Milliseconds the daemon gives its parts to end before it exits anyway. No unit waits for it: stacks are systemd's. */
const STOP_MS = 5_000;

/** The running gateway: brings its parts up in order, tells systemd, and takes them down again. */
export class Daemon {
  readonly #parts: DaemonParts;
  #stopping = false;
  #announced = '';

  constructor(parts: DaemonParts) {
    this.#parts = parts;
  }

  /** Resolves when the API answers. Readiness does not wait for the bus: without it every state is shown as UNKNOWN. */
  async start(): Promise<void> {
    const { conductor, http, notifier, log } = this.#parts;
    conductor.subscribe((event) => {
      if (event.type === 'bus') this.#announce();
      if (event.type === 'stack') {
        const { name, state, verdict, unit } = event.stack;
        log.info({ unit: unit.unit, stack: name, state, verdict: verdict.text }, 'stack changed');
        this.#announce();
      }
      if (event.type === 'operation' && event.operation.outcome !== 'running') {
        const { id, kind, stack, actor, reason, outcome, message, duration_ms } = event.operation;
        log.info(
          { op: id, kind, stack, actor, reason, outcome, result: message, duration_ms },
          'operation ended',
        );
      }
    });
    await conductor.start();
    await http.start();
    await notifier.ready(this.#statusText());
    notifier.startWatchdog();
    log.info({ bus: conductor.snapshot().bus.connected }, 'gateway ready');
  }

  async stop(reason: string): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const { conductor, http, notifier, log, releaseInstance } = this.#parts;
    log.info({ reason }, 'gateway stopping');
    const deadline = setTimeout(() => process.exit(0), STOP_MS);
    await notifier.stopping();
    notifier.stopWatchdog();
    const ended = await Promise.allSettled([http.stop(), conductor.stop()]);
    for (const end of ended)
      if (end.status === 'rejected') log.warn({ err: end.reason as unknown }, 'part did not stop cleanly');
    await releaseInstance().catch(() => undefined);
    clearTimeout(deadline);
  }

  /** Puts the state into `systemctl status`, once per change: each time costs a process. */
  #announce(): void {
    const text = this.#statusText();
    if (text === this.#announced || this.#stopping) return;
    this.#announced = text;
    void this.#parts.notifier.status(text);
  }

  #statusText(): string {
    const { active, bus, known } = this.#parts.conductor.snapshot();
    if (!bus.connected) return `No connection to systemd: ${bus.error ?? 'unknown cause'}`;
    if (!known) return 'Reading systemd';
    return active === null ? 'No stack active' : `Stack ${active} active`;
  }
}
