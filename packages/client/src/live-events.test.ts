import { CLOSE } from '@rovi/contract';
import type { LiveMessage, RoviEvent, Snapshot } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { LiveEvents, SILENCE_MS } from './live-events.js';
import type { LiveLink, SocketListener } from './live-events.js';

const AT = '2026-11-21T09:30:00.000Z';

function snapshot(boot: string, seq: number): LiveMessage {
  return { type: 'snapshot', seq, at: AT, snapshot: { boot_id: boot, seq } as Snapshot };
}

function bus(seq: number): LiveMessage {
  return {
    type: 'bus',
    seq,
    at: AT,
    active: null,
    known: true,
    bus: { connected: true, since: AT, error: null },
  };
}

/** A clock that only the test moves, and a server that only it speaks for. */
function bench() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const connections: { query: string; listener: SocketListener; open: boolean }[] = [];
  const events: RoviEvent[] = [];
  const links: LiveLink[] = [];
  const live = new LiveEvents({
    clock: {
      now: () => now,
      after: (ms, run) => {
        const timer = { at: now + ms, run };
        timers.push(timer);
        return () => (timers = timers.filter((one) => one !== timer));
      },
    },
    open: (query, listener) => {
      const connection = { query, listener, open: true };
      connections.push(connection);
      return { close: () => (connection.open = false) };
    },
    read: (text) => JSON.parse(text) as LiveMessage,
    onEvent: (event) => events.push(event),
    onLink: (link) => links.push(link),
  });
  return {
    live,
    events,
    links,
    connections,
    get last() {
      const connection = connections.at(-1);
      if (connection === undefined) throw new Error('nothing was connected');
      return connection;
    },
    say(...messages: LiveMessage[]) {
      this.last.listener.opened();
      for (const message of messages) this.last.listener.message(JSON.stringify(message));
    },
    /** Time goes on and timers fire, as in a page that is looked at. */
    pass(ms: number) {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        now = next.at;
        timers = timers.filter((one) => one !== next);
        next.run();
      }
      now = end;
    },
    /** Time goes on and nothing fires, as in a tablet that sleeps. */
    sleep(ms: number) {
      now += ms;
    },
  };
}

describe('LiveEvents', () => {
  it('is live after the first message, not when the connection is open', () => {
    const b = bench();
    b.live.start();
    b.last.listener.opened();
    expect(b.live.link.state).toBe('connecting');
    b.say(snapshot('one', 4));
    expect(b.live.link).toEqual({ state: 'live', heardAt: 0 });
    expect(b.events).toHaveLength(1);
  });

  it('is lost when nothing was said for its time, keeps the age, and hears nothing of the old connection', () => {
    const b = bench();
    b.live.start();
    b.say(snapshot('one', 4));
    const old = b.last;
    b.pass(SILENCE_MS - 1);
    expect(b.live.link.state).toBe('live');
    b.pass(1);
    expect(b.live.link).toMatchObject({ state: 'lost', heardAt: 0, opened: true });
    expect(old.open).toBe(false);
    old.listener.message(JSON.stringify(bus(5)));
    expect(b.events).toHaveLength(1);
    expect(b.live.link.state).toBe('lost');
  });

  it('a sign of life keeps it live', () => {
    const b = bench();
    b.live.start();
    b.say(snapshot('one', 4));
    for (let at = 0; at < 10; at += 1) {
      b.pass(5_000);
      b.say({ type: 'alive', seq: 4, at: AT });
    }
    expect(b.live.link).toEqual({ state: 'live', heardAt: 50_000 });
  });

  it('connects again, later each time up to five seconds, and resumes after the last event', () => {
    const b = bench();
    b.live.start();
    b.say(snapshot('one', 4), bus(5), bus(6));
    const delays = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000];
    for (const ms of delays) {
      const before = b.connections.length;
      b.last.listener.closed(1006, '');
      expect(b.live.link.state).toBe('lost');
      b.pass(ms - 1);
      expect(b.connections).toHaveLength(before);
      b.pass(1);
      expect(b.last.query).toBe('?since=6&boot=one');
    }
    b.say(bus(7));
    expect(b.live.link.state).toBe('live');
    b.last.listener.closed(1006, '');
    b.pass(250);
    expect(b.last.query).toBe('?since=7&boot=one');
  });

  it('another run of the gateway begins anew with its snapshot', () => {
    const b = bench();
    b.live.start();
    b.say(snapshot('one', 900));
    b.last.listener.closed(CLOSE.stopping, '');
    b.pass(250);
    b.say(snapshot('two', 3), bus(4));
    b.last.listener.closed(1006, '');
    b.pass(250);
    expect(b.last.query).toBe('?since=4&boot=two');
  });

  it.each<[string, LiveMessage]>([
    ['an event', bus(6)],
    ['a sign of life', { type: 'alive', seq: 5, at: AT }],
  ])(
    'reads everything again where %s tells that one was missed, and gives nothing of it',
    (_what, message) => {
      const b = bench();
      b.live.start();
      b.say(snapshot('one', 4), message);
      expect(b.events).toHaveLength(1);
      expect(b.live.link.state).toBe('lost');
      b.pass(250);
      expect(b.last.query).toBe('');
    },
  );

  it('reads everything again after what it does not understand', () => {
    const b = bench();
    b.live.start();
    b.say(snapshot('one', 4));
    b.last.listener.message('not JSON');
    expect(b.live.link.state).toBe('lost');
    b.pass(250);
    expect(b.last.query).toBe('');
  });

  it('is not tried again when access was ended, and says why', () => {
    const b = bench();
    b.live.start();
    const problem = { code: 'token-rejected' as const, message: 'revoked', mend: 'ask', context: {} };
    b.say(snapshot('one', 4), { type: 'dropped', problem });
    b.last.listener.closed(CLOSE.accessEnded, '');
    expect(b.live.link).toMatchObject({ state: 'ended', problem: { message: 'revoked' } });
    b.pass(60_000);
    b.live.wake();
    expect(b.connections).toHaveLength(1);
  });

  it('knows a connection that was never taken from one that ended', () => {
    const b = bench();
    b.live.start();
    b.last.listener.closed(1006, '');
    expect(b.live.link).toMatchObject({ state: 'lost', opened: false, heardAt: null });
  });

  it('a page that slept is not live when it wakes, and connects at once', () => {
    const b = bench();
    b.live.start();
    b.say(snapshot('one', 4));
    b.sleep(3_600_000);
    b.live.wake();
    expect(b.links.at(-1)).toMatchObject({ state: 'lost', heardAt: 0 });
    expect(b.connections).toHaveLength(2);
    expect(b.last.query).toBe('?since=4&boot=one');
    b.say(bus(5));
    expect(b.live.link.state).toBe('live');
  });

  it('does not wait to try again when somebody looks, and does not tear down what is fresh', () => {
    const b = bench();
    b.live.start();
    b.say(snapshot('one', 4));
    b.live.wake();
    expect(b.connections).toHaveLength(1);
    b.last.listener.closed(1006, '');
    b.live.wake();
    expect(b.connections).toHaveLength(2);
    b.pass(250);
    expect(b.connections).toHaveLength(2);
  });

  it('begins with a snapshot when it is started again', () => {
    const b = bench();
    b.live.start();
    b.say(snapshot('one', 4));
    b.live.stop();
    b.live.start();
    expect(b.last.query).toBe('');
    expect(b.live.link).toEqual({ state: 'connecting', heardAt: 0 });
  });

  it('gives up a connection that never says anything', () => {
    const b = bench();
    b.live.start();
    b.last.listener.opened();
    b.pass(SILENCE_MS);
    expect(b.live.link.state).toBe('lost');
  });

  it('is silent after stop', () => {
    const b = bench();
    b.live.start();
    b.say(snapshot('one', 4));
    const said = b.links.length;
    b.live.stop();
    b.say(bus(5));
    b.pass(60_000);
    expect(b.links).toHaveLength(said);
    expect(b.events).toHaveLength(1);
  });
});
