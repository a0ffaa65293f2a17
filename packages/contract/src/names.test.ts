import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as names from './names.js';

/** For each grammar: words it must take, and words it must not. */
const cases = {
  unitBaseName: {
    good: ['nav', 'nav2', 'slam_toolbox', 'front-camera', 'a'],
    bad: ['', 'Nav', '2nav', 'nav-', '-nav', 'nav.service', 'nav@1', 'a'.repeat(41)],
  },
  accountName: {
    good: ['rovi', '_apt', 'rovi-ops', 'r2d2'],
    bad: ['', 'Rovi', '-x', '0', '1000', 'rovi$', 'a'.repeat(32)],
  },
  rosPackageName: {
    good: ['rovi_bringup', 'nav2_bringup', 'ab'],
    bad: ['', 'a', 'Rovi', 'rovi__bringup', 'rovi_', '_rovi', 'rovi-bringup', '2rovi'],
  },
  launchFileName: {
    good: ['nav.launch.py', 'a.xml', 'robot-1.launch.yaml'],
    bad: ['', 'nav.launch', '../nav.launch.py', 'sub/nav.py', '.py', '-h.py', 'nav.py.sh'],
  },
  launchArgumentName: { good: ['stack', 'use_sim_time', '_x', 'A1'], bad: ['', '1x', 'a-b', 'a:=b', 'a b'] },
  launchArgumentValue: {
    good: ['', 'true', '0.5', '/dev/ttyUSB0', 'a:=b', 'x,y', 'user@host', '-1'],
    bad: ['a b', '$HOME', '$(var x)', "'x'", '"x"', '%h', 'a;b', 'a\\', 'ä', '*', '~'],
  },
  absolutePath: {
    good: ['/home/rovi/ws', '/opt/ros/jazzy', '/a/..b', '/x.y/z@1'],
    bad: ['', '/', 'ws', '~/ws', '%h/ws', '/ws/', '/a//b', '/a/../b', '/a/./b', '/a b', '/a$b', '-/a'],
  },
  processName: {
    good: ['controller_server', 'python3.11', 'g++', 'X'],
    bad: ['', '-x', '/usr/bin/x', 'a b', '.x'],
  },
  frameId: {
    good: ['map', 'odom', 'robot1/base_link', 'base_footprint'],
    bad: ['', '/map', 'map/', 'a b', 'a//b', '1map'],
  },
  oneLine: {
    good: ['Drive to goals', '100 % of "it" $HOME', 'Überblick', 'a\\b', ' x '],
    bad: [
      '',
      'a\nb',
      'a\rb',
      'a\u2028b',
      'a\u0085b',
      'a\0b',
      'tab\there',
      'a\\',
      'a\\ ',
      'a\\\u00a0',
      'x'.repeat(201),
    ],
  },
  rosNamespace: {
    good: ['/rovi', '/fleet/robot_7', '/R2'],
    bad: ['', '/', 'rovi', '/rovi/', '/a__b', '/_x', '/1st', '/a-b', '/a b', `/${'a'.repeat(60)}`],
  },
  environmentName: { good: ['ROS_DOMAIN_ID', '_X', 'A1'], bad: ['', 'path', '1A', 'A=B', 'A B'] },
} satisfies Record<keyof typeof names, { good: string[]; bad: string[] }>;

describe.each(Object.entries(cases))('%s', (name, { good, bad }) => {
  const schema = names[name as keyof typeof names];

  it.each(good)('takes %j', (word) => {
    expect(schema.safeParse(word).success).toBe(true);
  });

  it.each(bad)('refuses %j and says what it expected', (word) => {
    const result = schema.safeParse(word);
    expect(result.success).toBe(false);
    expect(result.error?.issues[0]?.message).toMatch(/^expected|^Too/);
  });

  it('never takes a word that ends a line, or more than one', () => {
    const hostile = fc.tuple(
      fc.constantFrom(...good),
      fc.constantFrom('\n', '\r', '\0', '\u2028', '\u2029', '\u0085'),
      fc.string(),
    );
    fc.assert(
      fc.property(hostile, ([start, lineEnd, rest]) => {
        expect(schema.safeParse(start + lineEnd + rest).success).toBe(false);
      }),
    );
  });
});

describe('every grammar but that of descriptions', () => {
  it.each(Object.keys(cases).filter((name) => name !== 'oneLine'))('%s leaves nothing to quote', (name) => {
    const schema = names[name as keyof typeof names];
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...' \t"\'`$%\\;&|<>(){}[]*?!#~', 'a', '/', '.') }),
        (word) => {
          if (!schema.safeParse(word).success) return;
          expect(word).toMatch(/^[a/.]*$/);
        },
      ),
      { numRuns: 500 },
    );
  });
});
