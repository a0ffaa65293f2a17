import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { expect, test } from 'vitest';
import { refusal, rig } from '../api/rig.js';
import { freePort } from '../free-port.js';
import { Broker, until } from '../mqtt/broker.js';
import { consoleRig, keyFile } from './console-rig.js';
import { HandRobot, IMPACT, KEPT_S, OFFER, operationOf } from './hand-robot.js';
import type { Manner } from './hand-robot.js';

const START_NAV = { kind: 'start', stack: 'nav' } as const;
const silent: Manner = () => undefined;
const offering: Manner = async (requested, robot) => {
  if (requested.request.kind !== 'ask') return;
  await robot.say(requested, { kind: 'offer', offer: OFFER, offer_ms: 10_000, impact: IMPACT });
};

test('only what a robot says at its own topic, to what it was asked, with its correlation, is believed; and once', async () => {
  await using broker = await Broker.start();
  await using office = await consoleRig(broker.url);
  const alpha = await new HandRobot(broker.url, 'alpha', { manner: offering }).up();
  const mallory = await new HandRobot(broker.url, 'mallory', { manner: silent }).up();
  await office.untilRobot('alpha', 'online');
  const { id } = await office.fleet.run({ command: START_NAV, targets: [{ robot: 'alpha' }] });
  await office.untilRun(id, { alpha: 'sent' });
  await until('alpha to have it', () => alpha.count('do') === 1);
  const asked = alpha.last('do')!;
  const ended = { kind: 'ended', operation: operationOf('succeeded') } as const;
  const elsewhere = 'fleet/mallory/reply/office-console';
  await mallory.say(asked, { ...ended, robot: 'alpha' }, { topic: elsewhere });
  await mallory.say(asked, { ...ended }, { topic: elsewhere });
  await alpha.say(asked, ended, { correlation: Buffer.from('another') });
  await alpha.say(asked, { ...ended, id: crypto.randomUUID() });
  await alpha.say(asked, { ...ended, robot: 'mallory' });
  await broker.publish(asked.responseTopic, '{"v":1,"robot":"alpha"');
  await broker.publish(
    asked.responseTopic,
    JSON.stringify({ v: 1, robot: 'alpha', id: asked.request.id, ...ended }),
  );
  // The offer comes a second time: by then it was taken.
  await offering(alpha.last('ask')!, alpha);
  await alpha.say(asked, { kind: 'accepted', operation: operationOf('running') });
  const running = await office.untilRun(id, { alpha: 'running' });
  expect(running.targets[0]).toMatchObject({ operation: { outcome: 'running' }, problem: null });
  for (let times = 0; times < 3; times += 1) {
    await alpha.say(asked, { kind: 'accepted', operation: operationOf('running') });
    await alpha.say(asked, ended);
  }
  await alpha.say(asked, { kind: 'ended', operation: operationOf('failed') });
  await office.untilRun(id, { alpha: 'succeeded' });
  // What came after is handled by the time that something else is.
  expect(await office.fleet.ask(['alpha'], START_NAV)).toMatchObject([{ impact: { text: IMPACT.text } }]);
  expect((await office.fleet.runOf(id)).targets).toMatchObject([{ state: 'succeeded' }]);
  expect(alpha.count('do')).toBe(1);
  expect(office.log.faults().length).toBeGreaterThan(0);
  await Promise.all([alpha.cut(), mallory.cut()]);
});

test('a robot that does not answer has done nothing, or nobody knows, until it says so late', async () => {
  await using broker = await Broker.start();
  await using office = await consoleRig(broker.url);
  const deaf = await new HandRobot(broker.url, 'deaf', { manner: silent }).up();
  const dumb = await new HandRobot(broker.url, 'dumb', { manner: offering }).up();
  for (const name of ['deaf', 'dumb']) await office.untilRobot(name, 'online');
  const { id } = await office.fleet.run({
    command: START_NAV,
    targets: [{ robot: 'deaf' }, { robot: 'dumb' }],
  });
  await office.untilRun(id, { deaf: 'expired', dumb: 'sent' });
  const over = await office.untilRun(id, { dumb: 'unknown' });
  expect(over.targets.map(({ problem }) => problem?.code)).toEqual(['robot-silent', 'robot-silent']);
  expect(deaf.count('do')).toBe(0);
  // The same, with the same offer, when that can stand no more.
  await until('it to be asked what became of it', () => dumb.count('do') === 2);
  const [first, second] = dumb.requests.filter(({ request }) => request.kind === 'do');
  expect(second?.request).toEqual(first?.request);
  await dumb.say(first!, { kind: 'accepted', operation: operationOf('running') });
  expect((await office.untilRun(id, { dumb: 'running' })).ended_at).toBeNull();
  await dumb.say(second!, { kind: 'ended', operation: operationOf('succeeded') });
  expect((await office.untilRun(id, { dumb: 'succeeded' })).ended_at).not.toBeNull();
  await Promise.all([deaf.cut(), dumb.cut()]);
});

test('a robot that is away is sent nothing, and done with when it comes back in time', async () => {
  await using broker = await Broker.start();
  await using office = await consoleRig(broker.url);
  const alpha = await new HandRobot(broker.url, 'alpha').up();
  await office.untilRobot('alpha', 'online');
  await alpha.cut();
  await office.untilRobot('alpha', 'offline');
  const targets = [{ robot: 'alpha' }];
  const never = await office.fleet.run({ command: START_NAV, targets });
  const once = await office.fleet.run({ command: START_NAV, targets, wait_s: 120 });
  expect((await office.untilRun(never.id, { alpha: 'expired' })).targets).toMatchObject([
    { problem: { code: 'robot-offline', message: /the connection was lost/ } },
  ]);
  expect(once.targets).toMatchObject([{ state: 'waiting' }]);
  expect(await refusal(office.fleet.look('alpha'))).toMatchObject({ code: 'robot-offline' });
  expect(await office.fleet.ask(['alpha'], START_NAV)).toMatchObject([
    { problem: { code: 'robot-offline' } },
  ]);
  alpha.bootId = 'alpha-2';
  await alpha.up();
  await office.untilRun(once.id, { alpha: 'succeeded' });
  expect([alpha.count('ask'), alpha.count('do')]).toEqual([1, 1]);
  await alpha.cut();
});

test('a robot that is cut off in the middle goes on as far as anybody knows, and is asked when it is back', async () => {
  await using broker = await Broker.start();
  await using office = await consoleRig(broker.url);
  const beginning: Manner = async (requested, robot) => {
    await offering(requested, robot);
    if (requested.request.kind === 'do')
      await robot.say(requested, { kind: 'accepted', operation: operationOf('running') });
    if (requested.request.kind === 'operation')
      await robot.say(requested, {
        kind: 'ended',
        operation: operationOf('failed', requested.request.operation),
      });
  };
  const alpha = await new HandRobot(broker.url, 'alpha', { manner: beginning }).up();
  const beta = await new HandRobot(broker.url, 'beta', { manner: beginning }).up();
  for (const name of ['alpha', 'beta']) await office.untilRobot(name, 'online');
  const { id } = await office.fleet.run({
    command: START_NAV,
    targets: [{ robot: 'alpha' }, { robot: 'beta' }],
  });
  await office.untilRun(id, { alpha: 'running', beta: 'running' });
  await Promise.all([alpha.cut(), beta.cut()]);
  await until('it to be said', async () =>
    (await office.fleet.runOf(id)).targets.every(
      ({ state, problem }) => state === 'running' && problem?.code === 'robot-offline',
    ),
  );
  beta.bootId = 'beta-2';
  await Promise.all([alpha.up(), beta.up()]);
  const run = await office.untilRun(id, { alpha: 'failed', beta: 'unknown' });
  expect(run.targets).toMatchObject([
    { problem: { code: 'start-failed' } },
    { problem: { code: 'robot-silent' } },
  ]);
  expect([alpha.count('do'), beta.count('do'), beta.count('operation')]).toEqual([1, 1, 0]);
  await Promise.all([alpha.cut(), beta.cut()]);
});

test('while the broker is away everything is stale and nothing is sent; one that has forgotten all is told again', async () => {
  await using broker = await Broker.start();
  await using office = await consoleRig(broker.url);
  const follower = office.follow();
  const alpha = await new HandRobot(broker.url, 'alpha').up();
  const beta = await new HandRobot(broker.url, 'beta').up();
  for (const name of ['alpha', 'beta']) await office.untilRobot(name, 'online');
  await broker.down();
  await office.connected(false);
  expect(await office.untilRobot('alpha', 'stale')).toMatchObject({
    reason: 'this gateway has no connection to the broker',
    report: { robot: 'alpha' },
  });
  const targets = [{ robot: 'alpha' }];
  expect(await refusal(office.fleet.run({ command: START_NAV, targets, wait_s: 60 }))).toMatchObject({
    code: 'fleet-broker-away',
  });
  expect(await refusal(office.fleet.ask(['alpha'], START_NAV))).toMatchObject({ code: 'fleet-broker-away' });
  expect(await office.audit()).toMatchObject([
    {
      command: 'fleet-start',
      decision: 'refused',
      code: 'fleet-broker-away',
      message: /^start nav on 1 robots: alpha: /,
    },
    { command: 'fleet-ask', decision: 'refused', code: 'fleet-broker-away' },
  ]);
  await until('those who follow to know', () =>
    [...follower.robots().values()].every(({ presence }) => presence === 'stale'),
  );
  await broker.up();
  await office.connected();
  expect(await office.robot('alpha')).toMatchObject({
    presence: 'stale',
    reason: /since this gateway has the broker again/,
  });
  await alpha.up();
  await office.untilRobot('alpha', 'online');
  expect(await office.robot('beta')).toMatchObject({ presence: 'stale' });
  await until('those who follow to know', () => follower.robots().get('alpha')?.presence === 'online');
  await follower.end();
  await Promise.all([alpha.cut(), beta.cut()]);
});

test('how old a word is comes from the broker: through its restart, and whatever the clock of the robot says', async () => {
  await using broker = await Broker.start({
    lines: (folder) => ['allow_anonymous true', 'persistence true', `persistence_location ${folder}/`],
  });
  const began = performance.now();
  const alpha = await new HandRobot(broker.url, 'alpha', { heartbeat: 1 }).up({
    at: '2029-11-22T00:00:00.000Z',
  });
  const said = performance.now();
  const beta = await new HandRobot(broker.url, 'beta', { heartbeat: 600 }).up({
    at: '1970-01-01T00:00:05.000Z',
  });
  {
    await using office = await consoleRig(broker.url);
    await office.untilRobot('beta', 'online');
    expect(await office.untilRobot('alpha', 'stale')).toMatchObject({
      reason: 'nothing came from it for 3 s',
    });
    // It writes down what it has, and then dies without a word: it says no will.
    broker.signal('SIGUSR1');
    await until('the broker to have written it down', () => existsSync(join(broker.folder, 'mosquitto.db')));
    await broker.down('SIGKILL');
    await office.connected(false);
    await broker.up();
    expect(await office.untilRobot('beta', 'online')).toMatchObject({ report: { heartbeat_s: 600 } });
    await office.untilRobot('alpha', 'stale');
  }
  await using later = await consoleRig(broker.url);
  await until('alpha to be known', async () => (await later.robot('alpha')) !== undefined);
  await later.untilRobot('alpha', 'stale');
  const asked = performance.now();
  const seen = (await later.robot('alpha'))?.seen_s;
  expect(seen).toBeGreaterThan(2.5);
  // However long saying it and asking took is not reckoned to it.
  expect(seen).toBeGreaterThan((asked - said) / 1_000 - 5);
  expect(seen).toBeLessThan((performance.now() - began) / 1_000 + 2);
  await Promise.all([alpha.cut(), beta.cut()]);
});

test('what no robot should say harms none that speaks as it should', async () => {
  await using broker = await Broker.start({
    lines: () => ['allow_anonymous true', 'message_size_limit 2000000'],
  });
  await using office = await consoleRig(broker.url);
  const alpha = await new HandRobot(broker.url, 'alpha').up();
  await office.untilRobot('alpha', 'online');
  const evil = await connectAsync(broker.url, { protocolVersion: 5 });
  const say = (topic: string, payload: string | Buffer): Promise<unknown> =>
    evil.publishAsync(topic, payload, { qos: 1, retain: true });
  const word = JSON.stringify(alpha.reportOf());
  for (const robot of ['__proto__', 'constructor', 'ALPHA', 'a'.repeat(500), 'beta', '$x', ' ']) {
    for (const kind of ['state', 'link']) {
      await say(`fleet/${robot}/${kind}`, word);
      await say(`fleet/${robot}/${kind}`, '{"__proto__": {"polluted": true}}');
      await say(`fleet/${robot}/${kind}`, Buffer.from([0xff, 0xfe, 0x00]));
      await say(`fleet/${robot}/${kind}`, '['.repeat(60_000));
      await say(`fleet/${robot}/${kind}`, 'x'.repeat(1_500_000));
    }
  }
  await say(
    'fleet/constructor/link',
    JSON.stringify({ v: 1, robot: 'constructor', boot_id: '', online: true, reason: '' }),
  );
  await say(alpha.topic('state'), 'x'.repeat(70_000));
  await say(
    alpha.topic('state'),
    JSON.stringify({ ...alpha.reportOf(), stacks: Array.from({ length: 300 }, () => 1) }),
  );
  await alpha.report({ text: 'one\u001b]0;two\u0007\u202ethree' });
  const shown = async () => (await office.robot('alpha'))?.report?.text;
  await until('what alpha says to be shown', async () => (await shown())?.startsWith('one') === true);
  expect(await shown()).toBe('one\ufffd]0;two\ufffd\ufffdthree');
  expect((await office.fleet.status()).robots.map(({ robot }) => robot)).toEqual(['alpha', 'constructor']);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  // Nobody is shown any more of whom the broker has nothing.
  await alpha.publish('state', '');
  expect(await office.robot('alpha')).toBeDefined();
  await alpha.publish('link', '');
  await until('alpha to be gone', async () => (await office.robot('alpha')) === undefined);
  await evil.endAsync(true);
  await alpha.cut();
});

test('more robots than are shown hide none of those that are', async () => {
  await using broker = await Broker.start({ lines: () => ['allow_anonymous true', 'log_type error'] });
  await using office = await consoleRig(broker.url);
  const alpha = await new HandRobot(broker.url, 'alpha').up();
  await office.untilRobot('alpha', 'online');
  const many = await connectAsync(broker.url, { protocolVersion: 5 });
  const properties = { messageExpiryInterval: KEPT_S };
  for (let first = 0; first < 5_050; first += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const robot = `m${String(first + index)}`;
        const of = { v: 1, robot, boot_id: 'run-1' };
        const link = JSON.stringify({ ...of, online: true, reason: '' });
        const report = JSON.stringify({ ...alpha.reportOf(), ...of });
        await many.publishAsync(`fleet/${robot}/link`, link, { qos: 1, retain: true, properties });
        await many.publishAsync(`fleet/${robot}/state`, report, { qos: 1, retain: true, properties });
      }),
    );
  }
  await alpha.report({ text: 'still here' });
  await until(
    'alpha to be heard',
    async () => (await office.robot('alpha'))?.report?.text === 'still here',
    60_000,
  );
  expect((await office.fleet.status()).robots).toHaveLength(5_000);
  // One that comes when the broker has them all gets them all.
  await using later = await consoleRig(broker.url);
  await until(
    'all to be there',
    async () => (await later.fleet.status()).robots.filter(({ report }) => report !== null).length === 5_000,
    60_000,
  );
  await many.endAsync(true);
  await alpha.cut();
});

test('a gateway without a key, or with one that others can read, only looks', async () => {
  await using broker = await Broker.start();
  const alpha = await new HandRobot(broker.url, 'alpha').up();
  const open = await keyFile(broker.folder, 0o644);
  const wrong = join(broker.folder, 'wrong.key');
  await writeFile(wrong, 'no key', { mode: 0o600 });
  for (const [key, state, text] of [
    [null, 'on', /there is no `key_file`/],
    [join(broker.folder, 'nowhere'), 'failing', /is not there/],
    [open, 'failing', /open to others than its owner and group \(mode 0644\)/],
    [wrong, 'failing', /is no key/],
  ] as const) {
    await using office = await consoleRig(broker.url, { key_file: key });
    await office.untilRobot('alpha', 'online');
    await until('its face to say so', () => text.test(office.face()?.text ?? ''));
    expect(office.face()).toMatchObject({ state });
    expect((await office.fleet.status()).key).toBeNull();
    expect(await refusal(office.fleet.ask(['alpha'], START_NAV))).toMatchObject({ code: 'fleet-off' });
    expect(await refusal(office.fleet.look('alpha'))).toMatchObject({ code: 'fleet-off' });
    expect(
      await refusal(office.fleet.run({ command: START_NAV, targets: [{ robot: 'alpha' }] })),
    ).toMatchObject({
      code: 'fleet-off',
    });
  }
  await chmod(open, 0o640);
  await using office = await consoleRig(broker.url, { key_file: open });
  await office.untilRobot('alpha', 'online');
  await expect.poll(async () => (await office.fleet.status()).key).toMatch(/^ed25519:/);
  expect(alpha.requests).toEqual([]);
  await alpha.cut();
});

test('a gateway that observes no fleet says so to everything', async () => {
  await using robot = await rig();
  const { fleet } = robot.client;
  for (const asked of [
    fleet.status(),
    fleet.events().next(),
    fleet.look('alpha'),
    fleet.ask(['alpha'], START_NAV),
    fleet.run({ command: START_NAV, targets: [{ robot: 'alpha' }] }),
    fleet.runs(),
    fleet.runOf('any'),
  ]) {
    expect(await refusal(asked)).toMatchObject({ code: 'fleet-off', mend: /mqtt\.fleet\.observe/ });
  }
  expect(robot.log.faults()).toEqual([]);
});

test('robots are told who it is that a console speaks for, as it knows it', async () => {
  await using broker = await Broker.start();
  const port = await freePort();
  await using office = await consoleRig(broker.url, { port });
  const alpha = await new HandRobot(broker.url, 'alpha', {
    manner: async (requested, robot) => {
      const snapshot = { ...(await office.api.client.state()) };
      if (requested.request.kind === 'look') await robot.say(requested, { kind: 'look', snapshot });
    },
  }).up();
  await office.untilRobot('alpha', 'online');
  expect(await office.fleet.look('alpha')).toMatchObject({ robot: 'testbed' });
  expect(alpha.last('look')?.request.on_behalf).toEqual({
    name: 'unknown',
    role: 'operator',
    verified: false,
  });
  const answer = await fetch(`http://127.0.0.1:${String(port)}/api/fleet/robots/alpha`);
  expect(answer.status).toBe(200);
  expect(alpha.last('look')?.request.on_behalf).toEqual({ name: 'root', role: 'admin', verified: true });
  expect(await refusal(office.fleet.look('nobody'))).toMatchObject({ code: 'robot-unknown' });
  await alpha.cut();
});
