import { RoviClient } from '@rovi/client';
import { PATHS, stackUnit, type Snapshot } from '@rovi/contract';
import { installRos, Robot } from '@rovi/testbed';
import { stripVTControlCharacters } from 'node:util';
import { PageRelay } from './page-relay.js';
import type { Screen } from './screen.js';

/** Who commands in the demo: a member of the operators' group, and the admin. */
export type Person = typeof OPERATOR | 'root';
/** The operator's account. Not `operator`: Debian has a group of that name, Fedora an account. */
export const OPERATOR = 'olga';

/** What a command came to; `text` is its output of both kinds in the order written, without colours. */
export interface Outcome {
  readonly code: number;
  readonly text: string;
}

/** The robot of a demo, and those who stand before it. */
export class Stage {
  #page: PageRelay | undefined;

  private constructor(
    readonly robot: Robot,
    private readonly screen: Screen,
  ) {}

  /** Boots a robot as it is before Rovi comes: ROS (the stand-in), a workspace, an account for it. */
  static async raise(screen: Screen): Promise<Stage> {
    const begin = performance.now();
    const robot = await Robot.boot({ name: 'rovi-demo' });
    try {
      const { stdout: system } = await robot.shell('. /etc/os-release; systemctl --version | head -n 1');
      const version = /^systemd (\d+)/.exec(system)?.[1] ?? '?';
      const seconds = ((performance.now() - begin) / 1000).toFixed(1);
      screen.note(`robot ${robot.name} has booted in ${seconds} s: systemd ${version} is its PID 1`);
      await installRos(robot);
      screen.note("it has no ROS: a stand-in for `ros2 launch` starts processes under the stacks' names");
      return new Stage(robot, screen);
    } catch (error) {
      await robot.shutdown();
      throw error;
    }
  }

  /** What an admin does once. Its output is shown; throws unless all of it succeeds. */
  async installRovi(): Promise<void> {
    await this.mustSucceed('/opt/rovi-src/install.sh --catalog /opt/rovi-src/rovi.yaml');
    await this.mustSucceed(`useradd --create-home --shell /bin/bash --groups rovi-ops ${OPERATOR}`);
  }

  /** Types a command, runs it, shows what it writes as it writes it. */
  async perform(person: Person, command: string): Promise<Outcome> {
    await this.screen.type(person === 'root' ? 'root@robot#' : `${person}@robot$`, command);
    const env = {
      ...(this.screen.colour ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
      COLUMNS: String(COLUMNS),
      SYSTEMD_PAGER: 'cat',
    };
    const child = this.robot.spawn(['bash', '-c', `exec 2>&1; ${command}`], {
      user: person,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      this.screen.raw(chunk);
    });
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? 1));
    });
    if (code !== 0) this.screen.note(`(exit code ${code})`);
    return { code, text: stripVTControlCharacters(text) };
  }

  /** Waits until the gateway shows this; the deadline is 10 s. */
  async until(what: string, holds: (state: Snapshot) => boolean): Promise<void> {
    await this.robot.waitFor(what, async () => holds(await this.api.state()));
  }

  /** The stacks whose units systemd itself calls active: not what Rovi says. */
  async activeStacks(): Promise<string[]> {
    const argv = [
      'systemctl',
      'list-units',
      '--state=active',
      '--plain',
      '--no-legend',
      '--full',
      'rovi-*.service',
    ];
    const { stdout } = await this.robot.exec(argv);
    const units = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
    return STACKS.filter((stack) => units.includes(stackUnit(stack)));
  }

  /** One property of a unit, as systemd has it now. */
  async property(unit: string, name: string): Promise<string> {
    return (await this.robot.exec(['systemctl', 'show', '--value', '--property', name, unit])).stdout.trim();
  }

  /** Lets this machine's browser see the robot's page; returns where. */
  async showPage(): Promise<string> {
    this.#page ??= await PageRelay.open(() => this.robot.path(PATHS.socket));
    return this.#page.url;
  }

  /** Removes the robot and all that was on it. */
  async strike(): Promise<void> {
    await this.#page?.close();
    await this.robot.shutdown();
  }

  private get api(): RoviClient {
    return new RoviClient({ socketPath: this.robot.path(PATHS.socket), actor: 'demo' });
  }

  private async mustSucceed(command: string): Promise<void> {
    const { code } = await this.perform('root', command);
    if (code !== 0) throw new Error(`\`${command}\` ended with ${code}`);
  }
}

/** The stacks of the shipped catalog. */
export const STACKS = ['teleop', 'mapping', 'localization', 'nav', 'camera'] as const;
/** Width of what is shown. */
export const COLUMNS = 118;
