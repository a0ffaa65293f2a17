import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { REPOSITORY } from '@rovi/testbed';

const run = promisify(execFile);

/** Where the figures come from. */
export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly kernel: string;
  readonly systemd: string;
  readonly dbus: string;
  readonly polkit: string;
  readonly node: string;
  /** The commit, with `+changes` where the work tree has any. */
  readonly commit: string;
  /** Percent of all cores that others used, over some seconds before the first robot and after the last. */
  readonly othersBusy: readonly number[];
}

/** Percent of all cores that are busy over three seconds in which the bench does nothing. */
export async function busyPercent(): Promise<number> {
  const before = await processorTimes();
  await delay(3_000);
  const after = await processorTimes();
  return 100 * (1 - (after.idle - before.idle) / (after.all - before.all));
}

async function processorTimes(): Promise<{ idle: number; all: number }> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  // user nice system idle iowait irq softirq steal; guest times are in user's already
  const times = line.split(/\s+/).slice(1, 9).map(Number);
  return { idle: (times[3] ?? 0) + (times[4] ?? 0), all: times.reduce((sum, time) => sum + time, 0) };
}

/** Facts of this machine; robots run its very programs. */
export async function machineFacts(othersBusy: readonly number[]): Promise<MachineFacts> {
  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const git = (...words: string[]): Promise<string> =>
    first('git', ['-c', `safe.directory=${REPOSITORY}`, '-C', REPOSITORY, ...words]);
  const changes = await git('status', '--porcelain', '--untracked-files=no');
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease)?.[1] ?? 'unknown',
    kernel: release(),
    systemd: await first('systemctl', ['--version']),
    dbus: await first('dbus-daemon', ['--version']),
    polkit: await first('pkaction', ['--version']),
    node: process.version,
    commit: `${await git('rev-parse', '--short', 'HEAD')}${changes === '' ? '' : '+changes'}`,
    othersBusy,
  };
}

/** The first line that a program writes. */
async function first(program: string, words: string[]): Promise<string> {
  const { stdout } = await run(program, words).catch(() => ({ stdout: 'unknown' }));
  return stdout.split('\n')[0] ?? '';
}
