import { describe, expect, it } from 'vitest';
import { catalogSchema, homeOf, stackUnit } from './catalog.js';

const minimal = {
  version: 1,
  workspace: '/home/rovi/ws',
  env_file: '/home/rovi/ws/.env.robot',
  stacks: { nav: { description: 'Drive', launch: { package: 'rovi_bringup', file: 'rovi.launch.py' } } },
};

const nav = minimal.stacks.nav;

/** The minimal catalog with one thing changed. */
function withStack(change: object): object {
  return { ...minimal, stacks: { nav: { ...nav, ...change } } };
}

describe('catalogSchema', () => {
  it('fills in what a catalog leaves out', () => {
    const catalog = catalogSchema.parse(minimal);
    expect(catalog).toMatchObject({
      robot: 'rovi',
      user: 'rovi',
      group: 'rovi-ops',
      lock_wait: 5,
      gateway: { run: 'conductor', watchdog: 30, timeouts: { start: 60, stop: 30 } },
      services: {},
    });
    expect(catalog.stacks['nav']).toMatchObject({
      launch: { arguments: {} },
      processes: [],
      timeouts: { start: 30, stop: 20, settle: 1 },
      start_limit: { interval: 10, burst: 5 },
    });
    expect(catalogSchema.parse(withStack({ timeouts: { stop: 9 } })).stacks['nav']?.timeouts).toEqual({
      start: 30,
      stop: 9,
      settle: 1,
    });
    expect(catalogSchema.parse(withStack({ timeouts: { settle: 0 } })).stacks['nav']?.timeouts.settle).toBe(
      0,
    );
  });

  it('takes a robot without stacks, and a gateway that is a launch', () => {
    expect(catalogSchema.parse({ ...minimal, stacks: {} }).stacks).toEqual({});
    const run = { package: 'rovi_bringup', file: 'gateway.launch.py', arguments: { robot_mode: 'real' } };
    expect(catalogSchema.parse({ ...minimal, gateway: { run } }).gateway.run).toEqual(run);
  });

  it('reads false and 1 as the words that launch takes', () => {
    const launch = { ...nav.launch, arguments: { rviz: false, domain: 7, stack: 'nav' } };
    expect(catalogSchema.parse(withStack({ launch })).stacks['nav']?.launch.arguments).toEqual({
      rviz: 'false',
      domain: '7',
      stack: 'nav',
    });
  });

  it('keeps arguments in the order they are written', () => {
    const launch = { ...nav.launch, arguments: { b: '1', a: '2', c: '3' } };
    expect(
      Object.keys(catalogSchema.parse(withStack({ launch })).stacks['nav']?.launch.arguments ?? {}),
    ).toEqual(['b', 'a', 'c']);
  });

  it.each([
    ['another version', { ...minimal, version: 2 }, ['version']],
    ['an unknown key', { ...minimal, stack: {} }, []],
    ['root as its user', { ...minimal, user: 'root' }, ['user']],
    ['root as its group', { ...minimal, group: 'root' }, ['group']],
    ['a stack that would be the gateway', { ...minimal, stacks: { gateway: nav } }, ['stacks', 'gateway']],
    ['a process twice', withStack({ processes: ['a', 'a'] }), ['stacks', 'nav', 'processes']],
    [
      '101 processes',
      withStack({ processes: Array.from({ length: 101 }, (_, n) => `p${String(n)}`) }),
      ['stacks', 'nav', 'processes'],
    ],
    ['a fraction of a second', withStack({ timeouts: { stop: 1.5 } }), ['stacks', 'nav', 'timeouts', 'stop']],
    [
      'half a second to settle',
      withStack({ timeouts: { settle: 0.5 } }),
      ['stacks', 'nav', 'timeouts', 'settle'],
    ],
    [
      'a minute and more to settle',
      withStack({ timeouts: { settle: 61 } }),
      ['stacks', 'nav', 'timeouts', 'settle'],
    ],
    ['an endless stop', withStack({ timeouts: { stop: Infinity } }), ['stacks', 'nav', 'timeouts', 'stop']],
    [
      'a start limit of none',
      withStack({ start_limit: { burst: 0 } }),
      ['stacks', 'nav', 'start_limit', 'burst'],
    ],
    ['a hostile frame', withStack({ fixed_frame: 'map;rm' }), ['stacks', 'nav', 'fixed_frame']],
    [
      'a base with a hostile frame',
      { ...minimal, tickets: { drive: { frame_id: '/base link' } } },
      ['tickets', 'drive', 'frame_id'],
    ],
    [
      'a base that is told by what is no velocity',
      { ...minimal, tickets: { drive: { message: 'Twist' } } },
      ['tickets', 'drive', 'message'],
    ],
    [
      'a hostile variable',
      withStack({ expects_environment: { 'A\nB': '1' } }),
      ['stacks', 'nav', 'expects_environment', 'A\nB'],
    ],
    [
      'an argument without a value, which ros2 launch would refuse',
      withStack({ launch: { ...nav.launch, arguments: { map: '' } } }),
      ['stacks', 'nav', 'launch', 'arguments', 'map'],
    ],
    [
      'a list as arguments',
      withStack({ launch: { ...nav.launch, arguments: ['a:=b'] } }),
      ['stacks', 'nav', 'launch', 'arguments'],
    ],
    [
      'null as an argument',
      withStack({ launch: { ...nav.launch, arguments: { a: null } } }),
      ['stacks', 'nav', 'launch', 'arguments', 'a'],
    ],
  ])('refuses %s', (_, catalog, path) => {
    const result = catalogSchema.safeParse(catalog);
    expect(result.error?.issues.map((issue) => issue.path)).toContainEqual(path);
  });

  it('tells a base by Twists, unless it says so', () => {
    const plain = { topic: '/cmd_vel', message: 'twist', frame_id: 'base_link' };
    expect(catalogSchema.parse(minimal).tickets.drive).toMatchObject(plain);
    const drive = { message: 'twist_stamped', frame_id: 'base_footprint' };
    expect(catalogSchema.parse({ ...minimal, tickets: { drive } }).tickets.drive).toMatchObject(drive);
  });

  it('has a ROS face in /rovi and no status fields, unless it says so', () => {
    expect(catalogSchema.parse(minimal)).toMatchObject({
      ros: { face: true, namespace: '/rovi' },
      streams: { status: { fields: [] } },
    });
    expect(catalogSchema.parse({ ...minimal, ros: { face: false } }).ros).toEqual({
      face: false,
      namespace: '/rovi',
    });
    expect(catalogSchema.safeParse({ ...minimal, ros: { namespace: 'rovi' } }).success).toBe(false);
    expect(catalogSchema.safeParse({ ...minimal, ros: { domain: 7 } }).success).toBe(false);
  });

  it.each([
    ['stacks', { 'a-b': nav, a_b: nav }, ['stacks', 'a_b'], '"a-b" ("a_b")'],
    [
      'processes of one stack',
      { nav: { ...nav, processes: ['x', 'g++', 'g'] } },
      ['stacks', 'nav', 'processes', 2],
      '"g++" ("g")',
    ],
    [
      'a process and one that gets "p_"',
      { nav: { ...nav, processes: ['p_9x', '9x'] } },
      ['stacks', 'nav', 'processes', 1],
      '"p_9x" ("p_9x")',
    ],
  ])('refuses %s whose names are one in ROS, and says which', (_, stacks, path, other) => {
    expect(catalogSchema.safeParse({ ...minimal, stacks }).error?.issues).toEqual([
      expect.objectContaining({
        path,
        message: `expected another name: in ROS it is the same as ${other}`,
      }),
    ]);
  });

  it('takes processes of one name in different stacks, and those that differ in ROS', () => {
    const stacks = {
      nav: { ...nav, processes: ['ekf_node', 'EKF_node'] },
      mapping: { ...nav, processes: ['ekf_node'] },
    };
    expect(catalogSchema.safeParse({ ...minimal, stacks }).success).toBe(true);
  });

  it('refuses a status field of what it does not have, at its place', () => {
    const source = { provider: 'system', type: 'service', service: 'rovi-video' };
    const streams = { status: { fields: [{ id: 'video', type: 'text', source }] } };
    expect(catalogSchema.safeParse({ ...minimal, streams }).error?.issues).toEqual([
      expect.objectContaining({
        path: ['streams', 'status', 'fields', 0, 'source', 'service'],
        message: 'expected a unit of this catalog, got "rovi-video"',
      }),
    ]);
  });

  it('refuses more stacks than a bus and a person can carry', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`s${String(n)}`, nav]));
    expect(catalogSchema.safeParse({ ...minimal, stacks: many(1100) }).success).toBe(true);
    expect(catalogSchema.safeParse({ ...minimal, stacks: many(1101) }).success).toBe(false);
  });
});

describe('names that come from a catalog', () => {
  it('gives each stack one unit', () => {
    expect(stackUnit('front-camera')).toBe('rovi-front-camera.service');
  });

  it('knows the home of the user', () => {
    expect(homeOf({ user: 'robot' })).toBe('/home/robot');
    expect(homeOf({ user: 'robot', home: '/srv/robot' })).toBe('/srv/robot');
  });
});
