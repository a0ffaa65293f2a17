/** The boundary to the ROS process: whatever happens on its other side, the gateway goes on and tries again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { gone, lives, rig, until } from './ros-programs.js';

const isOn = ({ state }: { state: string }): boolean => state === 'on';
const isFailing = ({ state }: { state: string }): boolean => state === 'failing';

describe.concurrent('a process that keeps the protocol', () => {
  test('is on, is told everything anew, and gets what is published', async () => {
    await using ros = await rig('');
    const status = await ros.until('on', isOn);
    expect(ros.statuses.map(({ state }) => state)).toEqual(['starting', 'on']);
    expect(status).toMatchObject({
      text: 'node /rovi/conductor, 1 topics, 1 services',
      mend: '',
      restarts: 0,
      detail: { node: '/rovi/conductor' },
    });
    expect(await lives(status.pid ?? 0)).toBe(true);
    expect(ros.resyncs.map((topics) => [...topics])).toEqual([['/rovi/state']]);
    ros.transport.publish('/rovi/typed', { data: 'nobody has it' });
    for (const data of ['one', 'two ü', 'three']) ros.transport.publish('/rovi/state', { data });
    await until('three messages', () => ros.told.length === 3);
    expect(ros.told).toEqual(
      ['one', 'two ü', 'three'].map((data) => ({ published: { topic: '/rovi/state', message: { data } } })),
    );
  });

  test('hands service calls on, and is answered later, in any order', async () => {
    await using ros = await rig(`
      on.spec = (message) => {
        ready(message);
        for (const id of [1, 2]) say({ type: 'call', id, service: '/rovi/get_state', request: { id } });
      };`);
    await until('two calls', () => ros.calls.length === 2);
    for (const { request, respond } of [...ros.calls].reverse())
      respond({ success: true, message: request['id'] });
    await until('two answers', () => ros.told.length === 2);
    expect(ros.told).toEqual(
      [2, 1].map((id) => ({ responded: { id, response: { success: true, message: id } } })),
    );
  });

  test('has its output in the log, and its faults as warnings', async () => {
    await using ros = await rig(`
      console.log('hello'); console.error('oh');
      on.spec = (message) => { ready(message); say({ type: 'fault', text: '/rovi/state: refused' }); };`);
    await ros.until('on', isOn);
    await until('the fault', () => ros.log.some(({ level }) => level === 'warn'));
    await until('its output', () => ros.log.length >= 3);
    expect(ros.log.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        fields: { fault: '/rovi/state: refused' },
        message: 'the ROS process reports a fault',
      },
    ]);
    expect(ros.log.filter(({ level }) => level === 'info').map(({ fields }) => fields)).toEqual(
      expect.arrayContaining([{ said: 'hello' }, { said: 'oh' }]),
    );
  });

  test('has an environment without what belongs to the gateway’s own unit', async () => {
    const own = {
      NOTIFY_SOCKET: '/run/systemd/notify',
      WATCHDOG_USEC: '1',
      WATCHDOG_PID: '1',
      INVOCATION_ID: 'a',
      JOURNAL_STREAM: '1:2',
      LISTEN_FDS: '1',
      SYSTEMD_EXEC_PID: '1',
    };
    await using ros = await rig(`on.spec = (message) => { ready(message); tell({ env: process.env }); };`, {
      environment: {
        ...own,
        ROS_DOMAIN_ID: '7',
        RMW_IMPLEMENTATION: 'x',
        ROVI_ENV_FILE: '/etc/rovi/.env.robot',
        GONE: undefined,
      },
    });
    await until('its environment', () => ros.told.length === 1);
    const env = ros.told[0]?.['env'] as Record<string, string>;
    // What the environment file may say of ROS comes from the file alone, as it is then.
    const gone = [...Object.keys(own), 'GONE', 'ROS_DOMAIN_ID', 'RMW_IMPLEMENTATION'];
    for (const name of gone) expect(env).not.toHaveProperty(name);
    expect(env).toMatchObject({ ROVI_ENV_FILE: '/etc/rovi/.env.robot' });
  });

  test('has what a launch has sourced', async () => {
    const sourced = { AMENT_PREFIX_PATH: '/opt/ros/x', ROS_DOMAIN_ID: '7' };
    await using ros = await rig(`on.spec = (message) => { ready(message); tell({ env: process.env }); };`, {
      environment: sourced,
    });
    await until('its environment', () => ros.told.length === 1);
    expect(ros.told[0]?.['env']).toMatchObject(sourced);
  });

  test('ends when told to, and everything it has started with it', async () => {
    await using ros = await rig(`
      const child = spawn('sleep', ['600'], { stdio: 'ignore' });
      on.spec = (message) => { ready(message); tell({ child: child.pid }); };`);
    const { pid } = await ros.until('on', isOn);
    await until('its child', () => ros.told.length === 1);
    await ros.transport.stop();
    expect(await lives(pid ?? 0)).toBe(false);
    await gone(ros.told[0]?.['child'] as number);
    await ros.until('stopped', ({ state, text }) => state === 'off' && text === 'stopped');
  });
});

describe.concurrent('a process that cannot serve here', () => {
  test.each([69, 78])('exit code %i: off, with its last line, and not tried again', async (code) => {
    await using ros = await rig(`
      writeSync(2, 'something else\\nrun_in_ros: workspace /ws is not built\\n');
      process.exit(${code});`);
    const status = await ros.until('off', ({ state }) => state === 'off');
    expect(status).toMatchObject({
      text: 'workspace /ws is not built',
      mend: expect.stringContaining('rovictl ros restart') as string,
      pid: null,
      restarts: 0,
    });
    // What was missing is there now.
    await ros.script('');
    ros.transport.restart();
    expect(await ros.until('on', isOn)).toMatchObject({ restarts: 0 });
    expect(ros.statuses.map(({ state }) => state)).toEqual(['starting', 'off', 'starting', 'on']);
  });

  test('says why itself: off, with that and how to mend it', async () => {
    await using ros = await rig(`
      on.spec = () => {
        say({ type: 'unavailable', text: 'rclnodejs is not installed', mend: 'Install it.' });
        channel.end(() => process.exit(1));
      };`);
    expect(await ros.until('off', ({ state }) => state === 'off')).toMatchObject({
      text: 'rclnodejs is not installed',
      mend: expect.stringMatching(/^Install it\. Then: `rovictl ros restart`/) as string,
    });
  });
});

describe.concurrent('a process that fails', () => {
  test('is started again after 1 s, then 2 s, and told everything anew', async () => {
    await using ros = await rig(`
      writeSync(2, 'boom\\n');
      on.publish = () => process.exit(7);`);
    await ros.until('on', isOn);
    ros.transport.publish('/rovi/state', { data: 'a' });
    const status = await ros.until('failing', isFailing);
    expect(status).toMatchObject({
      text: 'its process ended with exit code 7 (it said: boom); it is started again in 1 s',
      mend: expect.stringContaining('rovictl logs gateway') as string,
      pid: null,
      restarts: 0,
      detail: {},
    });
    expect(await ros.until('on again', isOn)).toMatchObject({ restarts: 1 });
    const states = ros.statuses.map(({ state }) => state);
    const failed = ros.moments[states.indexOf('failing')] ?? NaN;
    expect((ros.moments[states.lastIndexOf('starting')] ?? NaN) - failed).toBeGreaterThan(990);
    expect(ros.resyncs).toHaveLength(2);
    ros.transport.publish('/rovi/state', { data: 'b' });
    expect((await ros.until('failing again', isFailing)).text).toContain('in 2 s');
    // What is published meanwhile is lost, and harms nobody.
    ros.transport.publish('/rovi/state', { data: 'c' });
    expect(await ros.until('on the third time', isOn)).toMatchObject({ restarts: 2 });
  });

  test('by abort: the signal is named', async () => {
    await using ros = await rig(`on.publish = () => process.abort();`);
    await ros.until('on', isOn);
    ros.transport.publish('/rovi/state', {});
    expect((await ros.until('failing', isFailing)).text).toContain('was ended by SIGABRT');
    expect(await ros.until('on', isOn)).toMatchObject({ restarts: 1 });
  });

  test('before it is ready, again and again: each time a longer wait; a restart by hand begins anew', async () => {
    await using ros = await rig(`process.abort();`);
    expect((await ros.until('failing', isFailing)).text).toContain('in 1 s');
    await ros.until('on its way again', ({ state }) => state === 'starting');
    expect((await ros.until('failing again', isFailing)).text).toContain('in 2 s');
    await ros.script('');
    ros.transport.restart();
    expect(ros.status).toMatchObject({ state: 'starting', restarts: 1 });
    expect(await ros.until('on', isOn)).toMatchObject({ restarts: 1 });
  });

  test('because its program is missing: says so, and tries again', async () => {
    await using ros = await rig('', { command: ['/nonexistent/run_in_ros.sh', 'node'] });
    expect((await ros.until('failing', isFailing)).text).toMatch(/^its process cannot be started: .*ENOENT/);
    await ros.until('on its way again', ({ state, restarts }) => state === 'starting' && restarts === 1);
    expect((await ros.until('failing again', isFailing)).text).toContain('in 2 s');
  });

  test.each([
    ['that is no JSON', `raw('Traceback (most recent call last):\\n')`, 'sent a line that is no JSON'],
    ['of another shape', `say({ type: 'pong', id: 'x' })`, 'said what it should not'],
    ['of a kind that does not exist', `say({ type: 'publish', topic: '/x' })`, 'said what it should not'],
    ['that does not end', `raw('x'.repeat(34 * 1024 * 1024))`, 'sent a line of more than 33554432 bytes'],
  ])('by a line %s: is ended and started again', async (_, script, text) => {
    await using ros = await rig(
      `on.publish = () => { ${script}; say({ type: 'unavailable', text: 'a', mend: '' }); };`,
    );
    const { pid } = await ros.until('on', isOn);
    ros.transport.publish('/rovi/state', {});
    expect((await ros.until('failing', isFailing)).text).toContain(`its process ${text}`);
    expect(await lives(pid ?? 0)).toBe(false);
    expect(await ros.until('on', isOn)).toMatchObject({ restarts: 1 });
  });

  test.each([
    ['is stopped', 'stopMyself()'],
    ['is busy without end', 'for (;;);'],
  ])('because it %s: is ended after 5 s and started again', async (_, script) => {
    await using ros = await rig(`on.publish = () => { ${script} };`);
    const { pid } = await ros.until('on', isOn);
    const begin = performance.now();
    ros.transport.publish('/rovi/state', {});
    expect((await ros.until('failing', isFailing)).text).toContain('its process answered nothing for 5 s');
    expect(performance.now() - begin).toBeGreaterThan(3_900);
    expect(await lives(pid ?? 0)).toBe(false);
    expect(await ros.until('on', isOn)).toMatchObject({ restarts: 1 });
  });

  test('that closes its channel and lives on is ended too', async () => {
    await using ros = await rig(`
      channel.removeAllListeners('end');
      on.publish = () => { channel.destroy(); setInterval(() => undefined, 1000); };`);
    const { pid } = await ros.until('on', isOn);
    ros.transport.publish('/rovi/state', {});
    expect((await ros.until('failing', isFailing)).text).toContain('answered nothing for 5 s');
    expect(await lives(pid ?? 0)).toBe(false);
  });
});

describe.concurrent('a process that does not read', () => {
  test('costs bounded memory; what was dropped is told anew once it reads', async () => {
    // In a gateway of 64 MB: half a gigabyte that waited would end it.
    await using ros = await rig('', { start: false });
    const argv = ['--max-old-space-size=64', program('flooding-gateway'), join(ros.folder, 'process.mjs')];
    expect(await outputOf(process.execPath, argv)).toEqual([
      'on',
      'published',
      'resync',
      'last: the last',
      0,
    ]);
  });
});

describe.concurrent('a gateway without a free descriptor', () => {
  test('goes on, and has its ROS process when there are some again', async () => {
    await using ros = await rig('', { start: false });
    const argv = [process.execPath, program('full-gateway'), join(ros.folder, 'process.mjs')];
    expect(await outputOf('bash', ['-c', 'ulimit -n 500; exec "$@"', 'bash', ...argv])).toEqual([
      'failing: EMFILE',
      'on after 1',
      0,
    ]);
  });
});

describe.concurrent('a restart by hand', () => {
  test('of a process that is on: another one, at once, without a mark against it', async () => {
    await using ros = await rig('');
    const before = await ros.until('on', isOn);
    ros.transport.restart();
    expect(ros.status).toMatchObject({ state: 'starting' });
    expect(await ros.transport.probe({ kind: 'available' })).toMatchObject({ ok: false });
    const after = await ros.until('on', isOn);
    expect(after.pid).not.toBe(before.pid);
    expect(after.restarts).toBe(0);
    expect(await lives(before.pid ?? 0)).toBe(false);
    expect(ros.statuses.map(({ state }) => state)).not.toContain('failing');
    expect(ros.resyncs).toHaveLength(2);
  });

  test('of a process that is on its way, or does not listen', async () => {
    await using ros = await rig(`on.spec = () => stopMyself();`);
    const { pid } = await ros.until('starting', ({ state }) => state === 'starting');
    await ros.script('');
    ros.transport.restart();
    ros.transport.restart();
    const after = await ros.until('on', isOn);
    expect(await lives(pid ?? 0)).toBe(false);
    expect(after.restarts).toBe(0);
  });
});

describe.concurrent('a stop', () => {
  test('of a process that is on its way ends it within a second', async () => {
    const took: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await using ros = await rig(`on.spec = () => undefined; on.bye = () => undefined;`);
      const { pid } = await ros.until('starting', ({ state }) => state === 'starting');
      const begin = performance.now();
      await ros.transport.stop();
      took.push(performance.now() - begin);
      expect(await lives(pid ?? 0)).toBe(false);
    }
    // The best of three: what a busy machine adds is not the gateway's.
    expect(Math.min(...took)).toBeLessThan(3_000);
  });

  test('of a process that hangs ends it too', async () => {
    await using ros = await rig(`on.publish = () => stopMyself();`);
    const { pid } = await ros.until('on', isOn);
    ros.transport.publish('/rovi/state', {});
    await until('it to be stopped', () => stateOf(pid ?? 0) === 'T');
    await ros.transport.stop();
    expect(await lives(pid ?? 0)).toBe(false);
  });

  test('at once after the start, and where there was none', async () => {
    await using ros = await rig('', { start: false });
    await ros.transport.stop();
    await using started = await rig('', { start: false });
    started.start();
    await started.transport.stop();
    expect(started.statuses.every(({ state }) => state === 'starting' || state === 'off')).toBe(true);
  });

  test('of a program that is missing', async () => {
    await using ros = await rig('', { command: ['/nonexistent/run_in_ros.sh'], start: false });
    ros.start();
    await ros.transport.stop();
    await ros.until('off', ({ state }) => state === 'off');
  });

  test('of a process that has just ended, while its output is still open', async () => {
    for (let round = 1; ; round += 1) {
      await using ros = await rig(`
        on.publish = () => {
          spawn('setsid', ['sleep', '2'], { stdio: ['ignore', 'inherit', 'inherit'] });
          process.exit(1);
        };`);
      const { pid } = await ros.until('on', isOn);
      ros.transport.publish('/rovi/state', {});
      await gone(pid ?? 0);
      // Its output is waited for for 200 ms: on a busy machine that may be over by now.
      if (ros.statuses.some(isFailing) && round < 5) continue;
      await ros.transport.stop();
      expect(await ros.until('off', ({ state }) => state === 'off')).toMatchObject({ text: 'stopped' });
      return;
    }
  });

  test('while it waits to try again: it does not', async () => {
    await using ros = await rig('process.exit(1);');
    await ros.until('failing', isFailing);
    await ros.transport.stop();
    ros.transport.restart();
    expect(ros.statuses.map(({ state }) => state)).toEqual(['starting', 'failing']);
  });

  test('is not followed by what it still had to say', async () => {
    await using ros = await rig(`
      on.bye = () => {
        say({ type: 'call', id: 1, service: '/rovi/get_state', request: {} });
        channel.end(() => process.exit(0));
      };`);
    await ros.until('on', isOn);
    await ros.transport.stop();
    await ros.until('off', ({ state }) => state === 'off');
    expect(ros.calls).toEqual([]);
  });
});

describe.concurrent('a probe', () => {
  test('is answered by the process', async () => {
    await using ros = await rig('');
    expect(await ros.transport.probe({ kind: 'available' })).toMatchObject({ ok: false });
    await ros.until('on', isOn);
    expect(await ros.transport.probe({ kind: 'available' })).toMatchObject({ ok: true });
    const [first, second] = await Promise.all([
      ros.transport.probe({ kind: 'node', name: '/amcl' }),
      ros.transport.probe({ kind: 'topic', name: '/scan', window_ms: 100, min_rate: 0 }),
    ]);
    expect([first.text, second.text]).toEqual(['node /amcl', 'topic /scan']);
  });

  test('that is not answered ends by itself; one that is given up, with the reason', async () => {
    await using ros = await rig('on.probe = on.unprobe = () => undefined;');
    await ros.until('on', isOn);
    const waiting = ros.transport.probe({ kind: 'node', name: '/amcl' });
    const gaveUp = new AbortController();
    const givenUp = ros.transport.probe({ kind: 'node', name: '/amcl' }, gaveUp.signal);
    gaveUp.abort(new Error('enough'));
    await expect(givenUp).rejects.toThrow('enough');
    await expect(ros.transport.probe({ kind: 'node', name: '/x' }, gaveUp.signal)).rejects.toThrow('enough');
    expect(await waiting).toMatchObject({ ok: false, text: 'the ROS process did not answer in time' });
    expect(ros.status?.state).toBe('on');
  });

  test('that comes too late, or twice, harms nobody', async () => {
    await using ros = await rig(`
      const result = { ok: true, text: 'once', rate: null, publishers: null, type: null };
      on.probe = ({ id }) => { for (const one of [id, id, 999]) say({ type: 'probed', id: one, result }); };`);
    await ros.until('on', isOn);
    expect(await ros.transport.probe({ kind: 'node', name: '/amcl' })).toMatchObject({ text: 'once' });
    expect(await ros.transport.probe({ kind: 'node', name: '/amcl' })).toMatchObject({ text: 'once' });
  });

  test('whose process ends meanwhile says so', async () => {
    await using ros = await rig('on.probe = () => process.exit(1);');
    await ros.until('on', isOn);
    expect(await ros.transport.probe({ kind: 'node', name: '/amcl' })).toMatchObject({
      ok: false,
      text: 'the ROS process has ended',
    });
  });
});

/** The state letter of a process, as in proc(5). */
function stateOf(pid: number): string {
  return /^\d+ \(.*\) (\w)/s.exec(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))?.[1] ?? '';
}

const program = (name: string): string => new URL(`${name}.mjs`, import.meta.url).pathname;

/** The lines a program prints, then its exit code. */
async function outputOf(file: string, argv: readonly string[]): Promise<(string | number | null)[]> {
  const child = spawn(file, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const [code] = (await once(child, 'close')) as [number | null];
  return [...lines, code];
}
