import { RoviError } from '@rovi/contract';
import { exitCauseOf } from '../exit-cause.js';
import type { JobOutcome, UnitReading } from '../ports/unit-manager.js';
import { Alarm } from './alarm.js';
import type { InstanceStory } from './instance-story.js';
import type { InstanceSurroundings } from './instance-surroundings.js';
import { hindrance, readingOf } from './instance-surroundings.js';
import { hasEnded, isAutoRestart } from './run-counter.js';
import type { SupervisionState } from './supervision-state.js';

/** Milliseconds after a gateway's start before what was due meanwhile is done. */
const GRACE_MS = 3_000;

/**
 * What is done when systemd has given up a unit: cool-down, a try, cool-down, …, until one lasts or the tries are spent.
 * Begins anew (`beginAnew`) where it turns out that there is nothing to try.
 */
export class CrashLoop {
  readonly #of: InstanceSurroundings;
  readonly #state: SupervisionState;
  readonly #story: InstanceStory;
  readonly #beginAnew: () => void;
  readonly #lasting: Alarm;

  constructor(parts: {
    readonly of: InstanceSurroundings;
    readonly state: SupervisionState;
    readonly story: InstanceStory;
    readonly beginAnew: () => void;
  }) {
    this.#of = parts.of;
    this.#state = parts.state;
    this.#story = parts.story;
    this.#beginAnew = parts.beginAnew;
    this.#lasting = new Alarm(parts.of.clock);
  }

  /** systemd has given up, for the first time or after a try. */
  given(reading: UnitReading): void {
    const { crash_loop: loop } = this.#of.entry();
    const cause = exitCauseOf(reading).text;
    const first = this.#state.phase !== 'trying';
    if (first) this.#state.tries = 0;
    this.#again(cause);
    if (first) {
      const { next } = this.#state;
      const then = next === null ? 'no further tries' : `try 1 of ${loop.tries} at ${next}`;
      const data = { starts: loop.starts, window: loop.window, next_at: next, tries_max: loop.tries };
      const text = `crash loop: ${loop.starts} starts in ${loop.window} s, last ${cause}; ${then}`;
      this.#story.explain(reading, 'crash_loop_detected', text, data);
    }
    this.#tellGivenUp();
  }

  /** Goes on with what was planned before the gateway, or the bus, was away. */
  resume(reading: UnitReading): void {
    this.#story.recall(reading);
    if (this.#state.phase !== 'cooldown' || this.#state.planned) return;
    const { cooldown } = this.#of.entry().crash_loop;
    const { next } = this.#state;
    const left = next === null ? 0 : Date.parse(next) - this.#of.clock.now();
    // A moment that lies further off than a cool-down is one of a clock that jumped.
    this.#state.plan(Math.min(Math.max(left, GRACE_MS), cooldown * 1000), () => void this.#try());
    this.#of.changed();
  }

  /** A run has begun: a try is over well when it has lasted for the window. */
  lasts(): void {
    if (this.#state.phase !== 'trying') return;
    const { window } = this.#of.entry().crash_loop;
    this.#lasting.set(window * 1000, () => {
      const { tries } = this.#state;
      this.#state.tries = 0;
      this.#state.enter('watching', '');
      const text = `runs since ${window} s after try ${tries}: the crash loop is over`;
      this.#story.tell('crash_loop_recovered', text, { tries });
    });
  }

  /** The run does not last. */
  broken(): void {
    this.#lasting.clear();
  }

  /** After a failed try, or the first end: plans the next one, or gives up. */
  #again(cause: string): void {
    const { crash_loop: loop } = this.#of.entry();
    const { tries } = this.#state;
    if (tries >= loop.tries) {
      const text = `crash loop: ${cause}; gave up after ${tries} of ${loop.tries} tries: somebody has to start it`;
      return this.#state.enter('gave-up', text);
    }
    this.#state.plan(loop.cooldown * 1000, () => void this.#try());
    const then = `try ${tries + 1} of ${loop.tries} at ${this.#state.next ?? ''}`;
    this.#state.enter('cooldown', `crash loop: ${cause}; ${then}`);
  }

  async #try(): Promise<void> {
    const state = this.#state;
    if (state.acting || state.phase !== 'cooldown') return;
    const hindered = hindrance(this.#of);
    if (hindered !== null) {
      return state.wait(`crash loop: the next try waits: ${hindered}`, () => void this.#try());
    }
    const reading = readingOf(this.#of);
    // Somebody has it in hand. A reset that was not the conductor's own has begun supervision anew before.
    if (reading === null || reading.job !== null || !hasEnded(reading) || isAutoRestart(reading)) {
      return this.#beginAnew();
    }
    const { crash_loop: loop, timeouts } = this.#of.entry();
    state.tries += 1;
    const which = `try ${state.tries} of ${loop.tries}`;
    state.counter.addRestart();
    state.window.clear();
    state.enter('trying', `crash loop: ${which}`);
    const { epoch } = state;
    await state
      .holding(async () => {
        // Counted on the disk before it is sent: a gateway that is killed now does not try once more.
        await this.#of.saved();
        const may = (): boolean => state.epoch === epoch && hindrance(this.#of) === null;
        if (!may()) return null;
        this.#story.tell('crash_loop_retry', which, { tries: state.tries, tries_max: loop.tries });
        const { service, unit, hand } = this.#of;
        return hand.tryAgain({ service, unit, timeouts, reason: `crash loop: ${which}`, may });
      })
      .then(
        (outcome) => this.#tried(epoch, outcome),
        (error: unknown) => this.#failed(epoch, RoviError.from(error).message),
      );
  }

  #tried(epoch: number, outcome: JobOutcome | null): void {
    if (this.#state.epoch !== epoch || this.#state.phase !== 'trying') return;
    if (outcome === null) return this.#notMade();
    const { result, reading } = outcome;
    if (result === 'assert') return this.#failed(epoch, 'a mark of maintenance keeps it from starting');
    // It ran and ended well.
    if (result === 'done' && reading.activeState === 'inactive') return this.#beginAnew();
    if (reading.activeState === 'inactive') return this.#failed(epoch, `it was not started (${result})`);
    const now = readingOf(this.#of);
    if (now?.activeState === 'failed' && now.job === null) this.#failed(epoch, exitCauseOf(reading).text);
  }

  /** Nothing was sent, for something came in the way right before: it is no try of those that the catalog allows. */
  #notMade(): void {
    const state = this.#state;
    state.tries -= 1;
    state.enter('cooldown', state.text);
    const why = hindrance(this.#of) ?? 'it was not to be then';
    state.wait(`crash loop: the next try waits: ${why}`, () => void this.#try());
  }

  #failed(epoch: number, cause: string): void {
    if (this.#state.epoch !== epoch || this.#state.phase !== 'trying') return;
    this.#again(cause);
    this.#tellGivenUp();
  }

  #tellGivenUp(): void {
    if (this.#state.phase !== 'gave-up') return;
    const reading = readingOf(this.#of);
    const { text, tries } = this.#state;
    if (reading === null) this.#story.tell('crash_loop_gave_up', text, { tries });
    else this.#story.explain(reading, 'crash_loop_gave_up', text, { tries });
  }
}
