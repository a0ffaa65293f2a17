import { runInNewContext } from 'node:vm';
import { catalogSchema, serviceUnits, stackUnit } from '@rovi/contract';
import { parse } from 'acorn';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { polkitRule } from './polkit-rule.js';
import { generate } from './generate.js';
import { acceptedCatalog, catalogOfServices, hostileText } from './testing/arbitrary-catalog.js';

interface Question {
  readonly id: string;
  readonly details: Readonly<Record<string, string | undefined>>;
  readonly user: string;
  readonly groups: readonly string[];
}

type Rule = (action: object, subject: object) => unknown;
const loaded = new Map<string, Rule[]>();
/** The names that a look into the folders of units finds. */
const unitFiles = new Set<string>();

/** The rules that a file adds, in a context of its own; kept, as polkit keeps them. */
function rulesOf(text: string): Rule[] {
  const known = loaded.get(text);
  if (known) return known;
  const rules: Rule[] = [];
  const polkit = {
    Result: { NO: 'no', YES: 'yes', NOT_HANDLED: 'not handled' },
    addRule: (rule: Rule) => rules.push(rule),
    spawn: ([shell, option, , ...names]: string[]) => {
      expect([shell, option]).toEqual(['/bin/sh', '-c']);
      if (names.slice(1).some((name) => unitFiles.has(name))) return '';
      throw new Error('exit status 1');
    },
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
  services: {
    video: { description: 'V', command: ['/opt/video'] },
    worker: { description: 'W', command: ['/opt/worker'], instances: { min: 1, max: 2 } },
    bus: { description: 'B', container: { image: 'bus:1' }, health: [{ probe: { type: 'container' } }] },
    // Nothing asks for its health: it has no unit for that.
    quiet: { description: 'Q', container: { image: 'bus:1' } },
    pair: {
      description: 'P',
      container: { image: 'bus:1' },
      health: [{ probe: { type: 'container' } }],
      instances: { min: 2, max: 2 },
    },
  },
});
const services = [
  'rovi-video.service',
  'rovi-worker@1.service',
  'rovi-worker@2.service',
  'rovi-bus.service',
  'rovi-bus-health.service',
  'rovi-quiet.service',
  'rovi-pair@1.service',
  'rovi-pair@2.service',
  'rovi-pair-health@1.service',
  'rovi-pair-health@2.service',
];
const rule = polkitRule(catalog);

const subjects = {
  rovi: { user: 'rovi', groups: ['rovi'] },
  member: { user: 'alice', groups: ['alice', 'rovi-ops'] },
  stranger: { user: 'mallory', groups: ['mallory', 'sudo', 'rovi', 'rovi-ops2'] },
};
const units = [
  ...services,
  'rovi-worker.service',
  'rovi-worker@.service',
  'rovi-worker@0.service',
  'rovi-worker@3.service',
  'rovi-worker@01.service',
  'rovi-video@1.service',
  'rovi-video-health.service',
  'rovi-quiet-health.service',
  'rovi-pair-health@3.service',
  'rovi-services.target',
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

  it('allows exactly start, stop and restart, of services also reset-failed, to the user and the group', () => {
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
    const expected = ['rovi', 'member'].flatMap((name) => [
      ...['rovi-teleop.service', 'rovi-nav.service', ...services].flatMap((unit) =>
        ['start', 'stop', 'restart'].map((verb) => `${name} ${MANAGE} ${verb} ${unit}`),
      ),
      ...services.map((unit) => `${name} ${MANAGE} reset-failed ${unit}`),
    ]);
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

  it('allows nobody anything without stacks and services', () => {
    const empty = polkitRule({ ...catalog, stacks: {}, services: {} });
    expect(
      evaluateRule(empty, {
        id: MANAGE,
        details: { unit: 'rovi-nav.service', verb: 'start' },
        ...subjects.rovi,
      }),
    ).toEqual([undefined]);
  });

  it('allows of a unit of the system what the catalog says, and its start only while it has a file', () => {
    const external = {
      engine: { unit: 'podman.service', description: 'E' },
      agent: { unit: 'agent.service', description: 'A', allow: ['restart'] },
      watched: { unit: 'watched.service', description: 'W', allow: [] },
      pool: { unit: 'pool@one.service', description: 'P', allow: ['start'] },
    };
    const text = polkitRule(catalogSchema.parse({ ...catalog, external }));
    parse(text, { ecmaVersion: 5, sourceType: 'script' });
    const names = ['podman.service', 'podman.socket', 'agent.service', 'watched.service', 'pool@one.service'];
    const granted = (): string[] =>
      ['rovi', 'member', 'stranger'].flatMap((who) =>
        [...names, 'pool@two.service', 'pool@.service', 'podman.service,start'].flatMap((unit) =>
          verbs.flatMap((verb) => {
            const subject = subjects[who as keyof typeof subjects];
            const [result] = evaluateRule(text, { id: MANAGE, details: { unit, verb }, ...subject });
            return result === 'yes' ? [`${who} ${String(verb)} ${unit}`] : [];
          }),
        ),
      );
    const always = ['stop podman.service', 'restart podman.service', 'reset-failed podman.service'];
    const some = [...always, 'restart agent.service', 'reset-failed pool@one.service'];
    const of = (all: readonly string[]) =>
      ['rovi', 'member'].flatMap((who) => all.map((one) => `${who} ${one}`));
    expect(granted().sort()).toEqual(of(some).sort());
    for (const file of ['podman.service', 'agent.service', 'watched.service', 'pool@.service'])
      unitFiles.add(file);
    expect(granted().sort()).toEqual(of([...some, 'start podman.service', 'start pool@one.service']).sort());
    unitFiles.clear();
    // What is only watched is not even named.
    expect(text).not.toContain('watched.service');
    expect(rule).not.toContain('external');
  });

  it('allows no name that has no unit file, whatever the catalog', () => {
    fc.assert(
      fc.property(catalogOfServices, (any) => {
        const text = polkitRule(any);
        const files = generate(any).map(({ install }) => install);
        const named = [...text.matchAll(/"(rovi-[^"]+\.service)"/g)].map(([, unit]) => unit ?? '');
        for (const unit of named) {
          const file = unit.replace(/@\d+\./, '@.');
          expect(files).toContain(`/etc/systemd/system/${file}`);
          // An instance is one that may be: it has its file of variables. The health of one has none.
          if (unit !== file && !unit.includes('-health@'))
            expect(files).toContain(`/etc/rovi/services/${unit.replace(/^rovi-|\.service$/g, '')}.env`);
        }
        for (const [name, service] of Object.entries(any.services)) {
          for (const unit of serviceUnits(name, service)) expect(named).toContain(unit);
          expect(named).not.toContain(`rovi-${name}@${String(service.instances.max + 1)}.service`);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('allows only the stacks and services of any catalog', () => {
    fc.assert(
      fc.property(acceptedCatalog, hostileText, (any, other) => {
        const text = polkitRule(any);
        parse(text, { ecmaVersion: 5, sourceType: 'script' });
        const own = [
          ...Object.keys(any.stacks).map(stackUnit),
          ...Object.entries(any.services).flatMap(([name, service]) => serviceUnits(name, service)),
        ];
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
