import { blastRadius, fleetAfter, type FleetView, type SeenRobot } from '@rovi/client';
import { sampleNo, sampleRobot, sampleRun, sampleYes } from '@rovi/client/sample-fleet';
import type { FleetEvent, FleetRobot, FleetStatus } from '@rovi/contract';
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { blastRadiusText } from './blast-radius.js';
import { fleetText, summaryText } from './fleet.js';
import { FleetLines } from './fleet-line.js';
import { runText } from './fleet-run.js';

const plain = pc.createColors(false);
const coloured = pc.createColors(true);
const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const broker: FleetStatus['broker'] = {
  address: 'mqtt://broker',
  connected: true,
  since: '2026-03-01T11:00:00.000Z',
  text: '',
};
const seen = (robot: FleetRobot): SeenRobot => ({ ...robot, heardAt: 0 });
const table = (robots: FleetRobot[], part: Partial<Parameters<typeof fleetText>[0]> = {}) =>
  fleetText({
    broker,
    robots: robots.map(seen),
    now: 0,
    time: NOON,
    colour: plain,
    width: Infinity,
    ...part,
  });

describe('the table of a fleet', () => {
  it('never shows what a robot that is away said as what is', () => {
    const text = table([sampleRobot('gone', { active: 'nav' }, 'offline')]);
    expect(text).toMatch(
      /\n○ {2}gone {3}offline {2}– {7}– {6}12 min ago {2}0\.1\.0 {4}was running nav, 12 min ago; the connection was lost\n$/,
    );
    const painted = table([sampleRobot('gone', { level: 'error' }, 'stale')], { colour: coloured });
    // Nothing of it is green, red or yellow.
    // eslint-disable-next-line no-control-regex
    expect(painted.split('\n')[2]).not.toMatch(/\u001b\[3[1-3]m/);
  });

  it('says first where nothing is known of now', () => {
    expect(table([], { broker: { ...broker, connected: false, text: 'nothing listens' } })).toMatch(
      /^✗ no connection to the fleet's broker mqtt:\/\/broker since 1 h ago: nothing listens; what is shown is what was\n/,
    );
    expect(table([], { lost: 'it hangs' })).toMatch(/^\? link to the gateway lost: it hangs; /);
  });

  it('counts a thousand and one', () => {
    const robots = Array.from({ length: 1_001 }, (_, index) => seen(sampleRobot(`r-${String(index)}`)));
    expect(summaryText({ robots, colour: plain })).toBe('1,001 robots: 1,001 well, 0 not well, 0 away\n');
    expect(summaryText({ robots: robots.slice(0, 1), colour: plain })).toMatch(/^1 robot: 1 well/);
  });

  it('lets no robot command the terminal', () => {
    const text = table([sampleRobot('r', { level: 'error', text: 'a\u001b[2Jb\u202ec\nd', services: [] })]);
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/\u001b|\u202e/);
    expect(text.split('\n')).toHaveLength(4);
  });

  it('is no wider than the terminal', () => {
    const text = table([sampleRobot('a-robot', { level: 'error', text: 'x'.repeat(200), services: [] })], {
      width: 60,
    });
    for (const line of text.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(60);
  });
});

describe('what a command would hit', () => {
  it('puts equal robots together, and names each that says no', () => {
    const answers = [
      ...Array.from({ length: 12 }, (_, index) => sampleYes(`r-${String(index)}`)),
      sampleNo('m', 'in-maintenance', 'new wheels'),
    ];
    const text = blastRadiusText(
      blastRadius(answers),
      { kind: 'switch', stack: 'nav' },
      { colour: plain, width: Infinity, now: NOON, leftOut: ['gone'], waiting: ['late'] },
    );
    expect(text).toBe(
      [
        'switch to nav on 12 robots:',
        '  12 robots: stops teleop; starts nav (ends 36 processes)',
        '    r-0, r-1, r-2, r-3, r-4, r-5, r-6, r-7, and 4 more',
        '  1 robot: left out [in-maintenance] new wheels',
        '    m',
        '    mend: Look at the robot.',
        '  1 robot: away: asked if they come back in time; what it would hit there is not known',
        '    late',
        '  1 robot: away, and left out; --away means them too',
        '    gone',
        '',
      ].join('\n'),
    );
  });
});

describe('what became of a run', () => {
  it('has what went wrong first, counts the many that did it, and each advice once', () => {
    const { problem } = sampleNo('x', 'robot-silent', 'no answer');
    const run = sampleRun([
      ...Array.from({ length: 30 }, () => ({ state: 'succeeded' as const })),
      { state: 'expired', problem },
      { state: 'unknown', problem },
    ]);
    const lines = runText({ ...run, ended_at: run.started_at }, [], { now: NOON, colour: plain }).split('\n');
    expect(lines[0]).toMatch(
      /^✗ switch to nav on 32 robots: 30 done, 1 outcome not known, 1 not in time: never done \(took /,
    );
    expect(lines[2]).toMatch(/^\? {2}r-32 {3}outcome not known +robot-silent/);
    expect(lines[3]).toMatch(/^– {2}r-31 /);
    expect(lines.slice(4)).toEqual(['[robot-silent] mend: Look at the robot.', '']);
  });
});

describe('lines of a watch', () => {
  const play = (...events: FleetEvent[]): string[] => {
    const lines = new FleetLines(plain);
    let view: FleetView | null = null;
    return events.map((event) => {
      view = fleetAfter(view, event, 0);
      return view === null ? '' : lines.next(event, view, NOON).replace(/^\S+ /gm, '');
    });
  };
  const whole = (robots: FleetRobot[], connected = true): FleetEvent => ({
    type: 'fleet',
    fleet: { at: '2026-03-01T12:00:00.000Z', broker: { ...broker, connected }, key: null, robots },
    runs: [],
  });
  const told = (...robots: FleetRobot[]): FleetEvent => ({
    type: 'robots',
    at: '2026-03-01T12:00:01.000Z',
    robots,
    removed: [],
  });

  it('tells what is not well at first, and then what changes, once', () => {
    expect(
      play(
        whole([sampleRobot('a'), sampleRobot('b', { level: 'warn', text: 'hot', services: [] })]),
        told(sampleRobot('a', { at: '2026-03-01T12:00:01.000Z' })),
        told(sampleRobot('a', {}, 'offline')),
        whole([
          sampleRobot('a', {}, 'offline'),
          sampleRobot('b', { level: 'warn', text: 'hot', services: [] }),
        ]),
      ),
    ).toEqual([
      '● broker mqtt://broker connected\n2 robots: 1 well, 1 not well, 0 away\n▲ b warn, active nav: hot\n',
      '',
      '○ a offline: was running nav; the connection was lost\n',
      '',
    ]);
  });

  it('tells when the broker is lost', () => {
    const [, second = ''] = play(whole([sampleRobot('a')]), whole([sampleRobot('a', {}, 'stale')], false));
    expect(second).toMatch(
      /^✗ broker mqtt:\/\/broker lost: .*nothing is known of now\n1 robot: 0 well, 0 not well, 1 away\n/,
    );
  });
});
