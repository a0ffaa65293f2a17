import type { FleetImpact, Impact, Problem } from '@rovi/contract';

/** Robots on which a command would do the same. */
export interface SameImpact {
  readonly robots: readonly string[];
  /** `stops teleop; starts nav`; where it hits nothing, why. */
  readonly text: string;
  /** True where it hits more than its target on any of them. */
  readonly confirm: boolean;
  /** What it ends on all of them together. */
  readonly processes: number;
}

/** Robots on which it cannot be done, for the same reason. */
export interface SameProblem {
  readonly robots: readonly string[];
  /** Of the first of them. */
  readonly problem: Problem;
}

/** What a command would hit on many robots, in one picture. */
export interface BlastRadius {
  /** Those that stop the most first, then those of the most robots. */
  readonly impacts: readonly SameImpact[];
  readonly problems: readonly SameProblem[];
  /** Robots that would do it, with the token of what was shown; in the order they were asked. */
  readonly targets: readonly { readonly robot: string; readonly confirm: string | null }[];
}

/** Puts robots together on which the same units are hit in the same way, and those that say no for the same reason. */
export function blastRadius(answers: readonly FleetImpact[]): BlastRadius {
  const impacts = new Map<string, { robots: string[]; all: Impact[] }>();
  const problems = new Map<string, { robots: string[]; problem: Problem }>();
  const targets: { robot: string; confirm: string | null }[] = [];
  for (const { robot, impact, problem } of answers) {
    if (problem !== null) {
      const same = problems.get(problem.code);
      if (same === undefined) problems.set(problem.code, { robots: [robot], problem });
      else same.robots.push(robot);
      continue;
    }
    targets.push({ robot, confirm: impact?.token ?? null });
    if (impact === null) continue;
    // Where it hits nothing the robot says why: it runs already, or it would be refused.
    const text = impact.affects.length === 0 ? impact.text : effectsText(impact);
    const same = impacts.get(text);
    if (same === undefined) impacts.set(text, { robots: [robot], all: [impact] });
    else {
      same.robots.push(robot);
      same.all.push(impact);
    }
  }
  return {
    impacts: [...impacts.entries()]
      .map(([text, { robots, all }]) => ({
        robots,
        text,
        confirm: all.some(({ confirm }) => confirm),
        processes: all.reduce((sum, impact) => sum + endedBy(impact), 0),
      }))
      .sort((one, other) => endsOf(other) - endsOf(one) || other.robots.length - one.robots.length),
    problems: [...problems.values()],
    targets,
  };
}

/** Processes that it ends on one robot, on average: what makes one impact worse than another. */
function endsOf({ processes, robots }: SameImpact): number {
  return processes / robots.length;
}

function endedBy({ affects }: Impact): number {
  return affects.reduce((sum, { effect, processes }) => sum + (effect === 'starts' ? 0 : processes), 0);
}

/** `stops teleop, starts nav`: each unit's name once, however many instances it has; then what Rovi does not know of. */
export function effectsText({ affects, beyond }: Pick<Impact, 'affects' | 'beyond'>): string {
  const words = (['stops', 'restarts', 'starts'] as const).flatMap((effect) => {
    const names = [...new Set(affects.filter((one) => one.effect === effect).map(({ name }) => name))];
    return names.length === 0 ? [] : [`${effect} ${names.join(', ')}`];
  });
  if (words.length === 0) return 'nothing changes';
  return [...words, ...(beyond.length === 0 ? [] : [`affects ${beyond.join(', ')}`])].join('; ');
}
