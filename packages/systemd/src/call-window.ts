/** dbus-daemon refuses a call while 128 others of the connection have no answer (max_replies_per_connection). */
const UNANSWERED = 120;
/** How many of those may be patient: an urgent call finds room at once. */
const PATIENT = 64;

interface Waiting {
  readonly urgent: boolean;
  /** False where nothing had to be sent any more. */
  readonly send: () => boolean;
}

/**
 * Holds calls back while too many have no answer. Urgent ones go first and are sent in the turn in which they come, as
 * long as there is room at all; each kind keeps its order.
 */
export class CallWindow {
  readonly #waiting: Record<'urgent' | 'patient', Waiting[]> = { urgent: [], patient: [] };
  #unanswered = 0;

  /** Sends now, or as soon as there is room. */
  enter(waiting: Waiting): void {
    this.#waiting[waiting.urgent ? 'urgent' : 'patient'].push(waiting);
    this.#fill();
  }

  /** A call that was sent has its answer. */
  leave(): void {
    this.#unanswered -= 1;
    this.#fill();
  }

  #fill(): void {
    for (;;) {
      const { urgent, patient } = this.#waiting;
      const next =
        this.#unanswered >= UNANSWERED
          ? undefined
          : (urgent.shift() ?? (this.#unanswered < PATIENT ? patient.shift() : undefined));
      if (next === undefined) return;
      if (next.send()) this.#unanswered += 1;
    }
  }
}
