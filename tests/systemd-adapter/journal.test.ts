import { readdir, readFile } from 'node:fs/promises';
import type { LogEntry } from '@rovi/contract';
import { Robot } from '@rovi/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inside } from './inside.js';

const talker = `[Service]
Type=oneshot
ExecStart=/bin/bash /opt/talk.sh
`;
const talk = `echo plain
echo '<3>urgent'
printf 'bytes \\377\\001 end\\n'
head -c 20000 /dev/zero | tr '\\0' x; echo
echo last
`;

const journal = 'const journal = new adapter.JournalctlJournal();';

describe('the journal', () => {
  let robot: Robot;
  const invocations: string[] = [];

  const read = async (query: Record<string, unknown>): Promise<LogEntry[]> => {
    const code = `${journal} answer.entries = await journal.read(${JSON.stringify({ unit: 'talker.service', ...query })});`;
    return (await inside(robot, 'reader', code))['entries'] as LogEntry[];
  };
  const messages = (entries: readonly LogEntry[]): string[] => entries.map(({ message }) => message);

  beforeAll(async () => {
    robot = await Robot.boot({ name: 'adapter-journal' });
    await robot.addUser('reader', ['systemd-journal']);
    for (const user of ['stranger', 'forger']) await robot.addUser(user);
    await robot.writeFile('/etc/systemd/system/talker.service', talker);
    await robot.writeFile('/opt/talk.sh', talk);
    await robot.exec(['systemctl', 'daemon-reload']);
    for (let run = 0; run < 2; run += 1) {
      await robot.exec(['systemctl', 'start', 'talker.service']);
      await robot.exec(['journalctl', '--sync']);
    }
    const all = await read({ lines: 1000 });
    invocations.push(
      ...new Set(all.flatMap(({ invocation_id }) => (invocation_id === null ? [] : [invocation_id]))),
    );
  });
  afterAll(() => robot.shutdown());

  it('reads one invocation: what the unit wrote and what systemd said of it', async () => {
    expect(invocations).toHaveLength(2);
    const entries = await read({ lines: 1000, invocation: invocations[1] });
    expect(entries.map(({ invocation_id }) => invocation_id)).not.toContain(invocations[0]);
    expect(new Set(entries.map(({ transport }) => transport))).toEqual(new Set(['stdout', 'journal']));
    const own = entries.filter(({ transport }) => transport === 'stdout');
    expect(own.map(({ message }) => message.length)).toEqual([5, 6, 12, 20_000, 4]);
    expect(own[2]?.message).toBe('bytes \ufffd\u0001 end');
    expect(own[1]).toMatchObject({
      message: 'urgent',
      priority: 3,
      identifier: 'bash',
      unit: 'talker.service',
    });
  });

  it('believes nobody but systemd what systemd would say of the unit', async () => {
    const before = await read({ lines: 1000 });
    const forged = ['UNIT=talker.service', 'PRIORITY=3', 'MESSAGE=on fire'].join('\\n');
    for (const run of [
      '',
      `\\nINVOCATION_ID=${'d'.repeat(32)}`,
      `\\nINVOCATION_ID=${invocations[1] ?? ''}`,
    ]) {
      await robot.shell(`printf '${forged}${run}\\n' | logger --journald`, { user: 'forger' });
      await robot.shell(`printf '${forged}${run}\\n' | logger --journald`);
    }
    await robot.exec(['journalctl', '--sync']);
    const { stdout } = await robot.shell('journalctl -o cat UNIT=talker.service');
    expect(stdout.match(/on fire/g)).toHaveLength(6);
    expect(await read({ lines: 1000 })).toEqual(before);
    const run = await read({ lines: 1000, invocation: invocations[1] });
    expect(run.filter(({ message }) => message === 'on fire')).toEqual([]);
    expect(run.some(({ pid }) => pid === 1)).toBe(true);
  });

  it('limits, narrows by priority, and goes on after a cursor', async () => {
    expect(await read({ lines: 3 })).toHaveLength(3);
    expect(await read({ lines: 0 })).toEqual([]);
    expect(messages(await read({ lines: 10, priority: 3 }))).toEqual(['urgent', 'urgent']);
    const all = await read({ lines: 1000 });
    const middle = all[Math.floor(all.length / 2)];
    expect(await read({ lines: 0, after: middle?.cursor })).toEqual(
      all.slice(Math.floor(all.length / 2) + 1),
    );
  });

  it('says what is wrong: a user who may not read, a cursor that is none, a missing program', async () => {
    const code = `${journal}
      const end = async (entries) => { try { for await (const entry of entries) void entry; return 'ended'; } catch (error) { return failure(error); } };
      const never = new AbortController().signal;
      const query = { unit: 'talker.service', lines: 5 };
      answer.read = await journal.read(query).catch(failure);
      answer.follow = await end(journal.follow(query, never));
      answer.cursor = await journal.read({ ...query, after: 'nonsense' }).catch(failure);
      answer.missing = await new adapter.JournalctlJournal('no-such-journalctl').read(query).catch(failure);`;
    const stranger = await inside(robot, 'stranger', code);
    expect(stranger).toMatchObject({ read: 'journal-unavailable', follow: 'journal-unavailable' });
    const reader = await inside(robot, 'reader', code.replace(/answer.follow.*\n/, '\n'));
    expect(reader).toMatchObject({ cursor: 'bad-request', missing: 'journal-unavailable' });
  });

  it('follows until told to end, and leaves no process behind', async () => {
    const code = `${journal}
      import { execFileSync } from 'node:child_process';
      import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
      const abort = new AbortController();
      answer.messages = [];
      for await (const { message } of journal.follow({ unit: 'reader.test', lines: 0 }, AbortSignal.timeout(1))) answer.messages.push(message);
      const entries = journal.follow({ unit: 'talker.service', lines: 2 }, abort.signal);
      for await (const { message, transport } of entries) {
        answer.messages.push(message);
        if (answer.messages.length === 2) writeFileSync('/tmp/following', '');
        if (message === 'last' && answer.messages.length > 2) abort.abort();
      }
      const early = journal.follow({ unit: 'talker.service', lines: 1000 }, new AbortController().signal);
      for await (const entry of early) { answer.first = entry.message; break; }
      const children = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).filter((pid) => {
        try { return readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1].split(' ')[1] === String(process.pid); } catch { return false; }
      });
      answer.children = children.length;`;
    const following = inside(robot, 'reader', code);
    // It has what was there: what comes now is followed.
    await robot.waitFor('the follower', () => robot.exec(['test', '-e', '/tmp/following']));
    await robot.exec(['systemctl', 'start', 'talker.service']);
    const answer = await following;
    expect(answer['children']).toBe(0);
    expect(answer['messages']).toContain('plain');
    expect((answer['messages'] as string[]).at(-1)).toBe('last');
    expect(typeof answer['first']).toBe('string');
  });

  it('runs no journalctl on the host', async () => {
    const own = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(own.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
    expect(
      lines.filter((line) => line.includes('(journalctl)') && line.includes(` ${process.pid} `)),
    ).toEqual([]);
  });
});
