import type { InstanceHealth } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { Alarm } from './alarm.js';
import { backoffMs } from './backoff.js';
import type { InstanceStory } from './instance-story.js';
import type { InstanceSurroundings } from './instance-surroundings.js';
import { hindrance, readingOf } from './instance-surroundings.js';
import { isUp } from './run-counter.js';
import type { SupervisionState } from './supervision-state.js';

/** Restarts what is unhealthy, where the catalog wants that, and stops it when that did not help. */
export class UnhealthyRepair {
  readonly #of: InstanceSurroundings;
  readonly #state: SupervisionState;
  readonly #story: InstanceStory;
  readonly #healing: Alarm;

  constructor(parts: {
    readonly of: InstanceSurroundings;
    readonly state: SupervisionState;
    readonly story: InstanceStory;
  }) {
    this.#of = parts.of;
    this.#state = parts.state;
    this.#story = parts.story;
    this.#healing = new Alarm(parts.of.clock);
  }

  /** Takes in how its checks say it is. */
  healthChanged({ status }: InstanceHealth): void {
    const { on_unhealthy: policy, crash_loop: loop } = this.#of.entry();
    if (policy.action !== 'restart') return;
    const state = this.#state;
    if (status !== 'healthy') this.#healing.clear();
    else if (state.attempts > 0 && this.#healing.left === null) {
      this.#healing.set(loop.window * 1000, () => {
        state.attempts = 0;
        this.#of.changed();
      });
    }
    if (state.phase === 'backoff' && (status === 'healthy' || status === 'degraded')) state.relax();
    if (status === 'unhealthy') this.#unhealthy();
  }

  /** The run has ended, or another has begun: what was planned for it is not done. */
  over(): void {
    this.#healing.clear();
    if (this.#state.phase === 'backoff') this.#state.relax();
  }

  #unhealthy(): void {
    const state = this.#state;
    const reading = readingOf(this.#of);
    const calm = state.phase === 'watching' || state.phase === 'trying';
    if (state.acting || !calm || reading === null || !isUp(reading)) return;
    const { on_unhealthy: policy } = this.#of.entry();
    const last = state.attempts >= policy.attempts;
    state.plan(last ? 0 : backoffMs(policy, state.attempts), () => void this.#mend());
    const then = last
      ? 'it is stopped'
      : `restart ${state.attempts + 1} of ${policy.attempts} at ${state.next ?? ''}`;
    state.enter('backoff', `unhealthy: ${this.#of.health().text}; ${then}`);
  }

  async #mend(): Promise<void> {
    const state = this.#state;
    if (state.acting || state.phase !== 'backoff') return;
    const hindered = hindrance(this.#of);
    const { text } = this.#of.health();
    if (hindered !== null) {
      return state.wait(`unhealthy: ${text}; nothing is done: ${hindered}`, () => void this.#mend());
    }
    const { attempts } = this.#of.entry().on_unhealthy;
    const { epoch } = state;
    const given = state.attempts >= attempts;
    if (given) this.#giveUp(text);
    else this.#count(text);
    const { service, unit, hand } = this.#of;
    await state
      .holding(async () => {
        await this.#of.saved();
        const may = (): boolean => state.epoch === epoch && hindrance(this.#of) === null;
        const order = { service, unit, timeouts: this.#of.timeouts(), reason: `unhealthy: ${text}`, may };
        return given ? hand.stop(order) : hand.restart(order);
      })
      .catch((error: unknown) => {
        const { message, code } = RoviError.from(error);
        this.#story.tell('orchestration_error', `could not be mended: ${message}`, { code });
      });
    // What it was told of meanwhile was not acted on.
    if (state.epoch === epoch) this.healthChanged(this.#of.health());
  }

  #giveUp(text: string): void {
    const { attempts } = this.#state;
    const said = `unhealthy after ${attempts} restarts: ${text}; stopped: somebody has to start it`;
    this.#state.enter('gave-up', said);
    this.#story.tell('service_failed', said, { attempts, checks: this.#failing() });
  }

  #count(text: string): void {
    const state = this.#state;
    const { attempts: most } = this.#of.entry().on_unhealthy;
    state.attempts += 1;
    state.counter.addRestart();
    state.enter(state.calm, '');
    const data = { by: 'conductor', attempts: state.attempts, attempts_max: most, checks: this.#failing() };
    const said = `unhealthy: ${text}; restart ${state.attempts} of ${most}`;
    this.#story.tell('service_restarting', said, data);
  }

  #failing(): string[] {
    return this.#of
      .health()
      .checks.filter(({ passing }) => passing === false)
      .map(({ name }) => name);
  }
}
