import type { AuditLog, ConductorApi, TicketDesk } from '@rovi/conductor';
import { FLEET_KEPT_S, RoviError } from '@rovi/contract';
import type {
  FaceStatus,
  FleetLink,
  FleetOperator,
  FleetReply,
  FleetReport,
  FleetSettings,
  MqttEntry,
} from '@rovi/contract';
import type { Arrival, BrokerConnection } from '../broker-connection.js';
import { BrokerLink } from '../broker-link.js';
import type { LinkState } from '../broker-link.js';
import type { Answer } from '../publication.js';
import type { Logger } from '../rare-log.js';
import { RareLog } from '../rare-log.js';
import { FleetDesk } from './fleet-desk.js';
import type { FleetDeskOptions } from './fleet-desk.js';
import { fleetReport } from './fleet-report.js';
import { readFleetRequest } from './fleet-request.js';
import type { NotTaken, SignedRequest } from './fleet-request.js';
import { fleetTopics, isReplyTopic } from './fleet-topics.js';
import type { FleetTopics } from './fleet-topics.js';
import type { FleetClocks } from './offer-book.js';
import { Quota } from './quota.js';
import { RefusedTopics } from './refused-topics.js';

/** Milliseconds between two reports at least: what changes faster is told once. */
const GATHER_MS = 500;
/** Milliseconds after which what the broker did not take now is tried again. */
const LATER_MS = 1_000;
/**
 * Milliseconds after which the link is said anew: a broker drops it for a console that is slow at that moment, and until it
 * is said again that console takes the robot for offline, and sends it nothing.
 */
const LINK_MS = 300_000;
/** Milliseconds that the last word gets at the end. */
const LAST_MS = 1_000;
/** Seconds that a broker keeps an answer for a console. */
const REPLY_EXPIRY_S = 60;
/** Requests that are read a second; more is a flood. */
const REQUESTS_PER_S = 100;
/** Requests of strangers that are written into the audit a minute: they cannot fill the journal. */
const AUDITED_A_MINUTE = 10;

export interface FleetMemberOptions {
  readonly conductor: FleetDeskOptions['conductor'] & Pick<ConductorApi, 'subscribe' | 'reportFace'>;
  readonly tickets: Pick<TicketDesk, 'estop'>;
  readonly audit: AuditLog;
  readonly entry: MqttEntry;
  readonly fleet: FleetSettings;
  /** Whose commands are taken at this moment. */
  readonly operators: () => readonly FleetOperator[];
  readonly clocks: FleetClocks;
  readonly logger: Logger;
}

/**
 * This robot in its fleet: tells how it is, and takes commands that are signed by whom the catalog names. On a connection
 * of its own with a clean start, so that no broker keeps a command for a robot that is away (docs/decisions/0026).
 */
export class FleetMember {
  readonly #options: FleetMemberOptions;
  readonly #robot: string;
  readonly #bootId: string;
  readonly #topics: FleetTopics;
  readonly #desk: FleetDesk;
  readonly #broker: BrokerLink;
  readonly #requests = new Quota(REQUESTS_PER_S, 1_000);
  readonly #audited = new Quota(AUDITED_A_MINUTE, 60_000);
  readonly #refused = new RefusedTopics();
  readonly #strangers: RareLog;
  readonly #refusals: RareLog;
  #unsubscribe: () => void = () => undefined;
  #heartbeat: NodeJS.Timeout | null = null;
  #linkRound: NodeJS.Timeout | null = null;
  #gathering: NodeJS.Timeout | null = null;
  #told = '';
  #toldAt = -Infinity;
  #inFlight = false;
  #due = false;
  #reported = '';
  #since = new Date().toISOString();

  constructor(options: FleetMemberOptions) {
    const { conductor, entry, fleet, logger } = options;
    this.#options = options;
    const { robot, boot_id: bootId } = conductor.snapshot();
    this.#robot = robot;
    this.#bootId = bootId;
    this.#topics = fleetTopics(fleet.prefix);
    this.#desk = new FleetDesk(options);
    this.#strangers = new RareLog(logger, 'fleet request not taken');
    this.#refusals = new RareLog(logger, 'broker refuses messages of the fleet');
    this.#broker = new BrokerLink({
      entry,
      clientId: `${entry.client_id ?? `rovi-${robot}`}-fleet`,
      clean: true,
      will: {
        topic: this.#topics.link(robot),
        payload: JSON.stringify(this.#link('the connection was lost')),
        expiry: FLEET_KEPT_S,
      },
      properties: { robot, boot_id: bootId },
      opened: (connection) => this.#opened(connection),
      arrived: (arrival) => this.#arrived(arrival),
      lost: () => {
        this.#inFlight = false;
        this.#refused.clear();
      },
      changed: () => {
        this.#since = new Date().toISOString();
        this.#report();
      },
    });
  }

  /** Begins to try. Returns at once and never throws. */
  start(): void {
    const { conductor, fleet } = this.#options;
    this.#unsubscribe = conductor.subscribe(() => this.#changed());
    // Robots that are switched on together do not report together for ever after.
    const first = Math.random() * fleet.heartbeat * 1_000;
    this.#heartbeat = setTimeout(() => {
      this.#tell(true);
      this.#heartbeat = setInterval(() => this.#tell(true), fleet.heartbeat * 1_000);
      this.#linkRound = setInterval(() => this.#sayLink(''), LINK_MS);
    }, first);
    this.#report();
    this.#broker.start();
  }

  /** Says that the robot goes, and why, and leaves the broker: within two seconds, whatever it does. */
  async stop(reason: string): Promise<void> {
    this.#unsubscribe();
    for (const timer of [this.#heartbeat, this.#linkRound, this.#gathering])
      if (timer !== null) clearTimeout(timer);
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, LAST_MS);
      const done = (): void => {
        clearTimeout(deadline);
        resolve();
      };
      if (!this.#sayLink(`the gateway was stopped: ${reason}`, done)) done();
    });
    await this.#broker.stop();
  }

  #opened(connection: BrokerConnection): void {
    connection.subscribe({ topic: this.#topics.request(this.#robot), qos: 1, retained: false }, (why) =>
      this.#refusals.report(`subscription to requests: ${why}`),
    );
    this.#inFlight = false;
    this.#sayLink('');
    this.#tell(true);
  }

  /** At once where it has been quiet, else gathered. */
  #changed(): void {
    if (this.#gathering !== null) return;
    const quiet = performance.now() - this.#toldAt;
    this.#gathering = setTimeout(
      () => {
        this.#gathering = null;
        this.#tell(false);
      },
      Math.max(0, GATHER_MS - quiet),
    );
  }

  /** Tells how it is, where that is news or `always`. One report is under way at a time, and then the newest. */
  #tell(always: boolean): void {
    const { connection } = this.#broker;
    if (connection === null) return;
    if (this.#inFlight) {
      this.#due = true;
      return;
    }
    const { conductor, fleet, operators } = this.#options;
    const said = fleetReport(conductor.snapshot(), {
      heartbeat: fleet.heartbeat,
      commands: operators().some(({ role }) => role !== 'viewer'),
    });
    const key = JSON.stringify(said);
    if (!always && key === this.#told) return;
    const report: FleetReport = { ...said, at: new Date().toISOString() };
    this.#inFlight = true;
    this.#due = false;
    this.#toldAt = performance.now();
    const topic = this.#topics.state(this.#robot);
    connection.publish(
      { topic, payload: JSON.stringify(report), retain: true, dup: false, expiry: FLEET_KEPT_S },
      (answer) => {
        this.#inFlight = false;
        if (answer.kind === 'taken') this.#told = key;
        this.#answered(topic, answer);
        if (answer.kind === 'later') setTimeout(() => this.#tell(false), LATER_MS);
        else if (this.#due) this.#changed();
      },
    );
  }

  /** False where there is no connection to say it on. `gone` is why nobody speaks for the robot any more; empty while it is there. */
  #sayLink(gone: string, done: () => void = () => undefined): boolean {
    const { connection } = this.#broker;
    if (connection === null) return false;
    const topic = this.#topics.link(this.#robot);
    const payload = JSON.stringify(this.#link(gone));
    connection.publish({ topic, payload, retain: true, dup: false, expiry: FLEET_KEPT_S }, (answer) => {
      this.#answered(topic, answer);
      if (answer.kind === 'later' && gone === '') setTimeout(() => this.#sayLink(''), LATER_MS);
      done();
    });
    return true;
  }

  /** The broker's word to what the robot says of itself. */
  #answered(topic: string, answer: Answer): void {
    if (answer.kind === 'refused') this.#refusals.report(`${topic}: ${answer.text}`);
    this.#refused.answered(topic, answer);
    this.#report();
  }

  #link(gone: string): FleetLink {
    return { v: 1, robot: this.#robot, boot_id: this.#bootId, online: gone === '', reason: gone };
  }

  #arrived({ topic, payload, retained, responseTopic, correlation }: Arrival): void {
    // A request that a broker has kept is of another time, whoever signed it.
    if (topic !== this.#topics.request(this.#robot) || retained) return;
    if (!this.#requests.admits()) {
      this.#strangers.report(`more than ${String(REQUESTS_PER_S)} requests a second`);
      return;
    }
    const { fleet, operators } = this.#options;
    const read = readFleetRequest(payload, this.#robot, operators());
    const mayAnswer = responseTopic !== null && isReplyTopic(fleet.prefix, this.#robot, responseTopic);
    const say = (reply: FleetReply): void => {
      if (mayAnswer) this.#say(responseTopic, correlation, reply);
    };
    if ('problem' in read) this.#refuse(read, say);
    else if (mayAnswer) this.#take(read, say);
    else this.#strangers.report(`the response topic is not below ${this.#topics.reply(this.#robot, '')}`);
  }

  #take(signed: SignedRequest, say: (reply: FleetReply) => void): void {
    const { request, actor, origin } = signed;
    this.#desk.take(signed, (reply, again) => {
      // What the conductor refuses is in the audit by its own word. A recording that is sent again fills no journal.
      if (!again && request.kind === 'do' && reply.kind === 'refused' && isDeskRefusal(reply.problem.code)) {
        const { code, message } = reply.problem;
        this.#record({ actor, origin, command: 'fleet-do', code, message });
      }
      say(reply);
    });
  }

  #refuse({ problem, id }: NotTaken, say: (reply: FleetReply) => void): void {
    this.#strangers.report(problem.message);
    if (problem.code === 'signature-refused' && this.#audited.admits()) {
      this.#record({
        actor: { name: 'unknown', face: 'mqtt', verified: false },
        origin: { transport: 'mqtt', peer: null, via: null, role: null },
        command: 'fleet-request',
        code: problem.code,
        message: problem.message,
      });
    }
    if (id !== null) say({ v: 1, robot: this.#robot, id, kind: 'refused', problem: problem.toProblem() });
  }

  #record(
    entry: Pick<Parameters<AuditLog['record']>[0], 'actor' | 'origin' | 'command' | 'code' | 'message'>,
  ): void {
    this.#options.audit.record({
      ...entry,
      at: new Date().toISOString(),
      decision: 'refused',
      target: null,
      reason: '',
      operation: null,
      outcome: null,
    });
  }

  #say(topic: string, correlation: Buffer | null, reply: FleetReply): void {
    const publication = { topic, retain: false, dup: false, expiry: REPLY_EXPIRY_S };
    const about = correlation === null ? {} : { correlation };
    this.#broker.connection?.publish(
      { ...publication, ...about, payload: JSON.stringify(reply) },
      (answer) => {
        if (answer.kind === 'taken') return;
        this.#refusals.report(`${topic}: ${answer.text}`);
        if (reply.kind !== 'look') return;
        const problem = new RoviError(
          'internal',
          `the answer did not pass the broker: ${answer.text}`,
        ).toProblem();
        this.#say(topic, correlation, { v: 1, robot: this.#robot, id: reply.id, kind: 'refused', problem });
      },
    );
  }

  /** A broker that lets the robot in and then hears nothing of it leaves the fleet without the robot. */
  #standing(): LinkState {
    const { state } = this.#broker;
    const { text } = this.#refused;
    if (state.state !== 'on' || text === null) return state;
    return {
      state: 'failing',
      text: `the broker does not take what the robot says of itself: ${text}`,
      mend: "Look at what the broker allows the robot's account; in the access list of docs/fleet.md accounts have the robots' names.",
    };
  }

  #report(): void {
    const { entry, fleet, conductor, logger } = this.#options;
    const { state, text, mend } = this.#standing();
    const status: FaceStatus = {
      name: 'fleet',
      state,
      text: state === 'on' ? `in the fleet ${fleet.prefix} at ${entry.broker}` : text,
      mend,
      since: this.#since,
      pid: null,
      restarts: this.#broker.losses,
      detail: {
        broker: entry.broker,
        prefix: fleet.prefix,
      },
    };
    const said = JSON.stringify(status);
    if (said === this.#reported) return;
    this.#reported = said;
    logger.info({ face: 'fleet', state, text }, 'fleet face changed');
    conductor.reportFace(status);
  }
}

/** Whether the desk said it, of which nothing else is written down. */
function isDeskRefusal(code: string): boolean {
  return code === 'command-expired' || code === 'robot-silent' || code === 'role-insufficient';
}
