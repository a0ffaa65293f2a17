import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RoviClient } from '@rovi/client';
import type { RoviError, StackStatus } from '@rovi/contract';
import { PATHS } from '@rovi/contract';
import type { CommandOptions, CommandResult } from '@rovi/testbed';
import { installRovi, keepJournal, REPOSITORY, Robot, unexpectedWarnings } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';

/** The session file of the shipped catalog's user. */
export const SESSION = '/home/rovi/.ros/rovi/session/current_launch';
/** A member of the operators' group, and somebody who is not. */
export const OPERATOR = 'olga';
export const STRANGER = 'stan';

/** The parts of the shipped catalog that a story may want otherwise. */
export interface CatalogText {
  gateway: { run: unknown; watchdog: number };
  lock_wait: number;
  stacks: Record<
    string,
    {
      description: string;
      launch: { package: string; file: string; arguments: Record<string, string> };
      processes: string[];
      /** `settle` null is what a catalog without it has. */
      timeouts: { start: number; stop: number; settle?: number | null };
      start_limit?: { interval: number; burst: number };
    }
  >;
  /** What the ROS face publishes; its fields name processes of stacks. */
  streams?: unknown;
}

/**
 * The shipped catalog, changed. By default only so far that a story may start a stack as often as it likes, and need not
 * wait each time until it has settled.
 */
export function shippedCatalog(change: (catalog: CatalogText) => void = () => undefined): string {
  const catalog = parse(readFileSync(join(REPOSITORY, 'rovi.yaml'), 'utf8')) as CatalogText;
  for (const stack of Object.values(catalog.stacks)) stack.start_limit = { interval: 10, burst: 1000 };
  change(catalog);
  for (const { timeouts } of Object.values(catalog.stacks)) {
    if (timeouts.settle === null) delete timeouts.settle;
    else timeouts.settle ??= 0;
  }
  return stringify(catalog);
}

export interface RobotOptions {
  /** Text of the catalog; default the repository's `rovi.yaml`. */
  readonly catalog?: string;
  /** Text of the env file; default the repository's `env/.env.robot`. */
  readonly environment?: string;
  /** The story brings a ROS and a workspace of its own, by `prepare`. */
  readonly hasRos?: boolean;
  /** What the story brings onto the robot before Rovi is installed. */
  readonly prepare?: (robot: Robot) => Promise<void>;
  /** What the story brings onto the robot once Rovi is installed. */
  readonly furnish?: (installed: InstalledRobot) => Promise<void>;
}

/**
 * One robot for one test file, with Rovi installed by install.sh: booted before its first test, taken down after its
 * last one, its journals kept where a test failed.
 */
export class InstalledRobot {
  #robot: Robot | undefined;

  constructor(name: string, options: RobotOptions = {}) {
    beforeAll(async () => {
      this.#robot = await Robot.boot({ name });
      const { catalog, environment, hasRos } = options;
      await options.prepare?.(this.#robot);
      await installRovi(this.#robot, {
        ...(catalog === undefined ? {} : { catalog }),
        ...(environment === undefined ? {} : { environment }),
        ...(hasRos === undefined ? {} : { hasRos }),
      });
      await this.#robot.addUser(OPERATOR, ['rovi-ops']);
      await this.#robot.addUser(STRANGER);
      await options.furnish?.(this);
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail' && this.#robot !== undefined)
        await keepJournal(this.#robot, task.name);
    });
    afterAll(async () => {
      await this.#robot?.shutdown();
    });
  }

  get robot(): Robot {
    if (this.#robot === undefined) throw new Error('the robot has not booted yet');
    return this.#robot;
  }

  /** The gateway's API, as root on the host reaches it. Anew each time: the way there changes with a reboot. */
  get api(): RoviClient {
    return new RoviClient({ socketPath: this.robot.path(PATHS.socket), actor: 'story' });
  }

  /** `systemctl` as root or as somebody else; never throws. */
  systemctl(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.robot.exec(['systemctl', '--no-ask-password', ...argv], { check: false, ...options });
  }

  /** `rovictl` as root or as somebody else; never throws. */
  rovictl(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.robot.exec(['rovictl', ...argv], { check: false, ...options });
  }

  /** One property of a unit, as systemd has it now. */
  async property(unit: string, name: string): Promise<string> {
    return (await this.robot.exec(['systemctl', 'show', '--value', '--property', name, unit])).stdout.trim();
  }

  /** Resolves when the unit's ActiveState is one of these, with it. */
  waitForUnit(unit: string, ...states: string[]): Promise<string> {
    return this.robot.waitFor(
      `${unit} ${states.join(' or ')}`,
      async () => {
        const state = await this.property(unit, 'ActiveState');
        return states.includes(state) ? state : null;
      },
      30_000,
    );
  }

  /** Resolves when the API shows the stack so. */
  waitForStack(name: string, what: string, holds: (stack: StackStatus) => boolean): Promise<StackStatus> {
    return this.robot.waitFor(
      `${name} ${what}`,
      async () => {
        const { stack } = await this.api.stack(name);
        return holds(stack) ? stack : null;
      },
      30_000,
    );
  }

  /** What tells one run of a unit from another, and that it was not touched meanwhile. */
  async run(unit: string): Promise<Record<string, string>> {
    const names = [
      'InvocationID',
      'MainPID',
      'ExecMainStartTimestampMonotonic',
      'ActiveEnterTimestampMonotonic',
    ];
    const { stdout } = await this.robot.exec(['systemctl', 'show', '--property', names.join(','), unit]);
    return Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('=', 2) as [string, string]),
    );
  }

  async exists(path: string): Promise<boolean> {
    return (await this.robot.exec(['test', '-e', path], { check: false })).code === 0;
  }

  /** Something that is no stack, `squatter.service`, takes the lock. */
  async squat(): Promise<void> {
    const holder = ['flock', '-x', PATHS.lock, 'sleep', 'infinity'];
    await this.robot.exec(['systemd-run', '--unit=squatter', '--uid=rovi', ...holder]);
    await this.robot.waitFor('the lock to be taken', async () => !(await this.lockIsFree()));
  }

  async lockIsFree(): Promise<boolean> {
    return (await this.robot.exec(['flock', '-n', PATHS.lock, 'true'], { check: false })).code === 0;
  }

  /**
   * What the runner itself said in the unit's last run, once that has come to the journal. By its PID: of a process that
   * is gone before journald looks, the journal keeps no invocation.
   */
  async runnerSaid(unit: string): Promise<string[]> {
    const run = [`_SYSTEMD_UNIT=${unit}`, `_PID=${await this.property(unit, 'ExecMainPID')}`];
    return this.robot.waitFor(`a word of the runner of ${unit}`, async () => {
      await this.robot.exec(['journalctl', '--sync']);
      const text = (await this.robot.exec(['journalctl', '-q', '-o', 'cat', ...run])).stdout;
      const lines = text.split('\n').filter((line) => line.startsWith('run_stack: '));
      return lines.length > 0 ? lines : null;
    });
  }

  /** Declares the file's last test: our units logged no warning that the story did not announce. */
  expectNoWarningsBut(...announced: RegExp[]): void {
    test('no warning of our units that was not announced', async () => {
      await this.robot.exec(['journalctl', '--sync']);
      expect(await unexpectedWarnings(this.robot, { announced })).toEqual([]);
    });
  }
}

/** The error of something that must fail. */
export async function failureOf(attempt: Promise<unknown>): Promise<RoviError> {
  const answer = await attempt.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in answer) throw new Error(`expected a failure, got ${JSON.stringify(answer.value)}`);
  return answer.error as RoviError;
}
