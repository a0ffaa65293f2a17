import type { AuditLog, ConductorApi, FleetCaller, FleetConsole } from '@rovi/conductor';
import { auditedNow } from '@rovi/conductor';
import { unitBaseName } from '@rovi/contract';
import type {
  FaceStatus,
  FleetAskBody,
  FleetCommand,
  FleetEvent,
  FleetImpact,
  FleetRun,
  FleetRunBody,
  FleetSettings,
  FleetStatus,
  MqttEntry,
  Snapshot,
} from '@rovi/contract';
import type { Arrival, BrokerConnection } from '../broker-connection.js';
import { BrokerLink } from '../broker-link.js';
import type { Logger } from '../rare-log.js';
import { RareLog } from '../rare-log.js';
import { FleetMail } from './fleet-mail.js';
import type { Behalf } from './fleet-mail.js';
import { FleetQuestions, robotUnknown } from './fleet-questions.js';
import { FleetRuns } from './fleet-runs.js';
import { FLEET_ROBOTS, FleetTable } from './fleet-table.js';
import type { Standing } from './fleet-table.js';
import { FloodGate } from './flood-gate.js';
import { fleetTopics } from './fleet-topics.js';
import type { FleetTopics } from './fleet-topics.js';
import { readLink, readReport } from './fleet-word.js';
import { KeptKey } from './kept-key.js';

/** Milliseconds that what robots say is gathered. */
const GATHER_MS = 200;
/** Characters of the robots' names in the audit. */
const NAMES = 2_000;

export interface FleetObserverOptions {
  readonly conductor: ConductorApi;
  readonly entry: MqttEntry;
  readonly fleet: FleetSettings;
  readonly audit: AuditLog;
  readonly logger: Logger;
}

/**
 * The robots of a fleet, for those who look at it by this gateway: a connection of its own, with which the broker keeps
 * nothing for it. It has no will, for nobody asks whether a console is there.
 */
export class FleetObserver implements FleetConsole {
  readonly #options: FleetObserverOptions;
  readonly #topics: FleetTopics;
  readonly #clientId: string;
  readonly #link: BrokerLink;
  readonly #key: KeptKey;
  readonly #table = new FleetTable();
  readonly #gate = new FloodGate();
  readonly #mail: FleetMail;
  readonly #questions: FleetQuestions;
  readonly #runs: FleetRuns;
  readonly #listeners = new Set<(event: FleetEvent) => void>();
  readonly #unbelieved: RareLog;
  readonly #oddAnswers: RareLog;
  readonly #crowd: RareLog;
  readonly #refusals: RareLog;
  #gathering: NodeJS.Timeout | null = null;
  #staleness: NodeJS.Timeout | null = null;
  #whole = false;
  #since = new Date().toISOString();
  #reported = '';
  #logged = '';
  #stopped = false;

  constructor(options: FleetObserverOptions) {
    const { conductor, entry, fleet, logger } = options;
    this.#options = options;
    const { robot, boot_id: bootId } = conductor.snapshot();
    this.#topics = fleetTopics(fleet.prefix);
    this.#clientId = `${entry.client_id ?? `rovi-${robot}`}-console`;
    this.#unbelieved = new RareLog(logger, 'word of a robot not believed');
    this.#oddAnswers = new RareLog(logger, 'answer of a robot not taken');
    this.#crowd = new RareLog(logger, 'robot not shown');
    this.#refusals = new RareLog(logger, 'broker refuses a subscription');
    this.#link = new BrokerLink({
      entry,
      clientId: this.#clientId,
      clean: true,
      properties: { robot, boot_id: bootId },
      opened: (connection) => this.#opened(connection),
      arrived: (arrival) => this.#arrived(arrival),
      lost: () => this.#lost(),
      changed: () => this.#changed(),
    });
    this.#key = new KeptKey(fleet.key_file, (before) => {
      if (before.signer?.key !== this.#key.now.signer?.key) this.#all();
      this.#report();
    });
    this.#mail = new FleetMail({
      topics: this.#topics,
      console: this.#clientId,
      signer: () => this.#key.now.signer,
      connection: () => this.#link.connection,
      odd: (why) => this.#oddAnswers.report(why),
    });
    const standing = (name: string): Standing | null => this.#table.standing(name, performance.now());
    this.#questions = new FleetQuestions(this.#mail, standing);
    this.#runs = new FleetRuns({
      field: {
        now: () => performance.now(),
        after: (ms, run) => {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
        standing,
        bootId: (name) => this.#table.bootId(name),
        send: (letter) => this.#mail.send(letter),
      },
      time: () => new Date().toISOString(),
      told: (run) => this.#tell({ type: 'run', run }),
    });
  }

  /** Reads the key and begins to listen as soon as the broker is there. Returns at once and never throws. */
  start(): void {
    this.#link.start();
    void this.#key.read();
  }

  /** Leaves the broker; what robots do they go on with. Takes half a second at most. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#key.stop();
    this.#runs.stop();
    this.#settle();
    await this.#link.stop();
  }

  status(): FleetStatus {
    const { text } = this.#link.state;
    const connected = this.#link.connection !== null;
    return {
      at: new Date().toISOString(),
      broker: {
        address: this.#options.entry.broker,
        connected,
        since: this.#since,
        text: connected ? '' : text,
      },
      key: this.#key.now.signer?.key ?? null,
      robots: this.#table.robots(performance.now()),
    };
  }

  follow(listener: (event: FleetEvent) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    listener({ type: 'fleet', fleet: this.status(), runs: this.#runs.list });
    // Once a follower, also where the same function follows twice.
    const own = (event: FleetEvent): void => listener(event);
    this.#listeners.add(own);
    signal.addEventListener('abort', () => this.#listeners.delete(own), { once: true });
  }

  ask(body: FleetAskBody, caller: FleetCaller): Promise<FleetImpact[]> {
    return this.#questions.impacts(body, behalfOf(caller));
  }

  run(body: FleetRunBody, caller: FleetCaller): FleetRun {
    const { audit } = this.#options;
    const robots = body.targets.map(({ robot }) => robot);
    const said = describe(body.command, robots);
    return auditedNow(
      { command: `fleet-${body.command.kind}`, target: null, request: { ...caller, reason: body.reason } },
      { log: audit, now: () => new Date().toISOString(), message: said },
      () => {
        this.#mail.ready();
        for (const robot of robots) if (!this.#table.has(robot)) throw robotUnknown(robot);
        return this.#runs.start(body, behalfOf(caller));
      },
    );
  }

  runs(): readonly FleetRun[] {
    return this.#runs.list;
  }

  look(robot: string, caller: FleetCaller): Promise<Snapshot> {
    return this.#questions.look(robot, behalfOf(caller));
  }

  #opened(connection: BrokerConnection): void {
    this.#table.connect();
    const own = this.#topics.reply('+', this.#clientId);
    // What is told again anyway needs no acknowledgement; a broker queues only so much of what does.
    for (const [topic, qos, retained] of [
      [own, 1, false],
      [this.#topics.link('+'), 0, true],
      [this.#topics.state('+'), 0, true],
    ] as const) {
      connection.subscribe({ topic, qos, retained }, (why) => this.#refusals.report(`${topic}: ${why}`));
    }
    void this.#key.read();
  }

  #lost(): void {
    this.#table.disconnect();
    this.#runs.wake();
  }

  #changed(): void {
    this.#since = new Date().toISOString();
    this.#all();
    this.#report();
  }

  #arrived(arrival: Arrival): void {
    const { topic, payload, retained, expiry } = arrival;
    const { prefix } = this.#options.fleet;
    const [robot = '', kind, console, ...more] = topic.slice(prefix.length + 1).split('/');
    if (!unitBaseName.safeParse(robot).success) return this.#unbelieved.report('a topic of no robot');
    const now = performance.now();
    if (!this.#gate.admits(robot, payload.length, now))
      return this.#unbelieved.report(`${robot}: more in a second than is read`);
    if (kind === 'reply' && console === this.#clientId && more.length === 0) {
      this.#mail.arrived(robot, arrival);
      return;
    }
    const how = { now, retained, expiry };
    const cleared = payload.length === 0;
    if (kind === 'state') {
      const heard = cleared ? { word: null } : readReport(robot, payload);
      this.#take(heard, (word) => this.#table.report(robot, word, how));
    } else if (kind === 'link') {
      const heard = cleared ? { word: null } : readLink(robot, payload);
      this.#take(heard, (word) => this.#table.link(robot, word, how));
    }
  }

  #take<Word>(
    heard: { readonly word: Word } | { readonly fault: string },
    put: (word: Word) => boolean,
  ): void {
    if ('fault' in heard) return this.#unbelieved.report(heard.fault);
    if (!put(heard.word)) this.#crowd.report(`there are more than ${String(FLEET_ROBOTS)} robots`);
    this.#gather();
  }

  #gather(): void {
    if (!this.#stopped) this.#gathering ??= setTimeout(() => this.#news(), GATHER_MS);
  }

  /** Tells what is other by now, and sets the one timer to when the next robot grows stale. */
  #news(): void {
    this.#settle();
    const now = performance.now();
    const { robots, removed, next } = this.#table.news(now);
    if (Number.isFinite(next)) {
      this.#staleness = setTimeout(() => this.#news(), Math.max(GATHER_MS, next - now + 1));
    }
    const whole = this.#whole;
    this.#whole = false;
    if (!whole && robots.length === 0 && removed.length === 0) return;
    if (whole) this.#tell({ type: 'fleet', fleet: this.status(), runs: this.#runs.list });
    else
      this.#tell({
        type: 'robots',
        at: new Date().toISOString(),
        robots: [...robots],
        removed: [...removed],
      });
    this.#runs.wake();
    this.#report();
  }

  /** All may be different. */
  #all(): void {
    this.#whole = true;
    this.#gather();
  }

  #settle(): void {
    for (const timer of [this.#gathering, this.#staleness]) if (timer !== null) clearTimeout(timer);
    this.#gathering = null;
    this.#staleness = null;
  }

  #tell(event: FleetEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #report(): void {
    const { entry, fleet, logger, conductor } = this.#options;
    const link = this.#link.state;
    const key = this.#key.now;
    const on = link.state === 'on';
    const mute = key.signer === null && fleet.key_file !== undefined;
    const said = [link.text, ...(on && key.signer === null ? [key.text] : [])];
    const status: FaceStatus = {
      name: 'fleet-console',
      state: on && mute ? 'failing' : link.state,
      text: [...said, ...(on ? [`${String(this.#table.size)} robots`] : [])].join('; '),
      mend: on && key.signer === null ? key.mend : link.mend,
      since: this.#since,
      pid: null,
      restarts: this.#link.losses,
      detail: {
        broker: entry.broker,
        client_id: this.#clientId,
        robots: String(this.#table.size),
        ...(key.signer === null ? {} : { key: key.signer.key }),
      },
    };
    const shown = JSON.stringify(status);
    if (shown === this.#reported) return;
    this.#reported = shown;
    const line = `${status.state} ${said.join('; ')}`;
    if (line !== this.#logged) {
      logger.info({ face: 'fleet-console', state: status.state, text: status.text }, 'fleet console changed');
    }
    this.#logged = line;
    conductor.reportFace(status);
  }
}

function behalfOf({ actor, role }: FleetCaller): Behalf {
  return { name: actor.name, role, verified: actor.verified };
}

/** `start nav on 2 robots: alpha, beta`. */
function describe(command: FleetCommand, robots: readonly string[]): string {
  const on = 'stack' in command ? ` ${command.stack}` : 'service' in command ? ` ${command.service}` : '';
  const names = robots.join(', ');
  const shown = names.length > NAMES ? `${names.slice(0, NAMES)}…` : names;
  return `${command.kind}${on} on ${String(robots.length)} robots: ${shown}`;
}
