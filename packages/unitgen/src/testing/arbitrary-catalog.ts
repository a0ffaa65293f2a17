import { catalogSchema } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';
import fc from 'fast-check';

/** Text of the characters that mean something to systemd, a shell, JavaScript, YAML, sysusers.d or tmpfiles.d. */
export const hostileText = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      ...'\n\r\t\0\\"\'`$%;:=#@!|&<>(){}[]*?~^,-+ ',
      '\u2028',
      '\u2029',
      '\u0085',
      '\u00a0',
      'é',
      '\u{1f916}',
      '\ud800',
      'a',
      '%h',
      '${HOME}',
      '$(id)',
      '\nUser=root\n',
      '*/',
      '\\\n',
      ' \\ ',
    ),
    maxLength: 12,
  }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Mostly good words, so that catalogs get past the schema, with a hostile one now and then. */
function words(...good: string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...good), weight: 40 },
    {
      arbitrary: fc.tuple(fc.constantFrom(...good), hostileText).map(([start, rest]) => start + rest),
      weight: 1,
    },
  );
}

/** The same on one line, as the schema lets it pass, and now and then as it is. */
const hostileLine = fc.oneof(
  { arbitrary: hostileText.map(onOneLine), weight: 60 },
  { arbitrary: hostileText, weight: 1 },
);

function onOneLine(text: string): string {
  return text.replace(/\p{Cc}|\p{Surrogate}|[\u2028\u2029]/gu, '').replace(/[\\\s]+$/u, '');
}

const serviceNames = ['video', 'api', 'bus', 'lidar', 'a-b', 'constructor'] as const;
const someServices = fc.uniqueArray(words(...serviceNames), { maxLength: 2 });
const seconds = fc.integer({ min: 1, max: 100 });
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const probe = fc.oneof(
  fc.record({
    type: fc.constantFrom('tcp', 'http'),
    host: words('127.0.0.1', 'localhost', '10.0.0.7'),
    port: fc.constant(80),
  }),
  fc.constant({ type: 'process' }),
  fc.record({ type: fc.constant('i2c'), bus: fc.constant(1) }),
);

const whatRuns = fc.oneof(
  fc.record({
    command: fc
      .tuple(
        words('/usr/bin/python3', '/opt/video'),
        fc.array(fc.oneof(words('-v', ''), hostileLine), { maxLength: 3 }),
      )
      .map(([program, rest]) => [program, ...rest]),
    user: optional(words('rovi', 'root', 'camera')),
    working_directory: optional(words('/opt/video')),
    environment_file: optional(words('/etc/video.env')),
  }),
  fc.record({
    container: fc.record({
      image: words('localhost/bus:1'),
      command: fc.array(fc.oneof(words('run'), hostileLine), { maxLength: 2 }),
      volumes: fc.constantFrom([], ['/srv/data:/data:ro', 'store:/store']),
      networks: fc.constantFrom(['host'], ['none'], ['robot']),
      labels: fc.dictionary(words('role'), hostileLine, { maxKeys: 1 }),
    }),
  }),
);

/** A service as YAML could say it. Its dependencies are names that may or may not be there, in circles or not. */
const serviceInput = fc
  .record({
    description: fc.oneof(
      fc.constant('Video'),
      hostileLine.map((text) => `Video ${text}`),
    ),
    what: whatRuns,
    type: fc.constantFrom('exec', 'notify'),
    environment: fc.dictionary(words('RATE', 'A'), fc.oneof(words('15', '', 'a b'), hostileLine), {
      maxKeys: 2,
    }),
    autostart: fc.boolean(),
    restart: fc.constantFrom('never', 'on-failure', 'always', 'unless-stopped'),
    requires: someServices,
    wants: someServices,
    conflicts: fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, { arbitrary: someServices, weight: 1 }),
    ports: fc.uniqueArray(
      fc.record({ name: words('web', 'ws'), port: fc.integer({ min: 1, max: 60_000 }) }),
      {
        maxLength: 2,
        selector: ({ name }) => name,
      },
    ),
    limits: fc.record({
      memory: optional(fc.constantFrom('64M', 70_000)),
      cpu: optional(seconds),
      nice: optional(fc.integer({ min: -20, max: 19 })),
    }),
    instances: fc.constantFrom({}, { max: 1 }, { min: 2, max: 3 }),
    health: fc.array(fc.record({ probe }), { maxLength: 1 }),
    timeouts: fc.record({ start: seconds, stop: seconds }),
  })
  .map(({ what, ...rest }) => ({ ...rest, ...what }));

/**
 * Services of a catalog. In most, dependencies lead to earlier names alone, or the schema would refuse nearly all.
 */
export const servicesInput = fc
  .tuple(
    fc.uniqueArray(words(...serviceNames), { maxLength: 5 }),
    fc.array(serviceInput, { minLength: 5, maxLength: 5 }),
    fc.integer({ max: 9, min: 0 }),
  )
  .map(([names, inputs, wild]) => {
    const earlier = (index: number, wanted: readonly string[]) =>
      wild === 0 ? wanted : wanted.filter((name) => names.slice(0, index).includes(name));
    return Object.fromEntries(
      names.map((name, index) => {
        const input = inputs[index % inputs.length] as (typeof inputs)[number];
        const requires = earlier(index, input.requires);
        const wants = earlier(index, input.wants).filter((each) => wild === 0 || !requires.includes(each));
        return [name, { ...input, requires, wants, conflicts: earlier(index, input.conflicts) }];
      }),
    );
  });

/** What YAML could say; not every one is a catalog. Descriptions are free text, so that there the schema lets most pass. */
export const catalogInput = fc.record({
  version: fc.constant(1),
  user: words('rovi', 'robot-1', '_r'),
  group: words('rovi-ops', 'rovi', 'ops'),
  home: fc.option(words('/home/rovi', '/srv/r@1'), { nil: undefined }),
  workspace: words('/home/rovi/ws', '/opt/w+x'),
  env_file: words('/home/rovi/ws/.env.robot'),
  lock_wait: fc.integer({ min: 1, max: 60 }),
  gateway: fc.record({
    description: fc.oneof(fc.constant('Gateway'), hostileText),
    run: fc.oneof(
      fc.constant('conductor'),
      fc.record({
        package: words('rovi_bringup'),
        file: words('gateway.launch.py'),
        arguments: fc.dictionary(words('a', 'b'), words('', '1', 'x:=y'), { maxKeys: 2 }),
      }),
    ),
  }),
  stacks: fc.dictionary(
    words('nav', 'teleop', 'a-b', 'a_b', 'constructor', 'valueof'),
    fc.record({
      description: fc.oneof(fc.constant('Drive'), hostileText),
      launch: fc.record({
        package: words('rovi_bringup', 'ab'),
        file: words('rovi.launch.py', 'x.xml'),
        arguments: fc.dictionary(words('stack', 'rviz', 'a'), words('nav', '', '-1', '/dev/tty@0', 'a=b:c'), {
          maxKeys: 3,
        }),
      }),
    }),
    { maxKeys: 4 },
  ),
  services: fc.oneof({ arbitrary: fc.constant({}), weight: 2 }, { arbitrary: servicesInput, weight: 1 }),
});

/** Catalogs that the schema takes, with whatever hostile value it lets pass. */
export const acceptedCatalog: fc.Arbitrary<Catalog> = catalogInput
  .map((input) => catalogSchema.safeParse(input))
  .filter((result) => result.success)
  .map((result) => result.data);

/** Catalogs that the schema takes, of services: all else is plain. */
export const catalogOfServices: fc.Arbitrary<Catalog> = servicesInput
  .map((services) =>
    catalogSchema.safeParse({ version: 1, workspace: '/ws', env_file: '/ws/.env', stacks: {}, services }),
  )
  .filter((result) => result.success)
  .map((result) => result.data);
