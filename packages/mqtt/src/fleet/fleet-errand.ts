import { OFFER_MS, RoviError, isTargetOver } from '@rovi/contract';
import type {
  FleetReply,
  FleetRunBody,
  FleetTarget,
  FleetTargetState,
  Operation,
  Problem,
} from '@rovi/contract';
import { ALL_SILENT } from './all-silent.js';
import type { Behalf, Letter, OpenLetter } from './fleet-mail.js';
import type { Standing } from './fleet-table.js';

/**
 * One command on its way to one robot: ask, offer, do, accepted, ended. `do` is sent once. Where nothing comes back it is
 * sent again as it was, with the same id and the same offer, but only when that offer cannot stand any more: the robot
 * then says what became of it, and does nothing.
 */

/** Milliseconds until there must be an offer, and until it must be accepted. */
export const ASK_MS = 10_000;
export const DO_MS = 15_000;
/** A timer of Node's may come within the last millisecond before its time. */
const EARLY_MS = 1;
/** Milliseconds between two looks at an operation that goes on. */
const LOOK_MS = 60_000;
/** Milliseconds that a robot may be away in the middle of an operation until that is given up. */
const AWAY_MS = 600_000;
/** Milliseconds after `do` in which it is asked what became of it, and how often. */
const TRACE = { ms: 300_000, times: 3 } as const;

/** Where an errand takes place. */
export interface FleetField {
  /** Monotonic milliseconds. */
  now(): number;
  /** Runs it later; returns what cancels it. */
  after(ms: number, run: () => void): () => void;
  standing(robot: string): Standing | null;
  bootId(robot: string): string | null;
  /** Throws where nothing can be sent. */
  send(letter: Letter): OpenLetter;
}

export interface FleetErrandOptions {
  readonly field: FleetField;
  readonly robot: string;
  readonly confirm: string | null;
  readonly body: Pick<FleetRunBody, 'command' | 'reason'>;
  readonly behalf: Behalf;
  /** Until when a robot that is away is waited for, monotonic milliseconds. */
  readonly waitUntil: number;
  readonly changed: () => void;
}

export class FleetErrand {
  readonly #options: FleetErrandOptions;
  #state: FleetTargetState = 'waiting';
  #problem: Problem | null = null;
  #operation: Operation | null = null;
  #letter: OpenLetter | null = null;
  #offer = '';
  /** The run of the gateway that `do` went to, and when. */
  #bootId: string | null = null;
  #sentAt = 0;
  #traces = 0;
  #query: OpenLetter | null = null;
  #awaySince: number | null = null;
  #cancel: () => void = () => undefined;

  constructor(options: FleetErrandOptions) {
    this.#options = options;
  }

  get state(): FleetTargetState {
    return this.#state;
  }

  get target(): FleetTarget {
    return {
      robot: this.#options.robot,
      state: this.#state,
      problem: this.#problem,
      operation: this.#operation,
    };
  }

  /** It is its turn. A robot that is away is waited for, or never will be asked. */
  begin(): void {
    const { field, robot, body, behalf, waitUntil } = this.#options;
    if (this.#state !== 'waiting') return;
    const isLate = field.now() >= waitUntil;
    // Before anything is made of it: of a thousand robots that are away each is looked at often.
    if (!isLate && field.standing(robot)?.presence !== 'online') return;
    try {
      const problem = this.#away();
      if (problem !== null) throw problem;
      this.#letter = field.send({
        robot,
        behalf,
        expiry: Math.ceil(OFFER_MS.default / 1_000),
        asked: { kind: 'ask', command: body.command, reason: body.reason, offer_ms: OFFER_MS.default },
        replied: (reply) => this.#answered(reply),
        undelivered: (problem) => this.#unasked(problem),
      });
    } catch (error) {
      if (isLate) this.#set('expired', RoviError.from(error));
      return;
    }
    this.#set('asking', null);
    this.#timer(ASK_MS, () => this.#unasked(this.#silent('has not answered: nothing was done')));
  }

  /** Something is other with the robot. */
  wake(): void {
    if (this.#state === 'running') this.#look();
    else if (this.#state === 'unknown' && this.#operation === null) this.#trace();
    else if (this.#state === 'unknown') this.#lookBack();
  }

  /** It is not begun any more; what has been done, or may have been, stays. */
  leaveOut(): void {
    if (this.#state !== 'waiting' && this.#state !== 'asking') return;
    this.#letter?.close();
    this.#set('left-out', null);
  }

  /** Nobody wants to know any more. */
  forget(): void {
    this.#cancel();
    this.#letter?.close();
    this.#query?.close();
  }

  /** There is no offer, and it is not waited for one any longer: nothing can have been done. */
  #unasked(problem: RoviError): void {
    const { field, waitUntil } = this.#options;
    if (this.#state !== 'asking') return;
    this.#letter?.close();
    if (this.#away() !== null && field.now() < waitUntil) this.#set('waiting', null);
    else this.#set('expired', problem);
  }

  #answered(reply: FleetReply): void {
    if (this.#state !== 'asking') return;
    if (reply.kind === 'refused') {
      this.#letter?.close();
      this.#set('refused', RoviError.fromProblem(reply.problem));
    } else if (reply.kind === 'offer') {
      this.#letter?.close();
      this.#offer = reply.offer;
      this.#do();
    }
  }

  #do(): void {
    const { field, robot } = this.#options;
    this.#bootId = field.bootId(robot);
    this.#sentAt = field.now();
    try {
      this.#letter = this.#sendDo();
    } catch (error) {
      this.#set('expired', RoviError.from(error));
      return;
    }
    this.#set('sent', null);
    this.#timer(DO_MS, () => {
      this.#set('unknown', this.#silent('has not said whether it does it'));
      this.#trace();
    });
  }

  #sendDo(): OpenLetter {
    const { field, robot, confirm, behalf } = this.#options;
    return field.send({
      robot,
      behalf,
      expiry: Math.ceil(OFFER_MS.default / 1_000),
      asked: { kind: 'do', offer: this.#offer, confirm },
      ...(this.#letter === null || this.#traces === 0 ? {} : { id: this.#letter.id }),
      replied: (reply) => this.#done(reply),
      undelivered: (problem) => {
        if (this.#state === 'sent') this.#set('expired', problem);
      },
    });
  }

  /** What the robot says of a `do`, or of its operation. */
  #done(reply: FleetReply): void {
    const open = this.#state === 'sent' || this.#state === 'unknown';
    if (!open && this.#state !== 'running') return;
    if (reply.kind === 'accepted') this.#accepted(reply.operation);
    if (reply.kind === 'ended') this.#ended(reply.operation);
    if (reply.kind !== 'refused' || !open) return;
    const { code } = reply.problem;
    // `not-found`: it was begun, and its record is kept no longer.
    const unknown = code === 'robot-silent' || code === 'not-found';
    const state = code === 'command-expired' ? 'expired' : unknown ? 'unknown' : 'refused';
    this.#set(state, RoviError.fromProblem(reply.problem));
  }

  #accepted(operation: Operation | null): void {
    if (operation === null) return this.#set('succeeded', null);
    if (this.#operation !== null && this.#operation.id !== operation.id) return;
    this.#operation = short(operation);
    this.#awaySince = null;
    this.#set('running', null);
    this.#timer(LOOK_MS, () => this.#look(true));
  }

  #ended(operation: Operation): void {
    if (this.#operation !== null && this.#operation.id !== operation.id) return;
    if (operation.outcome === 'running') return;
    this.#operation = short(operation);
    this.#query?.close();
    this.#problem = this.#operation.problem;
    this.#set(operation.outcome === 'succeeded' ? 'succeeded' : 'failed', this.#problem);
  }

  /** It is under way: says what is known of the robot, and asks for the operation where its end may have been missed. */
  #look(due = false): void {
    const { field, robot } = this.#options;
    const away = this.#away();
    if (away !== null) {
      this.#awaySince ??= field.now();
      if (field.now() - this.#awaySince >= AWAY_MS) {
        this.#set('unknown', this.#silent('has not come back since it began'));
        return;
      }
      this.#timer(LOOK_MS, () => this.#look());
      if (this.#problem?.message !== away.message) this.#set('running', away);
      return;
    }
    if (this.#awaySince === null && !due) return;
    this.#awaySince = null;
    if (field.bootId(robot) !== this.#bootId) {
      this.#set('unknown', this.#silent('was started anew in the middle of it'));
      return;
    }
    if (this.#problem !== null) this.#set('running', null);
    this.#timer(LOOK_MS, () => this.#look(true));
    this.#ask();
  }

  /** It was given up while the robot was away. */
  #lookBack(): void {
    const { field, robot } = this.#options;
    if (this.#awaySince === null || this.#away() !== null || field.bootId(robot) !== this.#bootId) return;
    this.#awaySince = null;
    this.#ask();
  }

  /** Asks how the operation stands. */
  #ask(): void {
    const { field, robot, behalf } = this.#options;
    this.#query?.close();
    try {
      this.#query = field.send({
        robot,
        behalf,
        expiry: Math.ceil(OFFER_MS.default / 1_000),
        asked: { kind: 'operation', operation: this.#operation?.id ?? '' },
        replied: (reply) => {
          if (reply.kind !== 'refused') this.#done(reply);
          else if (this.#state === 'running' && reply.problem.code === 'not-found')
            this.#set('unknown', RoviError.fromProblem(reply.problem));
        },
        undelivered: () => undefined,
      });
    } catch {
      // It is asked again when the broker is there.
      this.#awaySince = field.now();
    }
  }

  /** `do` was sent, and no word came: the robot is asked what became of it. */
  #trace(): void {
    const { field, robot } = this.#options;
    const since = field.now() - this.#sentAt;
    if (this.#operation !== null || since < DO_MS - EARLY_MS) return;
    if (since > TRACE.ms || this.#traces >= TRACE.times) return;
    // Another run of its gateway knows nothing of it.
    if (this.#away() !== null || field.bootId(robot) !== this.#bootId) return;
    this.#traces += 1;
    try {
      this.#letter = this.#sendDo();
    } catch {
      this.#traces -= 1;
    }
  }

  /** Why nothing is sent to the robot; null where it is online. */
  #away(): RoviError | null {
    const { field, robot } = this.#options;
    const standing = field.standing(robot);
    return standing?.presence === 'online' ? null : robotOffline(robot, standing);
  }

  #silent(what: string): RoviError {
    const { robot } = this.#options;
    return new RoviError('robot-silent', `${robot} ${what}`, {
      mend: `Look at ${robot} before you send it again. ${ALL_SILENT}`,
    });
  }

  #timer(ms: number, run: () => void): void {
    this.#cancel();
    this.#cancel = this.#options.field.after(ms, run);
  }

  #set(state: FleetTargetState, problem: RoviError | Problem | null): void {
    this.#state = state;
    this.#problem = problem === null ? null : shortProblem(problem);
    if (isTargetOver(state) || state === 'waiting') this.#cancel();
    // What comes late is still heard of what may have been done.
    if (isTargetOver(state) && state !== 'unknown') this.#letter?.close();
    this.#options.changed();
  }
}

/** What is said of a robot that is not there. */
export function robotOffline(robot: string, standing: Standing | null): RoviError {
  const why = standing === null ? 'the broker no longer knows it' : standing.reason;
  return new RoviError('robot-offline', `${robot} is not online: ${why}`, {
    mend: 'Send it again when it is there, or say how long it shall be waited for: `--wait`, in the API `wait_s`.',
  });
}

/** An operation as a run shows it: its steps are the robot's to tell. */
function short(operation: Operation): Operation {
  const { message, reason, warnings, problem } = operation;
  return {
    ...operation,
    message: message.slice(0, 500),
    reason: reason.slice(0, 500),
    warnings: warnings.slice(0, 10).map((text) => text.slice(0, 500)),
    problem: problem === null ? null : shortProblem(problem),
    steps: [],
  };
}

function shortProblem({ code, message, mend }: RoviError | Problem): Problem {
  return { code, message: message.slice(0, 1_000), mend: mend.slice(0, 500), context: {} };
}
