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
});

/** Catalogs that the schema takes, with whatever hostile value it lets pass. */
export const acceptedCatalog: fc.Arbitrary<Catalog> = catalogInput
  .map((input) => catalogSchema.safeParse(input))
  .filter((result) => result.success)
  .map((result) => result.data);
