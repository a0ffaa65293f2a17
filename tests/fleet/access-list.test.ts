import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY } from '@rovi/testbed';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Broker, until } from '../mqtt/broker.js';
import { memberRig } from './member-rig.js';
import { office } from './office.js';

const run = promisify(execFile);
const ACCOUNTS = ['alpha', 'bravo', 'office'] as const;
const RETAINED = ['-r'];

let broker: Broker;
const ends: AsyncDisposable[] = [];

/** The access list that docs/fleet.md has, as it stands there. */
async function documented(): Promise<string> {
  const page = await readFile(join(REPOSITORY, 'docs', 'fleet.md'), 'utf8');
  const [list = ''] = /# Each robot: [\s\S]*?(?=\n *```)/.exec(page) ?? [];
  return `${list.replaceAll(/^ +/gm, '')}\n`;
}

const as = (account: (typeof ACCOUNTS)[number]): string[] => ['-u', account, '-P', `secret of ${account}`];
const accountOf = (username: (typeof ACCOUNTS)[number]) => ({
  username,
  password_file: join(broker.folder, `${username}.password`),
});

beforeAll(async () => {
  broker = await Broker.start({
    prepare: async (folder) => {
      await writeFile(join(folder, 'acl'), await documented());
      await writeFile(join(folder, 'passwd'), '');
      for (const account of ACCOUNTS) {
        await run('mosquitto_passwd', ['-b', join(folder, 'passwd'), account, `secret of ${account}`]);
        await writeFile(join(folder, `${account}.password`), `secret of ${account}`, { mode: 0o600 });
      }
    },
    lines: (folder) => ['allow_anonymous false', `password_file ${folder}/passwd`, `acl_file ${folder}/acl`],
  });
}, 60_000);
afterAll(async () => {
  for (const end of ends) await end[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
});

it('with the documented access list a console commands robots, and a robot is nobody but itself', async () => {
  const desk = await office(broker.url, accountOf('office'));
  ends.unshift(desk);
  const operators = [{ name: 'office', key: await desk.key(), role: 'operator' as const }];
  const robot = await memberRig({
    broker: broker.url,
    robot: 'alpha',
    operators,
    account: accountOf('alpha'),
  });
  ends.unshift(robot);
  await desk.online(1);
  expect(await desk.fleet.look('alpha')).toMatchObject({ robot: 'alpha' });
  const command = { kind: 'start', stack: 'nav' } as const;
  expect(await desk.fleet.ask(['alpha'], command)).toMatchObject([
    { impact: { command: 'start' }, problem: null },
  ]);
  await desk.fleet.run({ command, targets: [{ robot: 'alpha' }] });
  await until('nav', () => robot.active() === 'nav', 30_000);

  // Another robot's account tells of alpha, and of itself; the second shows that the first had its time.
  const link = (name: string): string =>
    JSON.stringify({ v: 1, robot: name, boot_id: 'forged', online: false, reason: 'forged' });
  await broker.publish('fleet/alpha/link', link('alpha'), [...as('bravo'), ...RETAINED]);
  await broker.publish('fleet/bravo/link', link('bravo'), [...as('bravo'), ...RETAINED]);
  await until(
    'bravo',
    async () => (await desk.fleet.status()).robots.some(({ robot: name }) => name === 'bravo'),
    30_000,
  );
  expect((await desk.fleet.status()).robots).toMatchObject([
    { robot: 'alpha', presence: 'online' },
    { robot: 'bravo', presence: 'offline', reason: 'forged' },
  ]);
});

it('a robot whose account has another name is not in the fleet, and says so', async () => {
  const robot = await memberRig({
    broker: broker.url,
    robot: 'charlie',
    operators: [],
    account: accountOf('bravo'),
    until: 'failing',
  });
  ends.unshift(robot);
  expect(robot.status()).toMatchObject({
    text: expect.stringMatching(/does not take what .*: fleet\/charlie\/\w+: .*not authorized/i) as string,
    mend: expect.stringContaining('access list') as string,
  });
});
