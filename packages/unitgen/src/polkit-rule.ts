import { stackUnit } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';
import { GENERATED } from './generated-file.js';

/**
 * The rule that lets the catalog's user and the members of its group start, stop and restart the stacks: exact unit
 * names, for a name that is free today may be given to a transient unit that runs anything as root. ES5: polkit runs
 * it in Duktape, or in an old SpiderMonkey. It grants or is silent: other rules and the defaults stay in force.
 */
export function polkitRule(catalog: Catalog): string {
  const units = Object.keys(catalog.stacks).map(stackUnit);
  return `// ${GENERATED}
polkit.addRule(function (action, subject) {
  if (action.id !== "org.freedesktop.systemd1.manage-units") {
    return undefined;
  }
  var units = ${list(units)};
  var verbs = ${list(['start', 'stop', 'restart'])};
  var unit = action.lookup("unit");
  var verb = action.lookup("verb");
  if (typeof unit !== "string" || units.indexOf(unit) < 0) {
    return undefined;
  }
  if (typeof verb !== "string" || verbs.indexOf(verb) < 0) {
    return undefined;
  }
  if (subject.user === ${word(catalog.user)} || subject.isInGroup(${word(catalog.group)})) {
    return polkit.Result.YES;
  }
  return undefined;
});
`;
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
