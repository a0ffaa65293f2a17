import { healthUnit, serviceUnits, stackUnit } from '@rovi/contract';
import type { Catalog, ExternalVerb } from '@rovi/contract';
import { containerHealthUnit, isContainer } from './container-unit.js';
import { GENERATED } from './generated-file.js';

/**
 * The rule that lets the catalog's user and the members of its group start, stop and restart stacks and services: exact
 * unit names, for a name that is free today may be given to a transient unit that runs anything as root. So each of them
 * must have a unit file, or be an instance of a template that has one. Services may be reset when systemd has given them
 * up; a stack may not, its start limit is for people. Of a unit that Rovi did not make, the verbs that the catalog says;
 * and as its file may be gone with its package while its name stays here, a start is granted only while there is one
 * (docs/decisions/0028). ES5: polkit runs it in Duktape, or in an old SpiderMonkey. It grants or is silent: other rules and
 * the defaults stay in force.
 */
export function polkitRule(catalog: Catalog): string {
  const stacks = Object.keys(catalog.stacks).map(stackUnit);
  const services = Object.entries(catalog.services).flatMap(([name, service]) => [
    ...serviceUnits(name, service),
    ...(isContainer(service) && containerHealthUnit(name, service) !== undefined
      ? serviceUnits(name, service).map((_, index) => healthUnit(name, service, index + 1))
      : []),
  ]);
  return `// ${GENERATED}
polkit.addRule(function (action, subject) {
  if (action.id !== "org.freedesktop.systemd1.manage-units") {
    return undefined;
  }
  var stacks = ${list(stacks)};
  var services = ${list(services)};
  var verbs = ${list(['start', 'stop', 'restart'])};
  var unit = action.lookup("unit");
  var verb = action.lookup("verb");
  if (typeof unit !== "string" || typeof verb !== "string") {
    return undefined;
  }
${externalPart(catalog)}  var isService = services.indexOf(unit) >= 0;
  if (!isService && stacks.indexOf(unit) < 0) {
    return undefined;
  }
  if (verbs.indexOf(verb) < 0 && !(isService && verb === "reset-failed")) {
    return undefined;
  }
  if (${isOperator(catalog)}) {
    return polkit.Result.YES;
  }
  return undefined;
});
`;
}

function isOperator({ user, group }: Catalog): string {
  return `subject.user === ${word(user)} || subject.isInGroup(${word(group)})`;
}

/** Where systemd looks for the files of units that are there to stay, generated ones among them (systemd.unit(5)). */
const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/run/systemd/generator.early',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/run/systemd/generator.late',
];

/** The part on units that Rovi did not make; empty where operators may command none. */
function externalPart(catalog: Catalog): string {
  const commanded = Object.values(catalog.external).filter(({ allow }) => allow.length > 0);
  if (commanded.length === 0) return '';
  const rows = commanded.map(({ unit, allow }) => `[${[unit, ...verbsOf(allow)].map(word).join(', ')}]`);
  return `  // [unit, verb, ...]
  var external = [
    ${rows.join(',\n    ')}
  ];
  for (var at = 0; at < external.length; at += 1) {
    if (external[at][0] === unit) {
      if (external[at].indexOf(verb, 1) < 0 || !(${isOperator(catalog)})) {
        return undefined;
      }
      if (verb !== "start") {
        return polkit.Result.YES;
      }
      // A name without a file may be given to a transient unit, by a start. Throws where there is none.
      try {
        polkit.spawn(["/bin/sh", "-c", ${word(looking)}, "sh", unit, unit.replace(/@.*[.]/, "@.")]);
        return polkit.Result.YES;
      } catch (none) {
        return undefined;
      }
    }
  }
`;
}

/** Exits with 0 where one of two names, a unit and the template that it may be of, is the name of a unit's file. */
const looking = `for folder in ${unitFolders.join(' ')}; do test -e "$folder/$1" && exit; test -e "$folder/$2" && exit; done; exit 1`;

/** The verbs as systemd asks polkit for them. Who may start a unit may have systemd forget that it gave it up. */
function verbsOf(allow: readonly ExternalVerb[]): string[] {
  return [...allow, ...(allow.includes('start') ? ['reset-failed'] : [])];
}

function list(words: readonly string[]): string {
  if (words.length <= 3) return `[${words.map(word).join(', ')}]`;
  return `[\n${words.map((each) => `    ${word(each)}`).join(',\n')}\n  ]`;
}

/** A string literal of ES5: JSON's, with everything outside ASCII escaped (U+2028 ends a line in ES5). */
function word(text: string): string {
  return JSON.stringify(text).replace(
    /[^\u0020-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
