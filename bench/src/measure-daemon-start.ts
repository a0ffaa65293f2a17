import type { Robot } from '@rovi/testbed';
import { show } from './daemon-figures.js';

/** Milliseconds from the execution of the gateway's process to its READY, one entry a start, by systemd's clock. */
export async function measureDaemonStart(robot: Robot, starts: number): Promise<number[]> {
  const samples: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    await robot.exec(['systemctl', 'stop', 'rovi-gateway.service']);
    await robot.exec(['systemctl', 'reset-failed', 'rovi-gateway.service'], { check: false });
    await robot.exec(['systemctl', 'start', 'rovi-gateway.service']);
    const times = await show(robot, ['ExecMainStartTimestampMonotonic', 'ActiveEnterTimestampMonotonic']);
    const moment = (name: string): number => Number(times.get(`${name}TimestampMonotonic`));
    samples.push((moment('ActiveEnter') - moment('ExecMainStart')) / 1000);
  }
  return samples;
}
