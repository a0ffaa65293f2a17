import { stackUnit } from '@rovi/contract';
import type { Operation } from '@rovi/contract';
import type { BenchRobot } from './bench-robot.js';
import { monotonicMs } from './monotonic.js';

/** Who starts and stops, in the order of the tables. */
export const CONTENDERS = ['conductor', 'raw', 'rawRoot', 'busctl', 'systemctl', 'rovictl'] as const;
export type Contender = (typeof CONTENDERS)[number];

/** What the tables call them. */
export const CONTENDER_TEXT: Record<Contender, string> = {
  conductor: 'conductor (HTTP)',
  raw: 'raw D-Bus + job',
  rawRoot: 'raw D-Bus + job, as root',
  busctl: '`busctl call` + job',
  systemctl: '`systemctl`',
  rovictl: '`rovictl`',
};

/** Milliseconds from the command to its end, and the operation's record where the conductor was asked. */
export interface Commanded {
  readonly ms: number;
  readonly operation?: Operation;
}

const verbs = { start: 'StartUnit', stop: 'StopUnit' } as const;

/** Starts or stops a stack by one contender, and says how long that took where the contender is. */
export async function command(
  bench: BenchRobot,
  contender: Contender,
  verb: 'start' | 'stop',
  stack: string,
): Promise<Commanded> {
  const unit = stackUnit(stack);
  switch (contender) {
    case 'conductor': {
      const { client } = bench;
      const begin = monotonicMs();
      const operation = await client[verb](stack);
      return { ms: monotonicMs() - begin, operation };
    }
    case 'raw':
    case 'rawRoot': {
      const { start, end } = await bench[contender].command(verb, unit);
      return { ms: end - start };
    }
    case 'busctl': {
      // The program knows nothing of jobs: when the job was over is told by the raw rival, which listens anyway.
      await bench.raw.watch();
      const target = [
        'org.freedesktop.systemd1',
        '/org/freedesktop/systemd1',
        'org.freedesktop.systemd1.Manager',
      ];
      const ran = await bench.hand.run(['busctl', 'call', ...target, verbs[verb], 'ss', unit, 'replace']);
      const job = /"(.*)"/.exec(ran.output)?.[1];
      if (job === undefined) throw new Error(`busctl named no job: ${ran.output}`);
      return { ms: Math.max(ran.end, await bench.raw.jobEnd(job)) - ran.start };
    }
    case 'systemctl': {
      const { start, end } = await bench.hand.run(['systemctl', '--no-ask-password', verb, unit]);
      return { ms: end - start };
    }
    case 'rovictl': {
      const { start, end } = await bench.hand.run(['/usr/local/bin/rovictl', 'stack', verb, stack]);
      return { ms: end - start };
    }
  }
}
