import { describe, expect, it } from 'vitest';
import { catalogSchema } from './catalog.js';
import { instancePort } from './instance-ports.js';
import {
  containerName,
  healthUnit,
  servicePortSchema,
  serviceSchema,
  serviceUnit,
  serviceUnits,
} from './service-entry.js';

const video = { description: 'Video', command: ['/usr/bin/python3', '/opt/video.py'] };
const bus = { description: 'Bus', container: { image: 'localhost/bus:1' } };

function catalogWith(services: object, more: object = {}): object {
  return { version: 1, workspace: '/ws', env_file: '/ws/.env', stacks: {}, services, ...more };
}

function issuesOf(catalog: object): { path: PropertyKey[]; message: string }[] {
  return (catalogSchema.safeParse(catalog).error?.issues ?? []).map(({ path, message }) => ({
    path,
    message,
  }));
}

describe('serviceSchema', () => {
  it('fills in what a service leaves out', () => {
    expect(serviceSchema.parse(video)).toEqual({
      ...video,
      type: 'exec',
      environment: {},
      autostart: false,
      restart: 'on-failure',
      restart_delay: 1,
      category: 'service',
      priority: 100,
      critical: false,
      requires: [],
      wants: [],
      conflicts: [],
      ports: [],
      limits: {},
      instances: { min: 1, max: 1 },
      health: [],
      on_unhealthy: { action: 'none', attempts: 3, backoff: 1, backoff_max: 300 },
      crash_loop: { starts: 5, window: 60, cooldown: 30, tries: 3 },
      timeouts: { start: 30, stop: 10 },
    });
    expect(serviceSchema.parse(bus).container).toEqual({
      image: 'localhost/bus:1',
      command: [],
      volumes: [],
      devices: [],
      networks: ['host'],
      labels: {},
    });
  });

  it('reads numbers and truth values as the words that a program takes', () => {
    const { command, environment } = serviceSchema.parse({
      ...video,
      command: ['/bin/video', 8080, true],
      environment: { RATE: 30, COLOUR: false },
    });
    expect(command).toEqual(['/bin/video', '8080', 'true']);
    expect(environment).toEqual({ RATE: '30', COLOUR: 'false' });
  });

  it.each([
    ['neither command nor container', { command: undefined }, ['command']],
    ['both', { container: bus.container }, ['command']],
    ['a program that systemd would have to look for', { command: ['python3'] }, ['command', 0]],
    ['no program', { command: [] }, ['command']],
    ['a word with a line end', { command: ['/bin/a', 'b\nUser=root'] }, ['command', 1]],
    ['a value with a line end', { environment: { A: 'b\nUser=root' } }, ['environment', 'A']],
    ['a variable of no name', { environment: { 'A B': 'c' } }, ['environment', 'A B']],
    ['a relative folder', { working_directory: 'video' }, ['working_directory']],
    ['a restart that systemd does not know', { restart: 'sometimes' }, ['restart']],
    ['no instance', { instances: { min: 0, max: 2 } }, ['instances', 'min']],
    ['more instances than it may have', { instances: { min: 3, max: 2 } }, ['instances', 'min']],
    ['51 instances', { instances: { min: 1, max: 51 } }, ['instances', 'max']],
    ['a limit that is no size', { limits: { memory: '1 GB' } }, ['limits', 'memory']],
    ['an unknown limit', { limits: { disk: 1 } }, ['limits']],
    [
      'a port twice',
      {
        ports: [
          { name: 'a', port: 1 },
          { name: 'a', port: 2 },
        ],
      },
      ['ports'],
    ],
    ['a port beyond the last', { ports: [65_536] }, ['ports', 0, 'port']],
    [
      'a second instance with a port beyond the last',
      { ports: [65_535], instances: { max: 2 } },
      ['ports', 0],
    ],
    [
      'a second instance with a port of the first',
      { ports: [8_080, 8_081], instances: { max: 2 } },
      ['ports', 1],
    ],
    ['one port twice', { ports: [8_080, 8_080] }, ['ports', 1]],
    [
      'a check of a port that has no such name',
      { health: [{ probe: { type: 'tcp', port: 'web' } }] },
      ['health', 0, 'probe', 'port'],
    ],
    [
      'a check of the container of a program',
      { health: [{ probe: { type: 'container' } }] },
      ['health', 0, 'probe', 'type'],
    ],
    [
      'a startup check of another service',
      { health: [{ probe: { type: 'dependency', service: 'x' }, role: 'startup' }] },
      ['health', 0, 'role'],
    ],
    ['a crash loop of no start', { crash_loop: { starts: 0 } }, ['crash_loop', 'starts']],
    ['an endless stop', { timeouts: { stop: 601 } }, ['timeouts', 'stop']],
  ])('refuses %s', (_, change, path) => {
    const result = serviceSchema.safeParse({ ...video, ...change });
    expect(result.error?.issues.map((issue) => issue.path)).toContainEqual(path);
  });

  it.each([
    ['a user of its own', { user: 'rovi' }],
    ['a way out of a volume', { container: { ...bus.container, volumes: ['/a/../b:/c'] } }],
    ['an option as a volume', { container: { ...bus.container, volumes: ['--privileged:/c'] } }],
    ['an option as an image', { container: { image: '--privileged' } }],
    ['no network at all', { container: { ...bus.container, networks: [] } }],
  ])('refuses a container with %s', (_, change) => {
    expect(serviceSchema.safeParse({ ...bus, ...change }).success).toBe(false);
  });

  it('lets instances share a number over two protocols, or with steps that keep them apart', () => {
    for (const ports of [
      ['53:53/udp', '53:53/tcp'],
      [
        { port: 8_080, step: 2 },
        { port: 8_081, step: 2 },
      ],
    ]) {
      expect(serviceSchema.safeParse({ ...video, ports, instances: { max: 4 } }).success).toBe(true);
    }
  });

  it('reads ports in the short forms of compose', () => {
    expect([8080, '8080', '8080:80', '53:53/udp'].map((port) => servicePortSchema.parse(port))).toEqual([
      { port: 8080, container: 8080, step: 1, protocol: 'tcp', address: '0.0.0.0' },
      { port: 8080, container: 8080, step: 1, protocol: 'tcp', address: '0.0.0.0' },
      { port: 8080, container: 80, step: 1, protocol: 'tcp', address: '0.0.0.0' },
      { port: 53, container: 53, step: 1, protocol: 'udp', address: '0.0.0.0' },
    ]);
    expect(servicePortSchema.safeParse('80:').success).toBe(false);
    expect(servicePortSchema.safeParse('0').success).toBe(false);
  });
});

describe('text of a service', () => {
  it.each(['\u{fffe}', '\u{10fffe}', '\u{fdd0}', '\ud800', '\u0007', 'a\nb', '\u2028', 'a\\ '])(
    'refuses %j, which systemd would not take for text on one line',
    (text) => {
      expect(serviceSchema.safeParse({ ...video, command: ['/bin/echo', text] }).success).toBe(false);
      expect(serviceSchema.safeParse({ ...video, environment: { A: text } }).success).toBe(false);
    },
  );

  it.each(['', 'ä ☃ 🤖', '"quoted" $HOME %i', "it's"])('takes %j', (text) => {
    expect(serviceSchema.safeParse({ ...video, command: ['/bin/echo', text] }).success).toBe(true);
  });

  it('refuses noncharacters in a description as well', () => {
    expect(serviceSchema.safeParse({ ...video, description: 'a\u{fffe}b' }).success).toBe(false);
  });
});

describe('services beside one another', () => {
  it('takes those that need, want and exclude one another in one direction', () => {
    const services = {
      api: { ...video, requires: ['db'], wants: ['camera'] },
      camera: { ...video, conflicts: ['simulator'] },
      db: video,
      simulator: video,
    };
    expect(issuesOf(catalogWith(services))).toEqual([]);
  });

  it.each([
    [
      'one that is not there',
      { a: { ...video, requires: ['b'] } },
      ['a', 'requires', 0],
      'expected a service of this catalog, got "b"',
    ],
    [
      'a stack as a dependency',
      { a: { ...video, wants: ['nav'] } },
      ['a', 'wants', 0],
      'expected a service of this catalog, got "nav"',
    ],
    ['itself', { a: { ...video, wants: ['a'] } }, ['a', 'wants', 0], 'expected another service than itself'],
    [
      'one that is required and wanted',
      { a: { ...video, requires: ['b'], wants: ['b'] }, b: video },
      ['a', 'wants', 0],
      'expected "b" once: it is in requires already',
    ],
    [
      'a circle, by its names',
      {
        a: { ...video, requires: ['b'] },
        b: { ...video, wants: ['c'] },
        c: { ...video, requires: ['a'] },
      },
      ['a', 'requires', 0],
      'expected no circle of dependencies: a → b → c → a',
    ],
    [
      'a circle that begins with what is only wanted',
      { a: { ...video, requires: ['c'], wants: ['b'] }, b: { ...video, requires: ['a'] }, c: video },
      ['a', 'wants', 0],
      'expected no circle of dependencies: a → b → a',
    ],
    [
      'a conflict with what it needs by way of others',
      { a: { ...video, requires: ['b'], conflicts: ['c'] }, b: { ...video, wants: ['c'] }, c: video },
      ['a', 'conflicts', 0],
      'expected none that it needs: "c"',
    ],
    [
      'a conflict with what needs it',
      { a: { ...video, requires: ['b'] }, b: { ...video, conflicts: ['a'] } },
      ['b', 'conflicts', 0],
      'expected none that needs it: "a"',
    ],
    [
      'needs that exclude one another, once, where they come together',
      {
        top: { ...video, requires: ['a'] },
        a: { ...video, wants: ['d'], requires: ['b', 'c'] },
        b: video,
        c: { ...video, requires: ['e'] },
        d: video,
        e: { ...video, conflicts: ['b'] },
      },
      ['a', 'requires', 1],
      'expected that all it needs can run together: "e" conflicts with "b"',
    ],
    [
      'two that boot would start together',
      {
        a: { ...video, autostart: true, requires: ['b'] },
        b: { ...video, conflicts: ['c'] },
        c: { ...video, autostart: true },
      },
      ['b', 'conflicts', 0],
      'expected none that is started at boot beside it: "a" has autostart and needs "b", "c" has autostart',
    ],
    [
      'a dependency on a name of every object',
      { a: { ...video, requires: ['constructor'] } },
      ['a', 'requires', 0],
      'expected a service of this catalog, got "constructor"',
    ],
  ])('refuses %s', (_, services, path, message) => {
    const stacks = { nav: { description: 'N', launch: { package: 'ab', file: 'x.launch.py' } } };
    expect(issuesOf(catalogWith(services, { stacks }))).toEqual([{ path: ['services', ...path], message }]);
  });

  it.each([
    ['the gateway', { gateway: video }, ['services', 'gateway']],
    ['a stack', { nav: video }, ['services', 'nav']],
    ["the unit of a container's health", { bus, 'bus-health': video }, ['services', 'bus-health']],
  ])('refuses one with the name of %s', (_, services, path) => {
    const stacks = { nav: { description: 'N', launch: { package: 'ab', file: 'x.launch.py' } } };
    expect(issuesOf(catalogWith(services, { stacks })).map((issue) => issue.path)).toContainEqual(path);
  });

  it('refuses a check of a broker without one, and of a service that is not there', () => {
    const health = [{ probe: { type: 'mqtt' } }, { probe: { type: 'dependency', service: 'b' } }];
    expect(issuesOf(catalogWith({ a: { ...video, health } })).map(({ path }) => path)).toEqual([
      ['services', 'a', 'health', 0, 'probe', 'type'],
      ['services', 'a', 'health', 1, 'probe', 'service'],
    ]);
    const mqtt = { broker: 'mqtt://127.0.0.1' };
    expect(issuesOf(catalogWith({ a: { ...video, health }, b: video }, { mqtt }))).toEqual([]);
  });

  it('refuses more than a bus and a person can carry', () => {
    const many = (count: number, max: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, n) => [`s${String(n)}`, { ...video, instances: { max } }]),
      );
    expect(issuesOf(catalogWith(many(500, 2)))).toEqual([]);
    expect(issuesOf(catalogWith(many(501, 1))).map(({ path }) => path)).toEqual([['services']]);
    expect(issuesOf(catalogWith(many(21, 50))).map(({ path }) => path)).toEqual([['services']]);
  });
});

describe('names that come from a service', () => {
  const one = serviceSchema.parse(video);
  const many = serviceSchema.parse({ ...video, instances: { min: 2, max: 3 } });

  it('gives each instance one unit, one container and one asker', () => {
    expect(serviceUnits('video', one)).toEqual(['rovi-video.service']);
    expect(serviceUnits('video', many)).toEqual([1, 2, 3].map((n) => `rovi-video@${n}.service`));
    expect([
      serviceUnit('video', many, 2),
      healthUnit('video', many, 2),
      containerName('video', many, 2),
    ]).toEqual(['rovi-video@2.service', 'rovi-video-health@2.service', 'rovi-video.2']);
    expect([healthUnit('video', one), containerName('video', one)]).toEqual([
      'rovi-video-health.service',
      'rovi-video',
    ]);
  });

  it('gives each instance its port', () => {
    const port = servicePortSchema.parse({ port: 8000, step: 10 });
    expect([1, 2, 3].map((instance) => instancePort(port, instance))).toEqual([8000, 8010, 8020]);
  });
});
