import type { Logger } from 'pino';
import type { HttpFace } from '@rovi/http';
import type { Conductor, StoredTicketDesk } from '@rovi/conductor';
import type { Operation, StackStatus } from '@rovi/contract';
import type { FleetMember, FleetObserver, MqttFace } from '@rovi/mqtt';
import type { RosFace } from '@rovi/ros';
import type { SystemdNotifier } from '@rovi/systemd';

export interface DaemonParts {
  readonly conductor: Conductor;
  readonly tickets: StoredTicketDesk;
  readonly http: HttpFace;
  readonly ros: RosFace;
  /** Null where the catalog names no broker. */
  readonly mqtt: MqttFace | null;
  /** Null where it is in no fleet. */
  readonly member: FleetMember | null;
  /** Null where this gateway observes no fleet. */
  readonly fleetConsole: FleetObserver | null;
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
  /** Operations whose begin is in the log, and what it said last of each stack. */
  readonly #begun = new Set<string>();
  readonly #logged = new Map<string, string>();

  constructor(parts: DaemonParts) {
    this.#parts = parts;
  }

  /** Resolves when the API answers. Readiness does not wait for the bus: without it every state is shown as UNKNOWN. */
  async start(): Promise<void> {
    const { conductor, tickets, http, ros, mqtt, member, fleetConsole, notifier, log } = this.#parts;
    conductor.subscribe((event) => {
      if (event.type === 'bus') this.#announce();
      if (event.type === 'stack') {
        this.#logStack(event.stack);
        this.#announce();
      }
      if (event.type === 'operation') this.#logOperation(event.operation);
    });
    await conductor.start();
    // Not waited for: a disk that hangs keeps tickets away, and nothing else.
    void tickets.start();
    await http.start();
    await notifier.ready(this.#statusText());
    notifier.startWatchdog();
    // Last: robots boot without ROS and without a broker too, and what they need takes a while.
    ros.start();
    mqtt?.start();
    member?.start();
    fleetConsole?.start();
    log.info({ bus: conductor.activity.bus.connected }, 'gateway ready');
  }

  /** Takes over what the catalog file has by now, for who sent SIGHUP (`systemctl reload`). What came of it is logged. */
  async reload(): Promise<void> {
    const { conductor, log } = this.#parts;
    try {
      const reload = await conductor.reload({
        actor: { name: 'SIGHUP', face: 'conductor', verified: true },
        origin: { transport: 'none', peer: null, via: null, role: null },
        reason: '',
      });
      log.info({ reload }, 'catalog reloaded');
      if (reload.needs_install.length > 0 || reload.needs_restart.length > 0) {
        log.warn(
          { needs_install: reload.needs_install, needs_restart: reload.needs_restart },
          'not all of the catalog is in force',
        );
      }
    } catch (err) {
      log.error({ err }, 'catalog not reloaded: what was in force stays');
    }
  }

  async stop(reason: string): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const { conductor, tickets, http, ros, mqtt, member, fleetConsole, notifier, log, releaseInstance } =
      this.#parts;
    log.info({ reason }, 'gateway stopping');
    const deadline = setTimeout(() => process.exit(0), STOP_MS);
    await notifier.stopping();
    notifier.stopWatchdog();
    // First, and while ROS is there: what tickets move is told to stop.
    const stopped = await Promise.allSettled([tickets.stop()]);
    const others = await Promise.allSettled([
      ros.stop(),
      mqtt?.stop(reason),
      member?.stop(reason),
      fleetConsole?.stop(),
      http.stop(),
      conductor.stop(),
    ]);
    const ended = [...stopped, ...others];
    for (const end of ended)
      if (end.status === 'rejected') log.warn({ err: end.reason as unknown }, 'part did not stop cleanly');
    await releaseInstance().catch(() => undefined);
    clearTimeout(deadline);
  }

  #logStack({ name, state, verdict, unit }: StackStatus): void {
    const said = `${state} ${verdict.text}`;
    const before = this.#logged.get(name);
    this.#logged.set(name, said);
    // At its start the gateway finds most stacks stopped: no news.
    if (before === said || (before === undefined && state === 'STOPPED' && verdict.level === 'ok')) return;
    this.#parts.log.info({ unit: unit.unit, stack: name, state, verdict: verdict.text }, 'stack changed');
  }

  /** Its begin too: a conductor that is killed in the middle leaves a trace of what it was about. */
  #logOperation(operation: Operation): void {
    const { id, kind, stack, from, actor, reason, outcome, message, duration_ms } = operation;
    const about = { op: id, kind, stack, from, actor, reason };
    if (outcome !== 'running') {
      this.#begun.delete(id);
      this.#parts.log.info({ ...about, outcome, result: message, duration_ms }, 'operation ended');
    } else if (!this.#begun.has(id)) {
      this.#begun.add(id);
      this.#parts.log.info(about, 'operation begun');
    }
  }

  /** Puts the state into `systemctl status`, once per change: each time costs a process. */
  #announce(): void {
    const text = this.#statusText();
    if (text === this.#announced || this.#stopping) return;
    this.#announced = text;
    void this.#parts.notifier.status(text);
  }

  #statusText(): string {
    const { active, bus, known } = this.#parts.conductor.activity;
    if (!bus.connected) return `No connection to systemd: ${bus.error ?? 'unknown cause'}`;
    if (!known) return 'Reading systemd';
    return active === null ? 'No stack active' : `Stack ${active} active`;
  }
}
