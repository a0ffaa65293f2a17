import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPOSITORY } from './host.js';
import type { Robot } from './robot.js';

/**
 * Saves a robot's journal and unit states below the repository's `test-output/`, says on stderr where, and returns the
 * folder. For the moment after a test has failed; never throws for a robot that is already gone.
 */
export async function keepJournal(robot: Robot, testName: string): Promise<string> {
  const slug = testName.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 80);
  const folder = join(REPOSITORY, 'test-output', `${slug}-${robot.name}`);
  await mkdir(folder, { recursive: true });
  const reports: Record<string, () => Promise<string>> = {
    'journal.txt': () => robot.journal(),
    'rovi-units.txt': async () =>
      (await robot.exec(['systemctl', 'status', '--all', '--no-pager', '--full', 'rovi-*'], { check: false }))
        .stdout,
    'processes.txt': async () => (await robot.exec(['ps', '-eo', 'pid,ppid,user,stat,comm,args'])).stdout,
  };
  for (const [file, report] of Object.entries(reports)) {
    const text = await report().catch((error: unknown) => `could not be had: ${String(error)}\n`);
    await writeFile(join(folder, file), text);
  }
  process.stderr.write(`robot ${robot.name}: its journal is in ${folder}\n`);
  return folder;
}

interface JournalLine {
  MESSAGE?: string | number[];
  PRIORITY?: string;
  UNIT?: string;
  _SYSTEMD_UNIT?: string;
  SYSLOG_IDENTIFIER?: string;
}

/**
 * Lines about or from `rovi-*` units, of all boots, at priority warning or worse, that no pattern of `announced`
 * matches. Each as `unit[priority] identifier: message`; a test that has any fails.
 */
export async function unexpectedWarnings(
  robot: Robot,
  options: { announced?: readonly RegExp[] } = {},
): Promise<string[]> {
  await robot.exec(['journalctl', '--sync']);
  const argv = ['journalctl', '--no-pager', '--quiet', '-o', 'json', '-p', 'warning'];
  const { stdout } = await robot.exec(argv);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as JournalLine)
    .filter((line) => unitOf(line).startsWith('rovi-'))
    .map(describe)
    .filter((line) => !(options.announced ?? []).some((pattern) => pattern.test(line)));
}

// What systemd says of a unit names it in UNIT; what the unit says itself is in its cgroup.
const unitOf = (line: JournalLine) => line.UNIT ?? line._SYSTEMD_UNIT ?? '';

function describe(line: JournalLine): string {
  const message = Array.isArray(line.MESSAGE) ? Buffer.from(line.MESSAGE).toString() : (line.MESSAGE ?? '');
  return `${unitOf(line)}[${line.PRIORITY ?? '?'}] ${line.SYSLOG_IDENTIFIER ?? '?'}: ${message}`;
}
