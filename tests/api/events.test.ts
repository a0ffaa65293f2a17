import type { RoviEvent } from '@rovi/contract';
import { expect, it } from 'vitest';
import { connect, refusal, rig, until } from './rig.js';

/** Reads events into a list until told to end. */
function listen(events: AsyncIterable<RoviEvent>) {
  const seen: RoviEvent[] = [];
  const ended = (async () => {
    for await (const event of events) seen.push(event);
  })();
  ended.catch(() => undefined);
  return { seen, ended };
}

const finished = (event: RoviEvent): boolean =>
  event.type === 'operation' && event.operation.outcome === 'succeeded';

it('begins with a snapshot, then tells every event in order', async () => {
  await using robot = await rig();
  const end = new AbortController();
  const { seen, ended } = listen(robot.client.events({ signal: end.signal }));
  await until('the snapshot', () => seen.length > 0);
  expect(seen[0]).toMatchObject({ type: 'snapshot', snapshot: { active: null } });
  await robot.client.start('nav');
  await until('the end of the start', () => seen.some(finished));
  const first = seen[0]?.seq ?? -1;
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => first + index));
  expect(seen.some((event) => event.type === 'stack' && event.stack.state === 'RUNNING')).toBe(true);
  end.abort(new Error('seen enough'));
  await expect(ended).rejects.toThrow('seen enough');
});

it('resumes where the reader was, and begins anew for another run or a place too old', async () => {
  await using robot = await rig();
  const { boot_id: boot, seq: since } = robot.conductor.snapshot();
  await robot.client.start('nav');
  const last = robot.conductor.snapshot().seq;
  const resumed = listen(robot.client.events({ since, boot }));
  await until('what was missed', () => resumed.seen.length >= last - since);
  expect(resumed.seen.map(({ seq }) => seq)).toEqual(
    Array.from({ length: last - since }, (_, i) => since + 1 + i),
  );
  for (const point of [
    { since, boot: 'another-run' },
    { since: last + 1000, boot },
  ]) {
    const fresh = listen(robot.client.events(point));
    await until('a snapshot', () => fresh.seen.length > 0);
    expect(fresh.seen[0]).toMatchObject({ type: 'snapshot', seq: last });
  }
});

it('resumes by query too, and ignores a Last-Event-ID that is none', async () => {
  await using robot = await rig();
  const { boot_id: boot } = robot.conductor.snapshot();
  await robot.client.stopAll();
  const socket = await connect(robot.socketPath);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write(`GET /api/events?since=0&boot=${boot} HTTP/1.1\r\nHost: x\r\nLast-Event-ID: nonsense\r\n\r\n`);
  await until('the missed events', () => text.includes('event: operation'));
  expect(text).toContain(`id: ${boot}:1\n`);
  expect(text).not.toContain('event: snapshot');
  socket.destroy();
});

it('reconnects by itself over a restart of the gateway, without losing or repeating', async () => {
  await using robot = await rig();
  const end = new AbortController();
  const losses: unknown[] = [];
  const { seen } = listen(
    robot.client.events({
      signal: end.signal,
      reconnect: true,
      onDisconnect: ({ code, context }) => losses.push([code, context['reason']]),
    }),
  );
  await until('the snapshot', () => seen.length > 0);
  await robot.face.stop();
  await until('the loss', () => losses.length > 0);
  expect(losses[0]).toEqual(['gateway-unreachable', 'stopping']);
  robot.conductor.command({
    kind: 'start',
    stack: 'nav',
    reason: '',
    actor: { name: 'x', face: 'http', verified: false },
    origin: { transport: 'unix', peer: null, via: 'socket', role: 'operator' },
  });
  await until('nav runs', () => robot.conductor.snapshot().operation === null);
  const again = robot.makeFace();
  await again.start();
  await until('the events of the gap', () => seen.some(finished));
  const first = seen[0]?.seq ?? -1;
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => first + index));
  end.abort();
  await again.stop();
});

it('throws what ended the stream where it was not asked to reconnect', async () => {
  await using robot = await rig();
  const { seen, ended } = listen(robot.client.events());
  await until('the snapshot', () => seen.length > 0);
  await robot.face.stop();
  expect(await refusal(ended)).toMatchObject({
    code: 'gateway-unreachable',
    context: { reason: 'stopping' },
  });
});

it('drops a client that does not read, with the reason, and serves the others', async () => {
  await using robot = await rig({ maxPendingBytes: 20_000, graceMs: 60_000 });
  const quick = listen(robot.client.events());
  const slow = await connect(robot.socketPath);
  slow.pause();
  slow.write('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('the quick one is connected', () => quick.seen.length > 0);
  for (let round = 0; round < 400; round += 1) await robot.client.stopAll({ reason: 'x'.repeat(500) });
  let text = '';
  slow.on('data', (chunk: Buffer) => (text += chunk.toString()));
  slow.resume();
  await until('the end of the slow one', () => slow.closed);
  const frames = text.split('\n\n').filter((frame) => frame.includes('event: '));
  expect(frames.at(-1)).toMatch(/event: dropped\ndata: .*"code":"client-too-slow"/);
  expect(frames.length).toBeLessThan(quick.seen.length);
  const last = robot.conductor.snapshot().seq;
  await until('the quick one has all', () => quick.seen.at(-1)?.seq === last);
  expect(robot.log.faults()).toEqual([]);
});

it('does not wait for a dropped client that never reads', async () => {
  await using robot = await rig({ maxPendingBytes: 1_000, graceMs: 50 });
  const slow = await connect(robot.socketPath);
  slow.pause();
  slow.write('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n');
  for (let round = 0; round < 400; round += 1) await robot.client.stopAll({ reason: 'x'.repeat(500) });
  const before = performance.now();
  await robot.face.stop();
  expect(performance.now() - before).toBeLessThan(3_500);
  slow.destroy();
});

it('shows that it lives', async () => {
  await using robot = await rig({ heartbeatMs: 20 });
  const socket = await connect(robot.socketPath);
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('two comments', () => text.split(': alive\n\n').length > 2);
  socket.destroy();
});

it('serves 1024 streams, refuses the next with a reason, and commands all the same', async () => {
  await using robot = await rig();
  const end = new AbortController();
  // Fewer at a time than wait at most to be accepted.
  for (let round = 0; round < 4; round += 1) {
    const some = Array.from({ length: 256 }, () => listen(robot.client.events({ signal: end.signal })));
    await until('all connected', () => some.every(({ seen }) => seen.length > 0));
  }
  expect(await refusal(listen(robot.client.events()).ended)).toMatchObject({ code: 'too-many-clients' });
  expect(await robot.client.stopAll()).toMatchObject({ outcome: 'succeeded' });
  end.abort();
  const later = listen(robot.client.events({ reconnect: true }));
  await until('the next one is served', () => later.seen.length > 0);
});
