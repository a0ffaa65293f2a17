import type { TicketDeskStatus } from '@rovi/contract';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { before, NOON, sampleSnapshot } from './sample-state.js';
import { statusText } from './status.js';
import { queuedText } from './ticket-desk.js';

const counts = { total: 0, pending: 0, queued: 0, executing: 0, completed: 0, failed: 0, cancelled: 0 };
const desk = (part: Partial<TicketDeskStatus> = {}): TicketDeskStatus => ({
  available: true,
  text: 'ready',
  counts,
  estop: { active: false, since: null, actor: null, reason: '', stored: true },
  executing: [],
  queued: [],
  ...part,
});

const shown = (tickets: TicketDeskStatus | null, colour = pc.createColors(false)): string =>
  statusText({
    snapshot: sampleSnapshot({ tickets }),
    ...{ now: NOON, colour, width: Infinity, figures: null, operation: null, user: null },
    ...{ lostAt: null, host: null, source: 'gateway' },
  });

describe('tickets in the status', () => {
  it('have no line where there are none', () => {
    for (const tickets of [null, desk()]) expect(shown(tickets)).not.toContain('ticket');
  });

  it('have one line, in the order of their life', () => {
    const some = { ...counts, total: 14, queued: 2, completed: 12 };
    expect(shown(desk({ counts: some }))).toMatch(/^tickets 2 queued · 12 completed$/m);
  });

  it('say why there are none to be had', () => {
    const away = desk({ available: false, text: 'better-sqlite3 is not there' });
    expect(shown(away)).toMatch(/^tickets not available: better-sqlite3 is not there$/m);
  });

  const stopped = (stored: boolean): TicketDeskStatus =>
    desk({
      estop: {
        active: true,
        since: before(5),
        actor: { name: 'ann', face: 'web', verified: true },
        reason: 'a child\u001b[2J',
        stored,
      },
    });

  it('begin with the e-stop, red, without what a reason would do to the terminal', () => {
    expect(shown(stopped(true))).toMatch(/^■ E-STOP by ann since \S+ \(5 s ago\): a child\n.*reset/);
    expect(shown(stopped(true), pc.createColors(true)).startsWith('\u001b[31m\u001b[1m■ E-STOP')).toBe(true);
    expect(shown(stopped(true))).not.toContain('written down');
    expect(shown(stopped(false))).toContain('a restart of the gateway forgets it');
  });

  it('that wait are lines in the order of their turn, and a number beyond those that are told', () => {
    const one = { id: 'tick-20261121-00000001', command: 'drive', params: { speed: 1 }, dry_run: true };
    const text = queuedText(
      desk({ queued: [{ ...one, priority: 'high' }], counts: { ...counts, queued: 3 } }),
      pc.createColors(false),
    );
    expect(text).toMatch(
      /^ +ID +PRIORITY +COMMAND\n +tick-\S+ +high +drive speed=1 \(dry run\)\n {2}and 2 more\n$/,
    );
  });
});
