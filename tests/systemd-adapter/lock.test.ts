import { Robot } from '@rovi/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inside } from './inside.js';

const look = `
  const lock = new adapter.FlockStackLock({ path: '/run/test/stack.lock' });
  answer.free = await lock.isFree().catch(failure);
  answer.holders = await lock.holders().catch(failure);
`;

/** Takes the lock through a `flock` that ends, hands it to two processes, and goes on as one of them. */
const holder = `[Service]
User=%U
ExecStart=/bin/bash -c 'exec 9<>/run/test/stack.lock; flock -w 5 9 || exit 75; sleep 2000 & exec sleep 1000'
`;

describe('the stack lock', () => {
  let robot: Robot;

  beforeAll(async () => {
    robot = await Robot.boot({ name: 'adapter-lock' });
    await robot.addUser('owner');
    await robot.shell(
      'mkdir /run/test; touch /run/test/stack.lock; chown owner: /run/test/stack.lock; chmod 600 /run/test/stack.lock',
    );
    for (const user of ['owner', 'root']) {
      await robot.writeFile(`/etc/systemd/system/${user}s.service`, holder.replace('%U', user));
    }
    await robot.exec(['systemctl', 'daemon-reload']);
  });
  afterAll(() => robot.shutdown());

  const held = (user: string): Promise<Record<string, unknown>> =>
    robot.waitFor('the lock to be held', async () => {
      const answer = await inside(robot, user, look);
      const holders = (answer['holders'] ?? []) as { comm: string }[];
      // Taken by a flock or a shell, which become what is to hold it.
      return answer['free'] === false && holders.every(({ comm }) => comm === 'sleep') ? answer : null;
    });

  it('is free when nobody holds it, and looking does not take it', async () => {
    expect(await inside(robot, 'owner', look)).toEqual({ free: true, holders: [] });
    await robot.shell('exec 9<>/run/test/stack.lock; flock -n 9');
  });

  it('an open descriptor alone is no lock', async () => {
    const child = robot.spawn(['/bin/bash', '-c', 'exec 9<>/run/test/stack.lock; exec sleep 1000'], {
      user: 'owner',
    });
    try {
      expect(await inside(robot, 'owner', look)).toEqual({ free: true, holders: [] });
    } finally {
      child.kill();
    }
  });

  it('names all who share it, also when the process that took it has ended', async () => {
    await robot.exec(['systemctl', 'start', 'owners.service']);
    const { holders } = await held('owner');
    expect((holders as { comm: string; unit: string }[]).map(({ comm, unit }) => `${comm} ${unit}`)).toEqual([
      'sleep owners.service',
      'sleep owners.service',
    ]);
    await robot.exec(['systemctl', 'stop', 'owners.service']);
    await robot.waitFor(
      'the lock to be free',
      async () => (await inside(robot, 'owner', look))['free'] === true,
    );
  });

  it("another user's lock is seen where its taker lives", async () => {
    const child = robot.spawn(['flock', '--no-fork', '/run/test/stack.lock', 'sleep', '1000']);
    try {
      const { holders } = await held('owner');
      expect((holders as { comm: string }[]).map(({ comm }) => comm)).toEqual(['sleep']);
    } finally {
      child.kill();
    }
  });

  it.each([
    ['mkfifo', 'is a FIFO, not a file'],
    ['mkdir', 'is a directory, not a file'],
    ['ln -s /run/test/stack.lock', 'is a symbolic link, not a file'],
  ])('what %s put in its place is named, and not waited for', async (command, what) => {
    await robot.shell(`${command} /run/test/other.lock`, { user: 'root' });
    const code = `
      const lock = new adapter.FlockStackLock({ path: '/run/test/other.lock' });
      answer.free = await lock.isFree().catch(({ code, message }) => [code, message]);`;
    const { free } = await inside(robot, 'owner', code);
    expect(free).toEqual(['lock-unavailable', `the stack lock /run/test/other.lock ${what}`]);
    await robot.shell('rm -d /run/test/other.lock');
  });

  it('a holder that is hidden from us is a holder', async () => {
    const child = robot.spawn(['flock', '--no-fork', '/run/test/stack.lock', 'sleep', '1000']);
    try {
      await held('owner');
      const { holders } = await inside(robot, 'owner', look, ['ProtectProc=invisible']);
      expect(holders).toMatchObject([{ comm: '?', unit: null }]);
    } finally {
      child.kill();
    }
  });

  it('who may not open it is told so', async () => {
    await robot.addUser('stranger');
    expect(await inside(robot, 'stranger', look)).toEqual({
      free: 'lock-unavailable',
      holders: 'lock-unavailable',
    });
  });
});
