import type { LiveClock, TicketCalls } from '@rovi/client/browser';
import { RoviError } from '@rovi/contract';
import type { Estop, TicketDeskStatus } from '@rovi/contract';
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';

export interface EstopState {
  /** Presses that the robot has not answered yet. */
  readonly sending: number;
  /** One of them has had no answer for {@link LATE_MS}, or was sent while the link was lost. */
  readonly late: boolean;
  /** Why the last press was not taken; null once another was, or it was read. */
  readonly problem: RoviError | null;
  /** What the robot answered last, and how its tickets were known then: what is heard later counts more. */
  readonly answer: { readonly estop: Estop; readonly desk: TicketDeskStatus | null } | null;
  /** Whether a person is being asked about the reset. */
  readonly asked: boolean;
  readonly resetting: boolean;
  /** Why the reset was not taken. */
  readonly resetProblem: RoviError | null;
}

export interface EstopSwitchOptions {
  readonly calls: Pick<TicketCalls, 'estop' | 'resetEstop'>;
  readonly clock: Pick<LiveClock, 'after'>;
  readonly isLive: () => boolean;
  /** How tickets are, as far as it was heard. */
  readonly desk: () => TicketDeskStatus | null;
}

/** Milliseconds without an answer after which a person must not go on waiting for it. */
export const LATE_MS = 1_000;
/** Milliseconds for the robot to answer. */
const TAKE_MS = 8_000;

/** The e-stop of tickets: sent at once, whatever else is under way; lifted after a question. */
export class EstopSwitch {
  readonly store: StoreApi<EstopState> = createStore<EstopState>(() => ({
    sending: 0,
    late: false,
    problem: null,
    answer: null,
    asked: false,
    resetting: false,
    resetProblem: null,
  }));
  readonly #options: EstopSwitchOptions;
  #presses = 0;
  /** The last press that the robot took. */
  #taken = 0;

  constructor(options: EstopSwitchOptions) {
    this.#options = options;
  }

  /** One press stops; each one is sent, in this very turn, also where the link looks lost. Never rejects. */
  async press(): Promise<void> {
    const press = (this.#presses += 1);
    const { calls, clock, isLive } = this.#options;
    const sent = calls.estop({ timeout: TAKE_MS });
    const doubtful = !isLive();
    this.store.setState(({ sending, late }) => ({
      sending: sending + 1,
      late: late || doubtful,
      problem: null,
      asked: false,
    }));
    const cancel = clock.after(LATE_MS, () => this.store.setState({ late: true }));
    try {
      const estop = await sent;
      this.#taken = Math.max(this.#taken, press);
      this.#answered(estop);
      this.store.setState({ problem: null });
    } catch (error) {
      if (press > this.#taken) this.store.setState({ problem: RoviError.from(error) });
    } finally {
      cancel();
      this.store.setState(({ sending, late }) => ({ sending: sending - 1, late: late && sending > 1 }));
    }
  }

  /** Why it was not taken was read. */
  dismiss(): void {
    this.store.setState({ problem: null });
  }

  /** Asks whether it is to be reset. */
  ask(): void {
    this.store.setState({ asked: true, resetProblem: null });
  }

  /** It is not to be reset. */
  close(): void {
    this.store.setState({ asked: false, resetProblem: null });
  }

  /** Lifts it; the question closes when the robot has taken that. Never rejects. */
  async reset(): Promise<void> {
    this.store.setState({ resetting: true, resetProblem: null });
    const presses = this.#presses;
    try {
      const estop = await this.#options.calls.resetEstop({ timeout: TAKE_MS });
      // Somebody pressed meanwhile: what the robot says of that is the newer word.
      if (presses === this.#presses) this.#answered(estop);
      this.store.setState({ asked: false });
    } catch (error) {
      this.store.setState({ resetProblem: RoviError.from(error) });
    } finally {
      this.store.setState({ resetting: false });
    }
  }

  #answered(estop: Estop): void {
    this.store.setState({ answer: { estop, desk: this.#options.desk() } });
  }
}

/** The e-stop as the robot last said it is: in what was heard, or in an answer after which nothing was heard. */
export function estopOf(desk: TicketDeskStatus | null, answer: EstopState['answer']): Estop | null {
  return answer !== null && answer.desk === desk ? answer.estop : (desk?.estop ?? null);
}
