import { basename, dirname } from 'node:path';

/** What to type to put the file beside, in a folder, with the log that SQLite keeps next to it. */
export function moveAway(path: string, name: string): string {
  const folder = `${path}.${name}`;
  return `\`mkdir ${folder} && find ${dirname(path)} -maxdepth 1 -type f -name '${basename(path)}*' -exec mv -t ${folder} {} +\``;
}
