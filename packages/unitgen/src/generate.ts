import {
  absolutePath,
  DEFAULT_PREFIX,
  GATEWAY_UNIT,
  PATHS,
  RoviError,
  stackUnit as unitName,
} from '@rovi/contract';
import type { Catalog, Launch } from '@rovi/contract';
import { accounts } from './accounts.js';
import { gatewayUnit } from './gateway-unit.js';
import type { GeneratedFile, GenerateOptions } from './generated-file.js';
import { launchWords } from './launch-words.js';
import { polkitRule } from './polkit-rule.js';
import { runtimeFiles } from './runtime-files.js';
import { stackUnit } from './stack-unit.js';

/**
 * Everything that comes from a catalog, in a fixed order; the same catalog and prefix give the same bytes. Throws
 * `bad-request` for a prefix that is no plain absolute path.
 */
export function generate(
  catalog: Catalog,
  { prefix = DEFAULT_PREFIX }: GenerateOptions = {},
): GeneratedFile[] {
  const checked = absolutePath.safeParse(prefix);
  if (!checked.success) {
    throw new RoviError('bad-request', `the prefix ${JSON.stringify(prefix)} cannot be used`, {
      mend: checked.error.issues.map(({ message }) => message).join('; '),
    });
  }
  const stacks = Object.entries(catalog.stacks);
  return [
    file(`units/${GATEWAY_UNIT}`, `/etc/systemd/system/${GATEWAY_UNIT}`, gatewayUnit(catalog, prefix)),
    ...stacks.map(([name, stack]) =>
      file(
        `units/${unitName(name)}`,
        `/etc/systemd/system/${unitName(name)}`,
        stackUnit(name, stack, catalog, prefix),
      ),
    ),
    file('units/rovi.sysusers', '/etc/sysusers.d/rovi.conf', accounts(catalog)),
    file('units/rovi.tmpfiles', '/etc/tmpfiles.d/rovi.conf', runtimeFiles(catalog)),
    file('polkit/49-rovi.rules', '/etc/polkit-1/rules.d/49-rovi.rules', polkitRule(catalog)),
    ...stacks.map(([name, { launch }]) =>
      file(`env/stacks/${name}.args`, `${PATHS.stacks}/${name}.args`, argumentLines(launch)),
    ),
  ];
}

/** One argument a line, for `mapfile -t`: no header, as every line is an argument. */
function argumentLines(launch: Launch): string {
  const words = launchWords(launch);
  if (words.some((word) => /[\n\r\0]/.test(word)))
    throw new RoviError('internal', 'a launch argument holds a line end');
  return words.map((word) => `${word}\n`).join('');
}

function file(path: string, install: string, text: string): GeneratedFile {
  return { path, text, mode: 0o644, install };
}
