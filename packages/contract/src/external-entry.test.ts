import { describe, expect, it } from 'vitest';
import { catalogSchema } from './catalog.js';
import { allServices } from './external-entry.js';
import { vitalUnit } from './external-unit.js';
import { serviceUnits } from './service-entry.js';

const engine = { unit: 'podman.service', description: 'Runs containers' };
const catalog = (external: object, services: object = {}) => ({
  version: 1,
  workspace: '/ws',
  env_file: '/ws/.env',
  stacks: { nav: { description: 'Drive', launch: { package: 'rovi_bringup', file: 'nav.launch.py' } } },
  services,
  external,
});
const issuesOf = (external: object, services: object = {}) =>
  catalogSchema
    .safeParse(catalog(external, services))
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
const web = { description: 'Web', command: ['/opt/web'] };

describe('external units of a catalog', () => {
  it('are critical, commandable and never healed, unless the catalog says otherwise', () => {
    const { external } = catalogSchema.parse(catalog({ engine }));
    expect(external['engine']).toMatchObject({
      allow: ['start', 'stop', 'restart'],
      critical: true,
      category: 'system',
      health: [],
      timeouts: { start: 90, stop: 90 },
    });
    expect(catalogSchema.parse(catalog({})).external).toEqual({});
  });

  it('are services with a unit of their own, beside those of Rovi', () => {
    const read = catalogSchema.parse(catalog({ engine: { ...engine, allow: [] } }, { web }));
    const all = allServices(read);
    expect(Object.keys(all)).toEqual(['web', 'engine']);
    expect(all['engine']).toMatchObject({
      restart: 'never',
      autostart: false,
      on_unhealthy: { action: 'none' },
      crash_loop: { tries: 0 },
      external: { unit: 'podman.service', allow: [], affects: '' },
    });
    for (const [name, unit] of [
      ['web', 'rovi-web.service'],
      ['engine', 'podman.service'],
    ] as const) {
      const entry = all[name];
      expect(entry && serviceUnits(name, entry)).toEqual([unit]);
    }
    expect(allServices(read)).toBe(all);
  });

  it.each([
    'podman.service',
    'NetworkManager.service',
    'worker-pool@one.service',
    'systemd-networkd.service',
    'a_b.c:d.service',
  ])('may be %s', (unit) => {
    expect(issuesOf({ engine: { ...engine, unit } })).toEqual([]);
  });

  it.each([
    'podman',
    'podman.socket',
    'backup.timer',
    'multi-user.target',
    'system.slice',
    'init.scope',
    'dev-sda1.mount',
    'worker-pool@.service',
    '@one.service',
    '.service',
    '-podman.service',
    'a@b@c.service',
    'podman.service\n',
    'podman.service ssh.service',
    'podman.service","ssh.service',
    'a/b.service',
    '../a.service',
    'a\\x2db.service',
    'ä.service',
    '*.service',
    'a%i.service',
    `${'a'.repeat(250)}.service`,
  ])('cannot be %j', (unit) => {
    expect(issuesOf({ engine: { ...engine, unit } })[0]).toMatch(/^external\.engine\.unit: expected/);
  });

  it.each([
    'rovi-gateway.service',
    'rovi-nav.service',
    'rovi-own.service',
    'dbus.service',
    'dbus-broker.service',
    'polkit.service',
    'systemd-journald.service',
    'systemd-journald@ns.service',
    'systemd-logind.service',
    'systemd-udevd.service',
    'systemd-poweroff.service',
    'user@1000.service',
    'user-runtime-dir@0.service',
    'debug-shell.service',
    'emergency.service',
    'rescue.service',
    'getty@tty1.service',
  ])('cannot be %s, on which the robot or Rovi lives', (unit) => {
    expect(vitalUnit(unit)).not.toBeNull();
    expect(issuesOf({ engine: { ...engine, unit } })[0]).toMatch(/expected another unit: /);
  });

  it.each<[string, object, object, string]>([
    ['the name of a stack', { nav: engine }, {}, 'external.nav: expected a name that no stack has'],
    ['the name of a service', { web: engine }, { web }, 'external.web: expected a name that no service has'],
    [
      'the name of the gateway',
      { gateway: engine },
      {},
      'external.gateway: expected another name: "gateway" is the unit that runs the conductor',
    ],
    [
      'one unit twice',
      { engine, again: engine },
      {},
      'external.again.unit: expected a unit that no other entry has: it is that of "engine"',
    ],
    [
      'a verb twice',
      { engine: { ...engine, allow: ['stop', 'stop'] } },
      {},
      'external.engine.allow: expected each verb once',
    ],
    [
      'a service that conflicts with one',
      { engine },
      { web: { ...web, conflicts: ['engine'] } },
      'services.web.conflicts.0: expected a service: systemd would stop "engine", a unit of the system, whenever this one starts',
    ],
    [
      'a port by name',
      { engine: { ...engine, health: [{ probe: { type: 'tcp', port: 'web' } }] } },
      {},
      'external.engine.health.0.probe.port: expected a port number: Rovi does not know the ports of this unit, got "web"',
    ],
    [
      'the health of a container',
      { engine: { ...engine, health: [{ probe: { type: 'container' } }] } },
      {},
      'external.engine.health.0.probe.type: expected another type: this unit is no container of Rovi',
    ],
    [
      'a look at itself',
      { engine: { ...engine, health: [{ probe: { type: 'dependency', service: 'engine' } }] } },
      {},
      'external.engine.health.0.probe.service: expected another service or a stack of this catalog, got "engine"',
    ],
    [
      'a broker that there is not',
      { engine: { ...engine, health: [{ probe: { type: 'mqtt' } }] } },
      {},
      'external.engine.health.0.probe.type: expected an `mqtt:` with a broker in this catalog',
    ],
  ])('cannot have %s', (_, external, services, issue) => {
    expect(issuesOf(external, services)).toContain(issue);
  });

  it.each([['requires'], ['wants'], ['autostart'], ['command'], ['restart'], ['on_unhealthy']])(
    'say nothing of %s: that is the unit’s own',
    (key) => {
      expect(issuesOf({ engine: { ...engine, [key]: [] } })).toEqual([
        `external.engine: Unrecognized key: "${key}"`,
      ]);
    },
  );

  it('can be what services need', () => {
    const services = { web: { ...web, requires: ['engine'] }, api: { ...web, wants: ['engine'] } };
    expect(issuesOf({ engine }, services)).toEqual([]);
  });
});
