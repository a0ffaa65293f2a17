import {
  absolutePath,
  DEFAULT_PREFIX,
  GATEWAY_UNIT,
  PATHS,
  RoviError,
  SERVICES_TARGET,
  stackUnit as unitName,
} from '@rovi/contract';
import type { Catalog, Launch, ServiceEntry } from '@rovi/contract';
import { accounts } from './accounts.js';
import { gatewayUnit } from './gateway-unit.js';
import { containerHealthUnit, isContainer } from './container-unit.js';
import { GENERATED } from './generated-file.js';
import type { GeneratedFile, GenerateOptions } from './generated-file.js';
import { launchWords } from './launch-words.js';
import { polkitRule } from './polkit-rule.js';
import { runtimeFiles } from './runtime-files.js';
import { instanceFile, instanceVariables, isTemplate, serviceUnit, serviceUnitFile } from './service-unit.js';
import { servicesTarget } from './services-target.js';
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
  const services = Object.entries(catalog.services);
  return [
    unit(GATEWAY_UNIT, gatewayUnit(catalog, prefix)),
    ...stacks.map(([name, stack]) => unit(unitName(name), stackUnit(name, stack, catalog, prefix))),
    ...services.flatMap(([name, service]) => [
      unit(serviceUnitFile(name, service), serviceUnit(name, service, catalog, prefix)),
      ...healthOf(name, service),
    ]),
    unit(SERVICES_TARGET, servicesTarget(catalog)),
    file('units/rovi.sysusers', '/etc/sysusers.d/rovi.conf', accounts(catalog)),
    file('units/rovi.tmpfiles', '/etc/tmpfiles.d/rovi.conf', runtimeFiles(catalog)),
    file('polkit/49-rovi.rules', '/etc/polkit-1/rules.d/49-rovi.rules', polkitRule(catalog)),
    ...stacks.map(([name, { launch }]) =>
      file(`env/stacks/${name}.args`, `${PATHS.stacks}/${name}.args`, argumentLines(launch)),
    ),
    ...services.flatMap(([name, service]) => instanceFiles(name, service)),
  ];
}

function healthOf(name: string, service: ServiceEntry): GeneratedFile[] {
  const text = isContainer(service) ? containerHealthUnit(name, service) : undefined;
  if (text === undefined) return [];
  return [unit(serviceUnitFile(`${name}-health`, service), text)];
}

/** The variables of each instance that may be; without its file an instance does not start. */
function instanceFiles(name: string, service: ServiceEntry): GeneratedFile[] {
  if (!isTemplate(service)) return [];
  return Array.from({ length: service.instances.max }, (_, index) => {
    const path = instanceFile(name, index + 1);
    const lines = instanceVariables(service, index + 1).map(([variable, value]) => `${variable}=${value}\n`);
    return file(path.replace(/^\/etc\/rovi\//, 'env/'), path, `# ${GENERATED}\n${lines.join('')}`);
  });
}

/** One argument a line, for `mapfile -t`: no header, as every line is an argument. */
function argumentLines(launch: Launch): string {
  const words = launchWords(launch);
  if (words.some((word) => /[\n\r\0]/.test(word)))
    throw new RoviError('internal', 'a launch argument holds a line end');
  return words.map((word) => `${word}\n`).join('');
}

function unit(name: string, text: string): GeneratedFile {
  return file(`units/${name}`, `/etc/systemd/system/${name}`, text);
}

function file(path: string, install: string, text: string): GeneratedFile {
  return { path, text, mode: 0o644, install };
}
