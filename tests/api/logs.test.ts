import type { LogEntry } from '@rovi/contract';
import { expect, it } from 'vitest';
import { refusal, rig, until } from './rig.js';

const UNIT = 'rovi-nav.service';

function follow(entries: AsyncIterable<LogEntry>) {
  const seen: string[] = [];
  const ended = (async () => {
    for await (const { message } of entries) seen.push(message);
  })();
  ended.catch(() => undefined);
  return { seen, ended };
}

it('lists by number, cursor, priority and invocation', async () => {
  await using robot = await rig();
  const { client, journal } = robot;
  const old = 'a'.repeat(32);
  journal.append(UNIT, 'one', { invocation_id: old });
  journal.append(UNIT, 'two', { invocation_id: old, priority: 3 });
  journal.append('rovi-teleop.service', 'not ours');
  journal.append(UNIT, 'three', { invocation_id: 'b'.repeat(32) });
  const texts = async (options = {}) => (await client.logs('nav', options)).map(({ message }) => message);
  expect(await texts()).toEqual(['one', 'two', 'three']);
  expect(await texts({ lines: 2 })).toEqual(['two', 'three']);
  expect(await texts({ priority: 4 })).toEqual(['two']);
  expect(await texts({ invocation: old })).toEqual(['one', 'two']);
  expect(await texts({ invocation: 'latest' })).toEqual(['three']);
  const [first] = await client.logs('nav');
  expect(await texts({ after: first?.cursor })).toEqual(['two', 'three']);
  expect(await refusal(client.logs('nav', { priority: 9 }))).toMatchObject({ code: 'bad-request' });
  expect(await refusal(client.logs('nav', { invocation: '; rm -rf /' }))).toMatchObject({
    code: 'bad-request',
  });
});

it('follows, ends the source with the reader, and says when the journal fails', async () => {
  await using robot = await rig();
  const { client, journal } = robot;
  const end = new AbortController();
  journal.append(UNIT, 'before');
  const one = follow(client.followLogs('nav', { lines: 1, signal: end.signal }));
  await until('the first line', () => one.seen.length === 1);
  journal.append(UNIT, 'after');
  await until('the second line', () => one.seen.length === 2);
  expect(one.seen).toEqual(['before', 'after']);
  end.abort();
  await until('nobody follows', () => journal.followers === 0);
  const two = follow(client.followLogs('nav', { lines: 0 }));
  await until('the source is open', () => journal.followers === 1);
  journal.broken = true;
  journal.stir();
  expect(await refusal(two.ended)).toMatchObject({ code: 'journal-unavailable' });
  expect(await refusal(client.logs('nav'))).toMatchObject({ code: 'journal-unavailable' });
});

it('goes on after the last line when it reconnects', async () => {
  await using robot = await rig();
  const { client, journal } = robot;
  const end = new AbortController();
  journal.append(UNIT, 'one');
  const reader = follow(client.followLogs('nav', { reconnect: true, signal: end.signal }));
  await until('one', () => reader.seen.length === 1);
  await robot.face.stop();
  journal.append(UNIT, 'two');
  const again = robot.makeFace();
  await again.start();
  await until('two', () => reader.seen.length === 2);
  expect(reader.seen).toEqual(['one', 'two']);
  end.abort();
  await again.stop();
});

it('bounds the readers of logs', async () => {
  await using robot = await rig();
  const end = new AbortController();
  const all = Array.from({ length: 16 }, () =>
    follow(robot.client.followLogs('nav', { signal: end.signal })),
  );
  await until('16 follow', () => robot.journal.followers === 16);
  expect(await refusal(robot.client.logs('nav'))).toMatchObject({ code: 'too-many-clients' });
  end.abort();
  await Promise.allSettled(all.map(({ ended }) => ended));
  await until('nobody follows', () => robot.journal.followers === 0);
  expect(await robot.client.logs('nav')).toEqual([]);
});
