/**
 * What is done about one unit that fails, by phases:
 *
 *   watching ──systemd gave up──▶ cooldown ──▶ trying ──up for the window──▶ watching
 *      │                             ▲            │
 *      │                             └──fails─────┴──tries spent──▶ gave-up
 *      └──unhealthy──▶ backoff ──▶ restarted: watching (or trying), or, attempts spent, gave-up
 *
 * Whoever starts or stops the unit otherwise begins it anew. Nothing is sent but by the hand, which asks `may` in the very
 * turn of each message: an epoch that has changed tells that somebody decided otherwise since.
 */
import type { InstanceHealth, Supervision } from '@rovi/contract';
import { exitCauseOf } from '../exit-cause.js';
import { unaskedEndOf } from '../stack-status.js';
import type { SupervisionRecord } from '../ports/supervision-store.js';
import type { UnitReading } from '../ports/unit-manager.js';
import { Alarm } from './alarm.js';
import { CrashLoop } from './crash-loop.js';
import { isRestarted, saidToHaveGivenUp } from './given-up.js';
import { InstanceStory } from './instance-story.js';
import type { InstanceSurroundings } from './instance-surroundings.js';
import { readingOf } from './instance-surroundings.js';
import { hasEnded, isAutoRestart, isDown, isUp } from './run-counter.js';
import type { InstanceChange } from './service-observer.js';
import { SupervisionState } from './supervision-state.js';
import { UnhealthyRepair } from './unhealthy-repair.js';

/** Milliseconds that a unit is failed before systemd restarts it, at most. */
const PAUSE_MS = 2_000;

/** Supervises one instance of a service. */
export class InstanceSupervisor {
  readonly #of: InstanceSurroundings;
  readonly #state: SupervisionState;
  readonly #story: InstanceStory;
  readonly #loop: CrashLoop;
  readonly #repair: UnhealthyRepair;
  readonly #pause: Alarm;
  /** A stop of what has failed already is under way. */
  #stopOfFailed = false;

  constructor(of: InstanceSurroundings, record: SupervisionRecord | null) {
    this.#of = of;
    this.#state = new SupervisionState(of, record);
    this.#story = new InstanceStory({ ...of, several: () => of.entry().instances.max > 1 });
    this.#pause = new Alarm(of.clock);
    const parts = { of, state: this.#state, story: this.#story };
    this.#loop = new CrashLoop({ ...parts, beginAnew: () => void this.commanded() });
    this.#repair = new UnhealthyRepair(parts);
  }

  get record(): SupervisionRecord {
    return this.#state.record;
  }

  get view(): { readonly supervision: Supervision; readonly crashes: number; readonly restarts: number } {
    const { crash_loop: loop, on_unhealthy: unhealthy } = this.#of.entry();
    const { phase, text, next, tries, attempts, counter, window } = this.#state;
    const { knowledge } = this.#of.facts();
    const { crashes, restarts, run } = counter.counts;
    const forHealth = phase === 'backoff' || (tries === 0 && attempts > 0);
    const between = knowledge !== null && isAutoRestart(knowledge.reading);
    return {
      supervision: {
        phase,
        text,
        tries: forHealth ? attempts : tries,
        tries_max: forHealth ? unhealthy.attempts : loop.tries,
        next_at: next,
        starts_left: Math.max(0, loop.starts - window.count(loop.window)),
        cause: between ? exitCauseOf(knowledge.reading) : knowledge && unaskedEndOf(knowledge),
        lines: this.#story.lines(run),
      },
      crashes,
      restarts,
    };
  }

  /** Somebody commands the service: what was planned is dropped, and supervision begins anew. Tells whether that makes a difference. */
  commanded(): boolean {
    const different = this.#state.reset();
    this.#pause.clear();
    this.#loop.broken();
    this.#repair.over();
    const reading = readingOf(this.#of);
    const { counter } = this.#state;
    const ended = reading !== null && hasEnded(reading) ? reading.invocationId : null;
    const settled = ended === null || counter.counts.asked === ended;
    // A stop of what is failed leaves no trace in systemd.
    if (!settled) counter.settle(ended);
    if (!different && settled) return false;
    this.#of.changed();
    // At once: a gateway that is killed now must not go on with what was dropped.
    void this.#of.saved();
    return different;
  }

  /** Nothing is done any more; what is kept stays as it is. */
  close(): void {
    this.#state.close();
    this.#pause.clear();
    this.#loop.broken();
  }

  observe({ before, now }: InstanceChange): void {
    const reading = now.knowledge?.reading;
    if (reading === undefined || !now.fresh) return;
    const last = before.fresh ? (before.knowledge?.reading ?? null) : null;
    if (last === reading) return;
    const { counter, window } = this.#state;
    const { counts } = counter;
    this.#pause.clear();
    if (counter.observe(last, reading).started) window.add();
    if (this.#isStopOfFailed(last, reading)) return;
    if (isUp(reading)) this.#isUp(last, reading);
    else this.#loop.broken();
    if (hasEnded(reading) && !(last !== null && sameEnd(last, reading))) this.#ended(last, reading);
    if (JSON.stringify(counts) !== JSON.stringify(counter.counts)) this.#of.changed();
  }

  /** Takes in how its checks say it is. */
  healthChanged(health: InstanceHealth): void {
    this.#repair.healthChanged(health);
  }

  /** A stop of what has failed already leaves no trace but its job. Tells whether this is the end of one. */
  #isStopOfFailed(last: UnitReading | null, reading: UnitReading): boolean {
    const over = this.#stopOfFailed && reading.activeState === 'failed' && reading.job === null;
    const failed = last?.activeState === 'failed' && reading.activeState === 'failed';
    this.#stopOfFailed = failed && reading.job?.type === 'stop' && !this.#state.acting;
    if (over) this.commanded();
    return over;
  }

  #isUp(last: UnitReading | null, reading: UnitReading): void {
    if (last !== null && isUp(last) && last.invocationId === reading.invocationId) return;
    const { phase, acting } = this.#state;
    // Somebody else started it.
    if (!acting && (phase === 'cooldown' || phase === 'gave-up')) this.commanded();
    this.#repair.over();
    this.#loop.lasts();
    if (last === null) return;
    this.#story.tell('service_started', 'started', { invocation_id: reading.invocationId });
  }

  #ended(last: UnitReading | null, reading: UnitReading): void {
    this.#repair.over();
    if (reading.activeState === 'failed') return this.#failed(last, reading);
    if (!isAutoRestart(reading)) return this.#atRest(last, reading);
    if (last === null) return;
    const left = this.view.supervision.starts_left;
    // Which limits a unit of the system has is its own.
    const limit =
      this.#of.entry().external === undefined
        ? ` (${left === 1 ? '1 start' : `${left} starts`} left in the window)`
        : '';
    const text = `${exitCauseOf(reading).text}; systemd starts it again${limit}`;
    this.#story.explain(reading, 'service_restarting', text, { by: 'systemd', starts_left: left });
  }

  #atRest(last: UnitReading | null, reading: UnitReading): void {
    const { phase, attempts, acting, counter } = this.#state;
    // After failed attempts the conductor itself has stopped it.
    const kept = phase === 'gave-up' && attempts > 0 && (last === null || !hasEnded(last));
    if (!acting && !kept) this.commanded();
    if (last === null || hasEnded(last) || acting) return;
    const cause = exitCauseOf(reading);
    const asked = counter.counts.asked === reading.invocationId;
    this.#story.tell('service_stopped', asked ? 'stopped' : `ended by itself: ${cause.text}`, {
      asked,
      cause,
    });
  }

  #failed(last: UnitReading | null, reading: UnitReading): void {
    const { phase, counter } = this.#state;
    const { asked } = counter.counts;
    const wanted = asked !== null && asked === reading.invocationId;
    const limited = reading.result === 'start-limit-hit' && !(wanted && last === null);
    if (!isRestarted(this.#of.entry(), reading) || (wanted && !limited))
      return this.#failedForGood(last, reading);
    if (phase === 'cooldown' || phase === 'gave-up') return this.#loop.resume(reading);
    if (limited || counter.refused(reading) || (last === null && phase === 'trying')) {
      if (last !== null && !this.#state.acting) this.#tellFailed(reading);
      return this.#loop.given(reading);
    }
    // For a moment it is failed before each restart; and what is found so may have been stopped, badly, by somebody.
    if (last === null) this.#foundFailed(reading);
    else this.#pause.set(PAUSE_MS, () => this.#staysFailed(reading));
  }

  /** No restart is due. */
  #failedForGood(last: UnitReading | null, reading: UnitReading): void {
    const { phase, acting, counter } = this.#state;
    if (last !== null && !acting && !isDown(last)) {
      const wanted = counter.counts.asked === reading.invocationId;
      const text = `stopped, not in good order: ${exitCauseOf(reading).text}`;
      if (wanted) this.#story.explain(reading, 'service_stopped', text);
      else this.#tellFailed(reading);
    }
    if (!acting && phase !== 'gave-up') this.commanded();
  }

  /** systemd was to start it again, and did nothing: the installed unit is not what the catalog says. */
  #staysFailed(reading: UnitReading): void {
    if (!this.#state.acting) this.#tellFailed(reading);
    this.#foundFailed(reading);
  }

  #tellFailed(reading: UnitReading): void {
    this.#story.explain(reading, 'service_failed', `failed: ${exitCauseOf(reading).text}`);
  }

  /** It had failed before anybody looked: systemd gave up, or somebody stopped it, badly. */
  #foundFailed(reading: UnitReading): void {
    const { epoch } = this.#state;
    void saidToHaveGivenUp(this.#of, this.#of.unit).then((said) => {
      const now = readingOf(this.#of);
      const same =
        now?.activeState === 'failed' && now.invocationId === reading.invocationId && now.job === null;
      const { phase, epoch: latest } = this.#state;
      if (said && same && epoch === latest && (phase === 'watching' || phase === 'trying'))
        this.#loop.given(reading);
    });
  }
}

/** Of the same run, and of the same restart: systemd counts one while the unit waits for it. */
function sameEnd(last: UnitReading, now: UnitReading): boolean {
  const kind = (reading: UnitReading): string => {
    const waits = isAutoRestart(reading);
    return [
      reading.activeState,
      waits,
      reading.invocationId,
      reading.result,
      waits || reading.nRestarts,
    ].join(' ');
  };
  return hasEnded(last) && kind(last) === kind(now);
}
