import type { Screen } from './screen.js';
import type { Outcome, Person, Stage } from './stage.js';

/** One command of a scene, and what must come of it. */
export interface Act {
  readonly as: Person;
  readonly command: string;
  /** The exit code; default 0. */
  readonly code?: number;
  /** What its output must say. */
  readonly shows?: readonly RegExp[];
  /** Resolves when its effect is there. */
  readonly settle?: (stage: Stage) => Promise<void>;
}

/** A scene: told in one line, played, and checked against what was told. */
export interface Scene {
  readonly told: string;
  /** What happens behind the curtain; the telling must mention it. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  readonly acts: readonly Act[];
  /** The stacks that systemd itself must call active at the end. */
  readonly active: readonly string[];
}

/** Plays a scene. Answers what was not as told; nothing if all was. */
export async function play(scene: Scene, stage: Stage, screen: Screen): Promise<string[]> {
  const faults: string[] = [];
  await scene.prepare?.(stage);
  for (const act of scene.acts) {
    const outcome = await stage.perform(act.as, act.command);
    faults.push(...faultsOf(act, outcome));
    try {
      await act.settle?.(stage);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
    await screen.rest(Math.min(600, 60 + 25 * outcome.text.split('\n').length));
  }
  const active = await stage.activeStacks();
  if (active.join() !== scene.active.join()) {
    faults.push(
      `active stacks: ${active.join(', ') || 'none'}; expected: ${scene.active.join(', ') || 'none'}`,
    );
  }
  return faults;
}

function faultsOf({ command, code = 0, shows = [] }: Act, outcome: Outcome): string[] {
  const faults = shows
    .filter((pattern) => !pattern.test(outcome.text))
    .map((pattern) => `\`${command}\` did not show ${String(pattern)}`);
  if (outcome.code !== code) faults.unshift(`\`${command}\` ended with ${outcome.code}, expected ${code}`);
  return faults;
}
