import { BenchRobot } from './bench-robot.js';
import { CONTENDERS } from './contenders.js';
import type { Contender } from './contenders.js';
import { measureCrash, measureNodeDeath } from './measure-crash.js';
import { measureDaemonStart } from './measure-daemon-start.js';
import { measureIdle, measureIdleRivals } from './measure-idle.js';
import { measureStart } from './measure-start.js';
import { measureSwitch } from './measure-switch.js';
import type { Plan } from './plan.js';
import type { OnceResults, SizeResults } from './results.js';

/** Says in a few words what is being done. */
export type Progress = (text: string) => void;

/** In the larger catalogs: what is needed to see how we and systemd grow. */
const FEW: readonly Contender[] = ['conductor', 'raw', 'systemctl'];

/** Measures on one robot and takes it down. `once` tells whether it is also the robot for what is measured once. */
export async function runSize<Once extends boolean>(options: {
  readonly size: number;
  readonly plan: Plan;
  readonly once: Once;
  readonly progress: Progress;
}): Promise<{ size: SizeResults; once: Once extends true ? OnceResults : undefined }> {
  const { size, plan, once } = options;
  const step = async <T>(text: string, work: () => Promise<T>): Promise<T> => {
    options.progress(`${size} units: ${text}`);
    return work();
  };
  const bench = await step('boot and install', () => BenchRobot.boot(size));
  try {
    const { rounds, crashes, switches } = plan;
    const daemonStart = await step('daemon start', () => measureDaemonStart(bench.robot, plan.daemonStarts));
    const idleRivals = once
      ? await step('idle rivals', () => measureIdleRivals(bench.robot, plan.idleSeconds))
      : undefined;
    const idle = await step('idle', () => measureIdle(bench, plan.idleSeconds));
    await bench.open();
    const contenders = once ? CONTENDERS : FEW;
    const results: SizeResults = {
      size,
      installSeconds: bench.installSeconds,
      daemonStart,
      idle,
      trivial: await step('start and stop, trivial body', () =>
        measureStart(bench, 'trivial', contenders, rounds.trivial),
      ),
      generated: await step('start and stop, generated unit', () =>
        measureStart(bench, 'generated', contenders, rounds.generated),
      ),
      crash: {
        trivial: await step('crashes, trivial body', () => measureCrash(bench, 'trivial', crashes.trivial)),
        generated: await step('crashes, generated unit', () =>
          measureCrash(bench, 'generated', crashes.generated),
        ),
      },
    };
    const onceResults =
      idleRivals === undefined
        ? undefined
        : {
            idleRivals,
            nodeDeath: {
              atRest: await step("nodes' deaths, at rest", () =>
                measureNodeDeath(bench, 'at rest', plan.nodeDeaths.atRest),
              ),
              justChanged: await step("nodes' deaths, just changed", () =>
                measureNodeDeath(bench, 'just changed', plan.nodeDeaths.justChanged),
              ),
            },
            whole: await step('start until whole', () =>
              measureStart(bench, 'whole', ['conductor', 'raw'], rounds.whole),
            ),
            watched: await step('start until whole, trivial body', () =>
              measureStart(bench, 'watched', ['conductor', 'raw'], rounds.whole),
            ),
            switch: {
              trivial: await step('switch, trivial bodies', () =>
                measureSwitch(bench, 'trivial', switches.trivial),
              ),
              generated: await step('switch, generated units', () =>
                measureSwitch(bench, 'generated', switches.generated),
              ),
            },
          };
    await bench.close();
    return { size: results, once: onceResults as Once extends true ? OnceResults : undefined };
  } catch (error) {
    options.progress(`failed; the robot's last lines:\n${await lastLines(bench)}`);
    throw error;
  } finally {
    await bench.robot.shutdown();
  }
}

function lastLines({ robot }: BenchRobot): Promise<string> {
  return robot.journal(['-n', '40']).catch((error: unknown) => String(error));
}
