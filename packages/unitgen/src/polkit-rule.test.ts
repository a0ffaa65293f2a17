import { runInNewContext } from 'node:vm';
import { catalogSchema, stackUnit } from '@rovi/contract';
import { parse } from 'acorn';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { polkitRule } from './polkit-rule.js';
import { acceptedCatalog, hostileText } from './testing/arbitrary-catalog.js';

interface Question {
  readonly id: string;
  readonly details: Readonly<Record<string, string | undefined>>;
  readonly user: string;
  readonly groups: readonly string[];
}

type Rule = (action: object, subject: object) => unknown;
const loaded = new Map<string, Rule[]>();

/** The rules that a file adds, in a context of its own; kept, as polkit keeps them. */
function rulesOf(text: string): Rule[] {
  const known = loaded.get(text);
  if (known) return known;
  const rules: Rule[] = [];
  const polkit = {
    Result: { NO: 'no', YES: 'yes', NOT_HANDLED: 'not handled' },
    addRule: (rule: Rule) => rules.push(rule),
  };
  runInNewContext(text, { polkit }, { timeout: 1_000 });
  loaded.set(text, rules);
  return rules;
}

/** What polkit would make of a rule file, run by itself: the results of all its rules, in order. */
function evaluateRule(text: string, { id, details, user, groups }: Question): unknown[] {
  const action = { id, lookup: (name: string) => details[name] };
  const isInGroup = (group: string) => groups.includes(group);
  const subject = { user, groups, local: true, active: true, isInGroup };
  return rulesOf(text).map((rule) => rule(action, subject));
}

const MANAGE = 'org.freedesktop.systemd1.manage-units';
const launch = { package: 'rovi_bringup', file: 'rovi.launch.py' };
const catalog = catalogSchema.parse({
  version: 1,
  workspace: '/ws',
  env_file: '/ws/.env.robot',
  stacks: { teleop: { description: 'T', launch }, nav: { description: 'N', launch } },
});
const rule = polkitRule(catalog);

const subjects = {
  rovi: { user: 'rovi', groups: ['rovi'] },
  member: { user: 'alice', groups: ['alice', 'rovi-ops'] },
  stranger: { user: 'mallory', groups: ['mallory', 'sudo', 'rovi', 'rovi-ops2'] },
};
const units = [
  'rovi-teleop.service',
  'rovi-nav.service',
  'rovi-gateway.service',
  'rovi-mapping.service',
  'rovi-evil.service',
  'rovi-nav.service.d',
  'rovi-nav.timer',
  'rovi-nav',
  'ROVI-NAV.SERVICE',
  ' rovi-nav.service',
  'rovi-nav.service\n',
  'rovi-nav@x.service',
  'xrovi-nav.service',
  'ssh.service',
  'run-u1.service',
  '',
  '__proto__',
  'constructor',
  'indexOf',
  '0',
  undefined,
];
const verbs = [
  'start',
  'stop',
  'restart',
  'reload',
  'try-restart',
  'reload-or-restart',
  'kill',
  'reset-failed',
  'set-property',
  'freeze',
  'START',
  '',
  'start\n',
  '__proto__',
  undefined,
];
const actions = [
  MANAGE,
  'org.freedesktop.systemd1.manage-unit-files',
  'org.freedesktop.systemd1.reload-daemon',
  'org.freedesktop.systemd1.set-environment',
  'org.freedesktop.login1.reboot',
  `${MANAGE}2`,
  '',
];

describe('polkitRule', () => {
  it('is one rule, in ES5', () => {
    expect(() => parse(rule, { ecmaVersion: 5, sourceType: 'script' })).not.toThrow();
    expect(rule.match(/polkit\.addRule/g)).toHaveLength(1);
  });

  it('allows exactly start, stop and restart of the stacks, to the user and the group', () => {
    const allowed: string[] = [];
    for (const [name, subject] of Object.entries(subjects)) {
      for (const id of actions) {
        for (const unit of units) {
          for (const verb of verbs) {
            const [result] = evaluateRule(rule, { id, details: { unit, verb }, ...subject });
            // Never "no": what it does not allow is left to other rules, and to the defaults.
            expect(result === 'yes' || result === undefined).toBe(true);
            if (result === 'yes') allowed.push(`${name} ${id} ${String(verb)} ${String(unit)}`);
          }
        }
      }
    }
    const expected = ['rovi', 'member'].flatMap((name) =>
      ['rovi-teleop.service', 'rovi-nav.service'].flatMap((unit) =>
        ['start', 'stop', 'restart'].map((verb) => `${name} ${MANAGE} ${verb} ${unit}`),
      ),
    );
    expect(allowed.sort()).toEqual(expected.sort());
  });

  it('asks nothing of actions that are not its own', () => {
    const results = evaluateThrowing('org.freedesktop.login1.reboot', 'rovi-nav.service', 'alice');
    expect(results).toEqual([undefined]);
    expect(evaluateThrowing(MANAGE, 'ssh.service', 'alice')).toEqual([undefined]);
  });

  it('allows nobody when the group database fails, except the user itself', () => {
    expect(() => evaluateThrowing(MANAGE, 'rovi-nav.service', 'alice')).toThrow('no group database');
    expect(evaluateThrowing(MANAGE, 'rovi-nav.service', 'rovi')).toEqual(['yes']);
  });

  function evaluateThrowing(id: string, unit: string, user: string): unknown[] {
    const groups = Object.assign(['x'], {
      includes: () => {
        throw new Error('no group database');
      },
    });
    return evaluateRule(rule, { id, details: { unit, verb: 'start' }, user, groups });
  }

  it('allows nobody anything without stacks', () => {
    const empty = polkitRule({ ...catalog, stacks: {} });
    expect(
      evaluateRule(empty, {
        id: MANAGE,
        details: { unit: 'rovi-nav.service', verb: 'start' },
        ...subjects.rovi,
      }),
    ).toEqual([undefined]);
  });

  it('allows only the stacks of any catalog', () => {
    fc.assert(
      fc.property(acceptedCatalog, hostileText, (any, other) => {
        const text = polkitRule(any);
        parse(text, { ecmaVersion: 5, sourceType: 'script' });
        const own = Object.keys(any.stacks).map(stackUnit);
        for (const unit of [...own, 'rovi-gateway.service', 'ssh.service', 'rovi-.service', other]) {
          for (const verb of ['start', 'kill']) {
            const yes = own.includes(unit) && verb === 'start' ? 'yes' : undefined;
            expect(
              evaluateRule(text, { id: MANAGE, details: { unit, verb }, user: any.user, groups: [] }),
            ).toEqual([yes]);
            expect(
              evaluateRule(text, { id: MANAGE, details: { unit, verb }, user: 'x', groups: [any.group] }),
            ).toEqual([yes]);
            expect(
              evaluateRule(text, { id: MANAGE, details: { unit, verb }, user: 'x', groups: ['y'] }),
            ).toEqual([undefined]);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('keeps any text a string, whatever the schema lets pass one day', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (user, group) => {
        fc.pre(user !== 'x' && group !== 'y');
        const text = polkitRule({ ...catalog, user, group });
        parse(text, { ecmaVersion: 5, sourceType: 'script' });

        expect(text).toMatch(/^[\n\u0020-\u007e]*$/);
        const details = { unit: 'rovi-nav.service', verb: 'stop' };
        expect(evaluateRule(text, { id: MANAGE, details, user, groups: [] })).toEqual(['yes']);
        expect(evaluateRule(text, { id: MANAGE, details, user: 'x', groups: [group] })).toEqual(['yes']);
        expect(evaluateRule(text, { id: MANAGE, details, user: 'x', groups: ['y'] })).toEqual([undefined]);
      }),
      { numRuns: 300 },
    );
  });
});
