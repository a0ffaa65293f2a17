import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { shownLength } from './lines.js';
import { before, NOON, sampleNav, sampleOperation, sampleSnapshot, sampleStack } from './sample-state.js';
import { stacksText } from './stacks-table.js';
import { statusText, type StatusView } from './status.js';

const plain = pc.createColors(false);
const coloured = pc.createColors(true);

const view = (part: Partial<StatusView> = {}): StatusView => ({
  snapshot: sampleSnapshot(),
  now: NOON,
  colour: plain,
  width: Infinity,
  figures: null,
  operation: sampleOperation,
  user: 'rovi',
  lostAt: null,
  host: null,
  source: 'gateway',
  ...part,
});

describe('status', () => {
  it('shows gateway, active stack with its processes, all stacks and the last operation', () => {
    const text = statusText(view());
    expect(text).toMatch(
      /^robot {3}rovi\ngateway ● active \(running\) since .*\(2 h ago\) · PID 300 · version 0\.1\.0 · user rovi\n/,
    );
    expect(text).toContain(
      '┃ ● NAV  RUNNING  The nav stack\n┃ running, 1 of 2 processes, planner_server missing\n',
    );
    expect(text).toContain(
      '(1 min 30 s ago) · PID 4242 · CPU – · memory – · invocation 0123456789abcdef0123456789abcdef\n',
    );
    expect(text).toContain('┃ ✓ controller_server 4250   ✗ planner_server missing\n');
    expect(text).toMatch(/○ {2}teleop {2}STOPPED {2}– {2,}– {2,}– {2,}stopped\n/);
    expect(text).toMatch(
      /last operation ✓ switch teleop → nav by olga 1 min 30 s ago: switched from teleop to nav\n$/,
    );
  });

  it('says where the API is served over TCP, and where it is not', () => {
    const http = (state: 'on' | 'failing', text: string) => ({
      ...{ name: 'http', since: before(9), pid: null, restarts: 0, mend: '', detail: {} },
      ...{ state, text },
    });
    const shown = (face: ReturnType<typeof http>) =>
      statusText(view({ snapshot: sampleSnapshot({ faces: [face] }) }));
    expect(shown(http('on', 'serves http://127.0.0.1:8080'))).toContain(
      '\nHTTP    ● serves http://127.0.0.1:8080\n',
    );
    expect(shown(http('failing', 'there is no token yet'))).toContain('\nHTTP    ✗ there is no token yet\n');
  });

  it('says which broker there is, and what waits for it', () => {
    const mqtt = (state: 'on' | 'failing', text: string, detail: Record<string, string>) => ({
      ...{ name: 'mqtt', since: before(90), pid: null, restarts: 0, mend: '' },
      ...{ state, text, detail },
    });
    const shown = (face: ReturnType<typeof mqtt>) =>
      statusText(view({ snapshot: sampleSnapshot({ faces: [face] }) }));
    expect(shown(mqtt('on', 'connected to mqtt://h', { queued: '0', dropped: '0' }))).toMatch(
      /\nMQTT {4}● connected to mqtt:\/\/h since [0-9:]+ \(1 min 30 s ago\)\n/,
    );
    expect(shown(mqtt('failing', 'nothing listens at h:1883', { queued: '7', dropped: '2' }))).toContain(
      '\nMQTT    ✗ failing: nothing listens at h:1883 · 7 events wait · 2 events dropped\n',
    );
  });

  it('says how the robot stands in its fleet, and what a console lacks', () => {
    const fleet = (name: string, state: 'on' | 'failing', text: string) => ({
      ...{ name, since: before(90), pid: null, restarts: 0, mend: '', detail: {} },
      ...{ state, text },
    });
    const faces = [
      fleet('fleet', 'on', 'in the fleet f at mqtts://h'),
      fleet('fleet-console', 'failing', 'it can only look: no key'),
    ];
    expect(statusText(view({ snapshot: sampleSnapshot({ faces }) }))).toMatch(
      /\nFLEET {3}● in the fleet f at mqtts:\/\/h · since [0-9:]+ \(1 min 30 s ago\)\nCONSOLE ✗ failing: it can only look: no key\n/,
    );
  });

  it('says "none" only where that is known', () => {
    expect(statusText(view({ snapshot: sampleSnapshot({ active: null }) }))).toContain('no stack is active');
    const unknown = statusText(view({ snapshot: sampleSnapshot({ active: null, known: false }) }));
    expect(unknown).toContain('? which stack is active is not known');
    expect(unknown).not.toContain('no stack is active');
  });

  it('shows the age of what was last seen while the bus is lost', () => {
    const stale = sampleStack('nav', {
      state: 'UNKNOWN',
      verdict: { level: 'stale', text: 'unknown: no connection to systemd, last seen running' },
      as_of: before(42),
    });
    const text = statusText(
      view({
        snapshot: sampleSnapshot({
          bus: { connected: false, since: before(42), error: 'the bus hung up' },
          active: null,
          known: false,
          stacks: [stale],
        }),
      }),
    );
    expect(text).toContain('✗ lost 42 s ago: the bus hung up');
    expect(text).toMatch(/\? {2}nav {4}UNKNOWN {2}last seen 42 s ago/);
  });

  it('says that the link is lost, how old all is, and takes every colour of life away', () => {
    const text = statusText(view({ lostAt: NOON - 12_300, colour: coloured }));
    expect(text).toContain('link lost, 12 s old');
    expect(text).not.toContain('\u001b[32m');
  });

  it('tells apart what systemctl cannot tell', () => {
    const nav = { ...sampleNav, expected: [{ name: 'controller_server', present: null, pid: null }] };
    const text = statusText(view({ source: 'systemctl', snapshot: sampleSnapshot({ stacks: [nav] }) }));
    expect(text).toContain('read from systemd directly');
    expect(text).toContain('? controller_server');
    expect(text).not.toMatch(/version|CPU/);
  });

  it('lets no control code of others through', () => {
    const evil = {
      ...sampleNav,
      description: 'x\u001b]0;owned\u0007',
      verdict: { level: 'ok', text: 'a\u001b[2Jb' },
    } as const;
    const text = statusText(view({ snapshot: sampleSnapshot({ stacks: [evil] }) }));
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

describe('the table of stacks', () => {
  it.each([40, 50, 60, 80, 100])('fits %i columns and keeps name, state and verdict', (width) => {
    const text = stacksText({ snapshot: sampleSnapshot(), now: NOON, colour: plain, width });
    expect(Math.max(...text.split('\n').map(shownLength))).toBeLessThanOrEqual(width);
    expect(text).toMatch(/nav +RUNNING/);
    expect(text).toContain('runn');
  });
});
