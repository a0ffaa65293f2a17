import { createServer, connect as connectTcp } from 'node:net';
import { once } from 'node:events';
import { fleetLinkSchema, fleetReportSchema } from '@rovi/contract';
import { connectAsync } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Broker, until } from '../mqtt/broker.js';
import { HandConsole, newSigner } from './hand-console.js';
import { memberRig } from './member-rig.js';

let broker: Broker;
let ada: HandConsole;
const viewer = newSigner();
const ends: AsyncDisposable[] = [];

beforeAll(async () => {
  broker = await Broker.start();
  ada = await HandConsole.join(broker.url, 'fleet');
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end[Symbol.asyncDispose]();
});
afterAll(async () => {
  await ada.leave();
  await broker[Symbol.asyncDispose]();
});

/** A robot of its own name, that takes ada's commands and lets a viewer look. */
async function robot(name: string, url = broker.url) {
  const rig = await memberRig({
    broker: url,
    robot: name,
    operators: [
      { name: 'ada', key: ada.signer.key, role: 'operator' },
      { name: 'screen', key: viewer.key, role: 'viewer' },
    ],
  });
  ends.push(rig);
  await ada.sees(rig.conductor.snapshot().boot_id);
  return rig;
}

const ACTOR = { name: 'somebody', face: 'cli', verified: true } as const;
const START = { kind: 'start', stack: 'nav' } as const;

describe('a robot tells its fleet', () => {
  it('how it is, retained, and that it is there; and what changes', async () => {
    const { conductor } = await robot('alpha');
    const seen = await broker.subscribe(['fleet/alpha/state', 'fleet/alpha/link']);
    await until('both', () => seen.received.length >= 2);
    expect(seen.received.slice(0, 2).every(({ retain }) => retain === 1)).toBe(true);
    expect(fleetLinkSchema.parse(seen.on('fleet/alpha/link')[0])).toMatchObject({ online: true, reason: '' });
    expect(fleetReportSchema.parse(seen.on('fleet/alpha/state')[0])).toMatchObject({
      robot: 'alpha',
      boot_id: conductor.snapshot().boot_id,
      active: null,
      known: true,
      level: 'ok',
      commands: true,
      stacks: [
        { name: 'teleop', state: 'STOPPED' },
        { name: 'nav', state: 'STOPPED' },
      ],
    });
    await ada.call(await ada.offered('alpha', START));
    await until('the change', () => seen.on('fleet/alpha/state').some(({ active }) => active === 'nav'));
    const last = (): unknown => seen.on('fleet/alpha/state').at(-1)?.['stacks'];
    await until('running', () => JSON.stringify(last()).includes('"nav","state":"RUNNING"'));
  });

  it('that it is gone, by its last will and by its own word, and leaves its report', async () => {
    const rig = await robot('bravo');
    const seen = await broker.subscribe(['fleet/bravo/link', 'fleet/bravo/state']);
    const link = (): Record<string, unknown> | undefined => seen.on('fleet/bravo/link').at(-1);
    await until('online', () => link()?.['online'] === true);
    await rig.member.stop('SIGTERM');
    await until('offline', () => link()?.['online'] === false);
    expect(link()).toMatchObject({ reason: 'the gateway was stopped: SIGTERM' });
    const later = await broker.subscribe(['fleet/bravo/#']);
    await until('both retained', () => later.received.length >= 2);
    expect(later.on('fleet/bravo/state')[0]).toMatchObject({ robot: 'bravo', active: null });
  });

  it('again every heartbeat, though nothing changes', async () => {
    await robot('beat');
    const seen = await broker.subscribe(['fleet/beat/state']);
    await until('two more', () => seen.on('fleet/beat/state').length >= 3, 30_000);
    const times = new Set(seen.on('fleet/beat/state').map(({ at }) => at));
    expect(times.size).toBeGreaterThanOrEqual(3);
  });
});

describe('a command over the fleet', () => {
  it('is offered with its impact, accepted, and told to its end; the audit has the person and the key', async () => {
    const rig = await robot('carla');
    const behalf = { name: 'grace', role: 'operator', verified: true } as const;
    const ask = ada.request(
      'carla',
      { kind: 'ask', command: START, reason: 'why', offer_ms: 60_000 },
      behalf,
    );
    const offer = await ada.call(ask);
    expect(offer).toMatchObject({
      kind: 'offer',
      robot: 'carla',
      impact: { command: 'start', stack: 'nav' },
    });
    if (offer.kind !== 'offer') throw new Error('no offer');
    const confirm = offer.impact?.token ?? null;
    const act = ada.request('carla', { kind: 'do', offer: offer.offer, confirm }, behalf);
    await ada.send(act);
    await until('the end', () => ada.to(act).some(({ kind }) => kind === 'ended'));
    expect(ada.to(act).map(({ kind }) => kind)).toEqual(['accepted', 'ended']);
    expect(ada.to(act)[1]).toMatchObject({
      operation: { outcome: 'succeeded', kind: 'start', stack: 'nav' },
    });
    expect(rig.active()).toBe('nav');
    expect(rig.audit.map(({ decision }) => decision)).toEqual(['accepted', 'ended']);
    expect(rig.audit[0]).toMatchObject({
      actor: { name: 'grace', face: 'mqtt', verified: true },
      origin: { transport: 'mqtt', peer: 'ada', via: 'signature', role: 'operator' },
      reason: 'why',
    });
    const late = ada.to(act)[1];
    if (late?.kind !== 'ended') throw new Error('not ended');
    const told = await ada.call(
      ada.request('carla', { kind: 'operation', operation: late.operation.id }, behalf),
    );
    expect(told).toMatchObject({ kind: 'ended', operation: { id: late.operation.id } });
    expect(await ada.call(ada.request('carla', { kind: 'look' }))).toMatchObject({
      kind: 'look',
      snapshot: { robot: 'carla', active: 'nav' },
    });
  });

  it('that comes twice is done once, and answered twice', async () => {
    const rig = await robot('twice');
    const act = await ada.offered('twice', START);
    await Promise.all([ada.send(act), ada.send(act)]);
    await until('both ends', () => ada.to(act).filter(({ kind }) => kind === 'ended').length >= 1);
    await ada.send(act);
    await until('a third answer', () => ada.to(act).length >= 4);
    expect(
      new Set(ada.to(act).map((reply) => ('operation' in reply ? reply.operation?.id : 'none'))).size,
    ).toBe(1);
    expect(rig.conductor.operations()).toHaveLength(1);
  });

  it('that was offered to another situation is refused', async () => {
    const rig = await robot('moved');
    const ask = ada.request('moved', {
      kind: 'ask',
      command: { kind: 'stop-all' },
      reason: '',
      offer_ms: 60_000,
    });
    const offer = await ada.call(ask);
    if (offer.kind !== 'offer') throw new Error('no offer');
    const start = await ada.offered('moved', START);
    await ada.send(start);
    await until('running', () => ada.to(start).some(({ kind }) => kind === 'ended'));
    const confirm = offer.impact?.token ?? null;
    const reply = await ada.call(ada.request('moved', { kind: 'do', offer: offer.offer, confirm }));
    expect(reply).toMatchObject({ kind: 'refused', problem: { code: 'situation-changed' } });
    expect(rig.active()).toBe('nav');
  });
});

describe('what arrives late is never done', () => {
  it('after its time', async () => {
    const rig = await robot('slow');
    const act = await ada.offered('slow', START, { offerMs: 1_000 });
    const end = performance.now() + 1_200;
    await until('the offer to be over', () => performance.now() > end);
    expect(await ada.call(act)).toMatchObject({ kind: 'refused', problem: { code: 'command-expired' } });
    expect(rig.conductor.operations()).toEqual([]);
    expect(rig.audit).toMatchObject([{ command: 'fleet-do', decision: 'refused', code: 'command-expired' }]);
  });

  it('held up by a network that stalls and goes on', async () => {
    const road = await stallingRoad(broker.port);
    ends.push(road);
    const rig = await robot('stall', `mqtt://127.0.0.1:${String(road.port)}`);
    const act = await ada.offered('stall', START, { offerMs: 1_000 });
    road.stall();
    await ada.send(act);
    const end = performance.now() + 1_300;
    await until('the offer to be over', () => performance.now() > end);
    road.goOn();
    await until('the answer', () => ada.to(act).length > 0, 30_000);
    expect(ada.to(act)).toMatchObject([{ kind: 'refused', problem: { code: 'command-expired' } }]);
    expect(rig.conductor.operations()).toEqual([]);
  });

  it('sent while the robot is away: no broker keeps it', async () => {
    const first = await memberRig({
      broker: broker.url,
      robot: 'away',
      operators: [{ name: 'ada', key: ada.signer.key, role: 'operator' }],
    });
    await ada.sees(first.conductor.snapshot().boot_id);
    const act = await ada.offered('away', START);
    await first[Symbol.asyncDispose]();
    await ada.send(act);
    const again = await robot('away');
    // What the broker hands over comes before what is asked afterwards.
    expect(await ada.call(ada.request('away', { kind: 'look' }))).toMatchObject({ kind: 'look' });
    expect(ada.to(act)).toEqual([]);
    expect(again.conductor.operations()).toEqual([]);
    // Sent again to the next run: that cannot know what the earlier one did.
    expect(await ada.call(act)).toMatchObject({ kind: 'refused', problem: { code: 'robot-silent' } });
    expect(again.conductor.operations()).toEqual([]);
  });

  it('retained by somebody', async () => {
    const rig = await robot('kept');
    const act = await ada.offered('kept', START, { offerMs: 60_000 });
    await rig.member.stop('a pause');
    await ada.send(act, { retain: true });
    const again = await robot('kept');
    expect(await ada.call(ada.request('kept', { kind: 'look' }))).toMatchObject({ kind: 'look' });
    expect(ada.to(act)).toEqual([]);
    expect(again.conductor.operations()).toEqual([]);
    await broker.publish('fleet/kept/request', '', ['-r']);
  });
});

describe('what is not signed by whom the catalog names is never done', () => {
  it('by another key, changed on its way, or by none', async () => {
    const rig = await robot('delta');
    const stranger = newSigner();
    const ask = ada.request('delta', { kind: 'ask', command: START, reason: '', offer_ms: 10_000 });
    const refusal = { kind: 'refused', problem: { code: 'signature-refused' } };
    expect(await ada.call(ask, { signer: stranger })).toMatchObject(refusal);
    const envelope = ada.signer.sign(ask);
    const changed = { ...envelope, body: envelope.body.replace('"start"', '"switch"') };
    expect(await ada.call(ask, { text: JSON.stringify(changed) })).toMatchObject(refusal);
    const lent = { ...stranger.sign(ask), key: ada.signer.key };
    expect(await ada.call(ask, { text: JSON.stringify(lent) })).toMatchObject(refusal);
    expect(rig.audit).toHaveLength(3);
    expect(rig.audit[0]).toMatchObject({
      command: 'fleet-request',
      decision: 'refused',
      code: 'signature-refused',
    });
    expect(rig.conductor.operations()).toEqual([]);
  });

  it('by a key that has been withdrawn since, also where an offer stands', async () => {
    const rig = await robot('kilo');
    const act = await ada.offered('kilo', START);
    rig.takesCommandsOf([{ name: 'screen', key: viewer.key, role: 'viewer' }]);
    expect(await ada.call(act)).toMatchObject({ kind: 'refused', problem: { code: 'signature-refused' } });
    expect(rig.conductor.operations()).toEqual([]);
  });

  it('for another robot', async () => {
    const rig = await robot('echo');
    const ask = ada.request('foxtrot', { kind: 'ask', command: START, reason: '', offer_ms: 10_000 });
    const responseTopic = `fleet/echo/reply/${ada.name}`;
    expect(await ada.call(ask, { to: 'echo', responseTopic })).toMatchObject({
      kind: 'refused',
      robot: 'echo',
      problem: { message: 'this request is for foxtrot, and this is echo' },
    });
    expect(rig.conductor.operations()).toEqual([]);
  });

  it('by a viewer, or for one; and an offer is of the one that asked', async () => {
    const rig = await robot('golf');
    const ask = ada.request('golf', { kind: 'ask', command: START, reason: '', offer_ms: 10_000 });
    const refusal = { kind: 'refused', problem: { code: 'role-insufficient' } };
    expect(await ada.call(ask, { signer: viewer })).toMatchObject(refusal);
    const forViewer = ada.request(
      'golf',
      { ...wishOf(ask) },
      { name: 'guest', role: 'viewer', verified: true },
    );
    expect(await ada.call(forViewer)).toMatchObject(refusal);
    expect(await ada.call(ada.request('golf', { kind: 'look' }), { signer: viewer })).toMatchObject({
      kind: 'look',
    });
    const act = await ada.offered('golf', START, {
      behalf: { name: 'grace', role: 'admin', verified: false },
    });
    expect(await ada.call(act, { signer: viewer })).toMatchObject(refusal);
    const other = { ...act, id: ada.request('golf', { kind: 'look' }).id, on_behalf: null };
    expect(await ada.call(other)).toMatchObject({ kind: 'refused', problem: { code: 'command-expired' } });
    expect(rig.conductor.operations()).toEqual([]);
  });

  it('nor answered anywhere but below the robot’s own replies', async () => {
    const rig = await robot('hotel');
    const seen = await broker.subscribe(['fleet/#']);
    const act = await ada.offered('hotel', START);
    for (const responseTopic of [
      'fleet/hotel/state',
      'fleet/golf/reply/x',
      'fleet/hotel/reply/x/y',
      'fleet/hotel/reply/',
    ]) {
      await ada.send(act, { responseTopic });
    }
    const look = ada.request('hotel', { kind: 'look' });
    expect(await ada.call(look)).toMatchObject({ kind: 'look' });
    expect(rig.conductor.operations()).toEqual([]);
    // Another program listens: what it has not had yet it cannot tell.
    await until('the last answer to be seen', () =>
      seen.on(`fleet/hotel/reply/${ada.name}`).some(({ id }) => id === look.id),
    );
    const where = new Set(
      seen.received.map(({ topic }) => topic).filter((topic) => !topic.endsWith('/request')),
    );
    expect([...where].filter((topic) => topic.startsWith('fleet/hotel/')).sort()).toEqual(
      ['fleet/hotel/link', `fleet/hotel/reply/${ada.name}`, 'fleet/hotel/state'].sort(),
    );
    expect(seen.on('fleet/hotel/state').every(({ robot }) => robot === 'hotel')).toBe(true);
  });

  it('whatever it looks like', async () => {
    const rig = await robot('india');
    const ask = ada.request('india', { kind: 'ask', command: START, reason: '', offer_ms: 10_000 });
    for (const text of ['', '{', '[]', 'null', '{"v":1}', 'x'.repeat(100_000), '{"__proto__":{"v":1}}']) {
      await ada.send(ask, { text });
    }
    const odd = { ...ask, command: { kind: 'start', stack: '../../etc' } } as typeof ask;
    expect(await ada.call(odd)).toMatchObject({ kind: 'refused' });
    expect(await ada.call(ada.request('india', { kind: 'look' }))).toMatchObject({ kind: 'look' });
    expect(rig.conductor.operations()).toEqual([]);
  });

  it('nor costs the robot its broker, which takes the question and not the longer answer', async () => {
    await using narrow = await Broker.start({
      lines: () => ['allow_anonymous true', 'max_packet_size 4000'],
    });
    const rig = await memberRig({ broker: narrow.url, robot: 'november', operators: [] });
    ends.push(rig);
    const stranger = await connectAsync(narrow.url, { protocolVersion: 5, clientId: 'stranger' });
    const [body, key] = [JSON.stringify({ id: crypto.randomUUID() }), `ed25519:${'A'.repeat(43)}=`];
    const request = JSON.stringify({ v: 1, body, key, signature: 'A'.repeat(88) });
    await stranger.publishAsync('fleet/november/request', request, {
      qos: 1,
      properties: {
        responseTopic: 'fleet/november/reply/stranger',
        correlationData: Buffer.alloc(3_600),
      },
    });
    // It is written down before it is answered, and what is told next is told by the same connection.
    await until('the refusal', () => rig.audit.some(({ command }) => command === 'fleet-request'));
    const seen = await narrow.subscribe(['fleet/november/state']);
    const origin = { transport: 'unix', peer: null, via: null, role: null } as const;
    rig.conductor.command({ kind: 'start', stack: 'nav', actor: ACTOR, origin, reason: '' });
    await until('a report', () => seen.on('fleet/november/state').some(({ active }) => active === 'nav'));
    expect(rig.status()).toMatchObject({ state: 'on', restarts: 0 });
    await stranger.endAsync(true);
  });

  it('in a flood: the robot goes on, and does what is signed', async () => {
    const rig = await robot('juliet');
    const stranger = newSigner();
    const ask = ada.request('juliet', { kind: 'ask', command: START, reason: '', offer_ms: 10_000 });
    const text = JSON.stringify(stranger.sign(ask));
    await broker.flood(
      'fleet/juliet/request',
      Array.from({ length: 3_000 }, () => text),
    );
    await until(
      'to be heard again',
      async () => {
        const look = ada.request('juliet', { kind: 'look' });
        await ada.send(look);
        const end = performance.now() + 1_000;
        await until('an answer or a second', () => ada.to(look).length > 0 || performance.now() > end);
        return ada.to(look).length > 0;
      },
      30_000,
    );
    // So many requests are read in a second: from the next one on nothing of the flood counts.
    const second = Math.floor(performance.now() / 1_000);
    await until('the next second', () => Math.floor(performance.now() / 1_000) > second);
    await ada.call(await ada.offered('juliet', START));
    await until('running', () => rig.active() === 'nav');
    expect(rig.audit.filter(({ code }) => code === 'signature-refused').length).toBeLessThanOrEqual(20);
  });
});

function wishOf(request: ReturnType<HandConsole['request']>) {
  if (request.kind !== 'ask') throw new Error('not an ask');
  const { kind, command, reason, offer_ms } = request;
  return { kind, command, reason, offer_ms };
}

/** A way to the broker that can stall: what was sent meanwhile arrives when it goes on. */
async function stallingRoad(port: number) {
  const sockets = new Set<ReturnType<typeof connectTcp>>();
  const server = createServer((near) => {
    const far = connectTcp(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
    far.pipe(near);
    near.pipe(far);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as { port: number };
  return {
    port: own,
    stall: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    goOn: () => {
      const [near, far] = [...sockets];
      if (near === undefined || far === undefined) throw new Error('no connection');
      far.pipe(near);
      near.pipe(far);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
