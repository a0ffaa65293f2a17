import { catalogSchema, dependenciesOf, serviceUnits, startWaves } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generate } from './generate.js';
import { isContainer } from './container-unit.js';
import { serviceUnitFile } from './service-unit.js';
import { catalogOfServices } from './testing/arbitrary-catalog.js';
import { commandWords, expandSpecifiers, parseUnit, words } from './testing/parse-unit.js';

function catalogWith(services: object, more: object = {}): Catalog {
  return catalogSchema.parse({
    version: 1,
    workspace: '/ws',
    env_file: '/ws/.env',
    stacks: {},
    services,
    ...more,
  });
}

function filesOf(catalog: Catalog): Map<string, string> {
  return new Map(generate(catalog, { prefix: '/opt/rovi' }).map(({ path, text }) => [path, text]));
}

/** All values of each directive of a section. */
function section(text: string | undefined, name: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [directive, value] of parseUnit(text ?? '')[name] ?? []) (found[directive] ??= []).push(value);
  return found;
}

const unitOf = (catalog: Catalog, file: string) => filesOf(catalog).get(`units/${file}`);
const program = { description: 'P', command: ['/opt/program', 'a b', '$x', '100%'] };

describe('the unit of a service', () => {
  it('has what the catalog says', () => {
    const catalog = catalogWith({
      video: {
        ...program,
        type: 'notify',
        user: 'camera',
        working_directory: '/opt/video',
        environment: { RATE: 15, TEXT: 'a "b" %h' },
        environment_file: '/etc/video.env',
        restart: 'unless-stopped',
        restart_delay: 3,
        ports: [{ name: 'web', port: 5000 }, 5001],
        limits: {
          memory: '64M',
          memory_high: '32M',
          cpu: 150,
          cpu_weight: 20,
          tasks: 9,
          files: 99,
          nice: -5,
        },
        crash_loop: { starts: 4, window: 90 },
        timeouts: { start: 20, stop: 7 },
      },
    });
    const text = unitOf(catalog, 'rovi-video.service');
    expect(section(text, 'Unit')).toEqual({
      Description: ['Rovi service video: P'],
      After: ['network.target'],
      StartLimitIntervalSec: ['90s'],
      StartLimitBurst: ['4'],
      AssertPathExists: ['!/var/lib/rovi/maintenance/video', '!/var/lib/rovi/maintenance/ROBOT'],
    });
    const service = section(text, 'Service');
    expect(service).toMatchObject({
      ExecCondition: ['/opt/rovi/lib/rovi/may_start.sh video'],
      Type: ['notify'],
      NotifyAccess: ['all'],
      User: ['camera'],
      WorkingDirectory: ['/opt/video'],
      EnvironmentFile: ['/etc/video.env'],
      Restart: ['always'],
      RestartSec: ['3s'],
      TimeoutStartSec: ['20s'],
      TimeoutStopSec: ['7s'],
      KillMode: ['mixed'],
      SyslogIdentifier: ['rovi-video'],
      MemoryMax: ['64M'],
      MemoryHigh: ['32M'],
      CPUQuota: ['150%'],
      CPUWeight: ['20'],
      TasksMax: ['9'],
      LimitNOFILE: ['99'],
      Nice: ['-5'],
      NoNewPrivileges: ['yes'],
      CapabilityBoundingSet: [''],
    });
    expect((service['Environment'] ?? []).flatMap(words)).toEqual([
      'ROVI_SERVICE=video',
      'ROVI_INSTANCE=1',
      'ROVI_PORT=5000',
      'ROVI_PORT_WEB=5000',
      'ROVI_PORT_2=5001',
      'RATE=15',
      'TEXT=a "b" %h',
    ]);
    const all = commandWords(service['ExecStart']?.[0] ?? '');
    expect(all[0]).toBe('/usr/bin/systemd-cat');
    expect(all.slice(all.lastIndexOf('--') + 1)).toEqual(program.command);
    expect(parseUnit(text ?? '')).not.toHaveProperty('Install');
  });

  it.each([
    ['never', 'no'],
    ['on-failure', 'on-failure'],
    ['always', 'always'],
    ['unless-stopped', 'always'],
  ])('restarts %s as systemd’s %s', (restart, word) => {
    const text = unitOf(catalogWith({ a: { ...program, restart } }), 'rovi-a.service');
    expect(section(text, 'Service')['Restart']).toEqual([word]);
  });

  it('leaves root what it may need', () => {
    const service = section(
      unitOf(catalogWith({ a: { ...program, user: 'root' } }), 'rovi-a.service'),
      'Service',
    );
    expect(service['User']).toEqual(['root']);
    expect(service['NoNewPrivileges']).toEqual(['yes']);
    for (const absent of [
      'CapabilityBoundingSet',
      'ProtectSystem',
      'RestrictNamespaces',
      'ProtectKernelModules',
    ])
      expect(service).not.toHaveProperty(absent);
  });

  it('names the instances of what it depends on: those that always are, and comes after all that may be', () => {
    const many = { ...program, instances: { min: 1, max: 3 } };
    const catalog = catalogWith({
      boss: { ...program, requires: ['worker', 'db'], wants: ['cache'] },
      worker: many,
      cache: { ...many, instances: { min: 2, max: 2 } },
      db: program,
    });
    expect(section(unitOf(catalog, 'rovi-boss.service'), 'Unit')).toMatchObject({
      Requires: ['rovi-worker@1.service rovi-db.service'],
      Wants: ['rovi-cache@1.service rovi-cache@2.service'],
      After: [
        'network.target rovi-worker@1.service rovi-worker@2.service rovi-worker@3.service rovi-db.service rovi-cache@1.service rovi-cache@2.service',
      ],
    });
  });

  it('is a template where there may be several, with a file of variables for each', () => {
    const catalog = catalogWith({
      worker: {
        ...program,
        environment: { ROVI_PORT_WEB: 'mine' },
        instances: { min: 1, max: 2 },
        ports: [{ name: 'web', port: 7000, step: 10 }, 9000],
      },
    });
    const files = filesOf(catalog);
    const service = section(files.get('units/rovi-worker@.service'), 'Service');
    expect(service).toMatchObject({
      EnvironmentFile: ['/etc/rovi/services/worker@%i.env'],
      SyslogIdentifier: ['rovi-worker@%i'],
    });
    expect(service['Environment']).toContain('ROVI_INSTANCE=%i');
    expect([1, 2, 3].map((n) => files.get(`env/services/worker@${n}.env`)?.split('\n').slice(1))).toEqual([
      ['ROVI_PORT=7000', 'ROVI_PORT_2=9000', ''],
      ['ROVI_PORT=7010', 'ROVI_PORT_2=9001', ''],
      undefined,
    ]);
  });

  it('stays down at boot with what an operator stopped, where it requires that by whatever way', () => {
    const catalog = catalogWith({
      top: { ...program, requires: ['mid'], wants: ['other'] },
      mid: { ...program, requires: ['low'] },
      low: { ...program, restart: 'unless-stopped' },
      other: { ...program, restart: 'unless-stopped' },
    });
    const condition = (name: string) =>
      section(unitOf(catalog, `rovi-${name}.service`), 'Service')['ExecCondition'];
    expect([condition('top'), condition('mid'), condition('low'), condition('other')]).toEqual([
      ['/opt/rovi/lib/rovi/may_start.sh low'],
      ['/opt/rovi/lib/rovi/may_start.sh low'],
      ['/opt/rovi/lib/rovi/may_start.sh low'],
      ['/opt/rovi/lib/rovi/may_start.sh other'],
    ]);
  });
});

describe('units of the system beside services', () => {
  const engine = { unit: 'podman.service', description: 'E' };
  const services = {
    web: { ...program, requires: ['engine'] },
    api: { ...program, wants: ['engine'], autostart: true },
  };

  it('are written nothing for: no unit, no drop-in, no file but the rule of polkit', () => {
    const without = filesOf(catalogWith({}));
    const files = filesOf(catalogWith({}, { external: { engine } }));
    expect([...files.keys()]).toEqual([...without.keys()]);
    const changed = [...files].filter(([path, text]) => text !== without.get(path)).map(([path]) => path);
    expect(changed).toEqual(['polkit/49-rovi.rules']);
  });

  it('are required by what needs them, by their own names', () => {
    const catalog = catalogWith(services, { external: { engine } });
    expect(section(unitOf(catalog, 'rovi-web.service'), 'Unit')).toMatchObject({
      Requires: ['podman.service'],
      After: ['network.target podman.service'],
    });
    expect(section(unitOf(catalog, 'rovi-api.service'), 'Unit')).toMatchObject({
      Wants: ['podman.service'],
      After: ['network.target podman.service'],
    });
    expect(section(unitOf(catalog, 'rovi-services.target'), 'Unit')['Wants']).toEqual(['rovi-api.service']);
  });

  it('are not started by way of what needs them, where operators may not start them', () => {
    const catalog = catalogWith(services, { external: { engine: { ...engine, allow: ['stop'] } } });
    const web = section(unitOf(catalog, 'rovi-web.service'), 'Unit');
    expect(web).toMatchObject({ Requisite: ['podman.service'], After: ['network.target podman.service'] });
    expect(web).not.toHaveProperty('Requires');
    const api = section(unitOf(catalog, 'rovi-api.service'), 'Unit');
    expect(api).toMatchObject({ After: ['network.target podman.service'] });
    expect(api).not.toHaveProperty('Wants');
  });

  it('open what their checks ask to the gateway', () => {
    const asking = (probe: object) =>
      unitOf(
        catalogWith({}, { external: { engine: { ...engine, health: [{ probe }] } } }),
        'rovi-gateway.service',
      );
    expect(asking({ type: 'i2c', bus: 1 })).toContain('char-i2c');
    const quiet = catalogWith({}, { external: { engine }, ros: { face: false }, http: { listen: [] } });
    const asked = catalogWith(
      {},
      {
        external: { engine: { ...engine, health: [{ probe: { type: 'tcp', port: 80 } }] } },
        ros: { face: false },
        http: { listen: [] },
      },
    );
    expect(unitOf(asked, 'rovi-gateway.service')).not.toBe(unitOf(quiet, 'rovi-gateway.service'));
  });
});

describe('the target of boot', () => {
  it('wants what has autostart, each instance that always is', () => {
    const catalog = catalogWith({
      a: { ...program, autostart: true },
      b: program,
      c: { ...program, autostart: true, instances: { min: 2, max: 3 } },
    });
    const text = unitOf(catalog, 'rovi-services.target');
    expect(section(text, 'Unit')['Wants']).toEqual([
      'rovi-a.service',
      'rovi-c@1.service',
      'rovi-c@2.service',
    ]);
    expect(section(text, 'Install')).toEqual({ WantedBy: ['multi-user.target'] });
  });
});

describe('the gateway of a catalog with services', () => {
  const closed = { ros: { face: false }, http: { listen: [] } };
  const gateway = (services: object, more: object = {}) =>
    section(unitOf(catalogWith(services, { ...closed, ...more }), 'rovi-gateway.service'), 'Service');
  const checking = (...probes: object[]) => ({
    a: { ...program, health: probes.map((probe) => ({ probe })) },
  });

  it.each([
    ['a check of a process', checking({ type: 'process' }), {}, 'closed'],
    ['a port of its own', checking({ type: 'tcp', port: 80 }), {}, 'loopback'],
    ['a page of its own', checking({ type: 'http', port: 80, host: 'localhost' }), {}, 'loopback'],
    ['a broker of its own', {}, { mqtt: { broker: 'mqtt://[::1]:1883' } }, 'loopback'],
    ['a page elsewhere', checking({ type: 'http', port: 80, host: '10.0.0.7' }), {}, 'tcp'],
    ['a broker elsewhere', {}, { mqtt: { broker: 'mqtts://broker.example' } }, 'tcp'],
    ['both', checking({ type: 'tcp', port: 80 }), { mqtt: { broker: 'mqtt://10.0.0.1' } }, 'tcp'],
  ])('has the network that it needs for %s', (_, services, more, network) => {
    const service = gateway(services, more);
    expect('PrivateNetwork' in service).toBe(network === 'closed');
    expect(service['RestrictAddressFamilies']).toEqual([
      network === 'closed' ? 'AF_UNIX' : 'AF_UNIX AF_INET AF_INET6',
    ]);
    expect(service['IPAddressDeny']).toEqual(network === 'loopback' ? ['any'] : undefined);
  });

  it('may open I2C buses where a check asks one, and no other device', () => {
    const asking = catalogWith(checking({ type: 'i2c', bus: 1 }));
    const service = section(unitOf(asking, 'rovi-gateway.service'), 'Service');
    expect(service).toMatchObject({ DevicePolicy: ['closed'], DeviceAllow: ['char-i2c rw'] });
    expect(service).not.toHaveProperty('PrivateDevices');
    expect(filesOf(asking).get('units/rovi.sysusers')).toContain('m rovi i2c\n');
    expect(gateway({ a: program })).toMatchObject({ PrivateDevices: ['yes'] });
  });
});

describe('any catalog of services', () => {
  it('gives units in which every value stays its own', () => {
    fc.assert(
      fc.property(catalogOfServices, (catalog) => {
        const files = filesOf(catalog);
        for (const [name, service] of Object.entries(catalog.services)) {
          const text = files.get(`units/${serviceUnitFile(name, service)}`)?.replaceAll('%i', 'INSTANCE');
          const parsed = parseUnit(text ?? '');
          expect(Object.keys(parsed)).toEqual(['Unit', 'Service']);
          const unit = section(text, 'Unit');
          // Half of a pair of UTF-16, which YAML can write, is no character of a file.
          const description = service.description.trim().replace(/\p{Surrogate}/gu, '\ufffd');
          expect(expandSpecifiers(unit['Description']?.[0] ?? '')).toBe(
            `Rovi service ${name}: ${description}${service.instances.max > 1 ? ' (INSTANCE)' : ''}`,
          );
          const lines = section(text, 'Service');
          const start = commandWords(
            (lines['ExecStart']?.[0] ?? '').replaceAll('${ROVI_PORT_', '$$${ROVI_PORT_'),
          );
          expect(lines['ExecStart']).toHaveLength(1);
          if (isContainer(service)) {
            expect(lines).not.toHaveProperty('User');
            expect(start.slice(start.length - service.container.command.length)).toEqual(
              service.container.command.slice(0),
            );
            continue;
          }
          expect(start.slice(start.length - (service.command?.length ?? 0))).toEqual(service.command);
          expect(lines['User']).toEqual([service.user ?? catalog.user]);
          const variables = (lines['Environment'] ?? []).flatMap(words);
          for (const [variable, value] of Object.entries(service.environment))
            expect(variables).toContain(`${variable}=${value}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('orders units without a circle, each after all that it needs', () => {
    fc.assert(
      fc.property(catalogOfServices, ({ services }) => {
        const catalog = catalogWith({});
        const files = filesOf({ ...catalog, services });
        const after = new Map<string, Set<string>>();
        const edge = (later: string, earlier: string) =>
          after.set(later, (after.get(later) ?? new Set<string>()).add(earlier));
        for (const [name, service] of Object.entries(services)) {
          const unit = section(files.get(`units/${serviceUnitFile(name, service)}`), 'Unit');
          const named = (directive: string) =>
            (unit[directive] ?? [])
              .flatMap((each) => each.split(' '))
              .filter((each) => each.startsWith('rovi-'));
          for (const own of serviceUnits(name, service)) {
            for (const earlier of named('After')) edge(own, earlier);
            for (const later of named('Before')) edge(later, own);
          }
          for (const needed of [...service.requires, ...service.wants, ...service.conflicts]) {
            const entry = services[needed];
            if (entry === undefined) throw new Error(`${needed} is missing`);
            for (const each of serviceUnits(needed, entry))
              expect([...named('After'), ...named('Before')]).toContain(each);
          }
          for (const conflict of service.conflicts)
            expect(dependenciesOf(services, name).has(conflict)).toBe(false);
        }
        // Units that no other must come before are taken away, until none is left.
        const left = new Set(Object.entries(services).flatMap(([name, each]) => serviceUnits(name, each)));
        while (left.size > 0) {
          const free = [...left].filter(
            (unit) => ![...(after.get(unit) ?? [])].some((each) => left.has(each)),
          );
          expect(free.length).toBeGreaterThan(0);
          for (const unit of free) left.delete(unit);
        }
        expect(startWaves(services, Object.keys(services)).flat()).toHaveLength(Object.keys(services).length);
      }),
      { numRuns: 500 },
    );
  });
});
