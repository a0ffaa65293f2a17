import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commandProbe } from './command-probe.js';
import { ProbeRegistry } from './probe-registry.js';
import { targetOf, within } from './probe-target.fixture.js';

const probes = new ProbeRegistry().add(commandProbe);
const folder = mkdtempSync(join(tmpdir(), 'rovi-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (command: string[], ms = 5_000) =>
  probes.probe({ type: 'command', command }, targetOf(), within(ms));
const shell = (script: string, ms?: number) => run(['/bin/sh', '-c', script], ms);

/** Whether the process is there and more than a zombie. */
function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const pidsIn = (file: string): number[] => readFileSync(file, 'utf8').trim().split('\n').map(Number);

describe('a command', () => {
  it('is good for exit code 0, and says its last line', async () => {
    expect(await shell('echo first; echo " battery 24.1 V"')).toEqual({
      ok: true,
      text: 'battery 24.1 V',
      figures: { exit_status: 0 },
    });
    expect(await run(['/bin/true'])).toMatchObject({ ok: true, text: 'exit code 0' });
  });

  it('is bad for another one, or a signal', async () => {
    expect(await shell('echo no arm >&2; exit 3')).toEqual({
      ok: false,
      text: 'exit code 3: no arm',
      figures: { exit_status: 3 },
    });
    expect(await shell('kill -SEGV $$')).toMatchObject({ ok: false, text: '/bin/sh was killed by SIGSEGV' });
  });

  it('says nothing about the service where it cannot be run', async () => {
    expect(await run(['/nowhere/at-all'])).toMatchObject({
      ok: null,
      text: '/nowhere/at-all cannot be run: spawn /nowhere/at-all ENOENT',
    });
  });

  it('is given its words as they are: there is no shell', async () => {
    expect(await run(['/bin/echo', '$HOME', '; exit 3', '*'])).toMatchObject({ text: '$HOME ; exit 3 *' });
  });

  it('knows whom it is to look at, and cannot speak for the gateway', async () => {
    process.env['NOTIFY_SOCKET'] = '/run/systemd/notify';
    try {
      const seen = await probes.probe(
        {
          type: 'command',
          command: ['/bin/sh', '-c', 'echo $ROVI_UNIT $ROVI_INSTANCE $ROVI_PORT_WEB ${NOTIFY_SOCKET-none}'],
        },
        targetOf({ instance: 2, unit: 'rovi-video@2.service', ports: { web: 8090 } }),
        within(5_000),
      );
      expect(seen.text).toBe('rovi-video@2.service 2 8090 none');
    } finally {
      delete process.env['NOTIFY_SOCKET'];
    }
  });

  it('that floods its output is kept to a line', async () => {
    const seen = await shell('head -c 3000000 /dev/zero | tr "\\0" x; printf "\\n\\033[2Jdone\\n"');
    expect(seen).toMatchObject({ ok: true, text: '[2Jdone' });
    expect((await shell('head -c 100000 /dev/zero | tr "\\0" x')).text).toHaveLength(200);
  });
});

describe('a command that prints without end', () => {
  it('has failed long before its time, and is killed: reading it would take all of the gateway', async () => {
    const file = join(folder, 'prints');
    const seen = await shell(`echo $$ >${file}; exec yes`, 15_000);
    expect(seen).toMatchObject({ ok: false, text: '/bin/sh prints without end: more than 16 MiB' });
    await expect.poll(() => pidsIn(file).filter(alive)).toEqual([]);
  });
});

describe('a command that hangs', () => {
  it('is killed with its children at the end of the look', async () => {
    const file = join(folder, 'hung');
    const look = new AbortController();
    // It ignores what can be ignored.
    const script = `trap '' TERM INT HUP; sleep 1000 & echo $! >${file}; echo $$ >>${file}; sleep 1000`;
    const looked = probes.probe(
      { type: 'command', command: ['/bin/sh', '-c', script] },
      targetOf(),
      look.signal,
    );
    await expect.poll(() => (existsSync(file) ? pidsIn(file).length : 0)).toBe(2);
    const began = performance.now();
    look.abort();
    const seen = await looked;
    expect(performance.now() - began).toBeLessThan(1_700);
    expect(seen.ok).toBeNull();
    const pids = pidsIn(file);
    expect(pids).toHaveLength(2);
    await expect.poll(() => pids.filter(alive)).toEqual([]);
  });

  it('leaves nothing of its group behind when it ends by itself, and is not waited for', async () => {
    const file = join(folder, 'left');
    const began = performance.now();
    const seen = await shell(`sleep 1000 & echo $! >${file}; echo well`, 30_000);
    expect(seen).toMatchObject({ ok: true, text: 'well' });
    // Waited for, it would be until the end of the look.
    expect(performance.now() - began).toBeLessThan(20_000);
    await expect.poll(() => pidsIn(file).filter(alive)).toEqual([]);
  });

  it('whose child has left the group is not waited for either', async () => {
    const file = join(folder, 'daemon');
    const began = performance.now();
    const seen = await shell(
      `setsid sh -c 'echo $$ >${file}; exec sleep 1000' & while ! test -s ${file}; do :; done; echo well`,
      30_000,
    );
    try {
      expect(seen).toMatchObject({ ok: true, text: 'well' });
      expect(performance.now() - began).toBeLessThan(20_000);
    } finally {
      for (const pid of pidsIn(file)) process.kill(pid, 'SIGKILL');
    }
  });
});
