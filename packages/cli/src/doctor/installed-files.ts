import { constants } from 'node:fs';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { GATEWAY_UNIT, PATHS } from '@rovi/contract';
import type { GeneratedFile } from '@rovi/unitgen';
import { CheckList, AS_ROOT, type Check } from './check.js';
import type { Installation } from './installation.js';

const INSTALL_AGAIN =
  'run `install.sh` again with this catalog; own changes to a unit belong into a drop-in (`systemctl edit`)';

/** Whether what is installed is what the catalog generates, and the program itself is in place. */
export async function checkFiles({ generated, prefix }: Installation): Promise<readonly Check[]> {
  const list = new CheckList('files');
  const kinds: readonly (readonly [string, (path: string) => boolean])[] = [
    ['units', (path) => path.startsWith('/etc/systemd/')],
    ['polkit rule', (path) => path.startsWith('/etc/polkit-1/')],
    ['accounts file', (path) => path.startsWith('/etc/sysusers.d/')],
    ['runtime file', (path) => path.startsWith('/etc/tmpfiles.d/')],
    ['runner arguments', (path) => path.startsWith(`${PATHS.stacks}/`)],
    ['instances of services', (path) => path.startsWith(`${PATHS.services}/`)],
  ];
  for (const [name, belongs] of kinds) {
    const files = generated.filter(({ install }) => belongs(install));
    if (files.length > 0) await checkSet(list, name, files);
  }
  await checkStale(list, generated);
  await checkProgram(list, `${prefix}/lib/rovi`);
  return list.checks;
}

async function checkSet(list: CheckList, name: string, files: readonly GeneratedFile[]): Promise<void> {
  const found = await Promise.all(files.map(faultOf));
  const faults = found.flatMap((fault) => (fault === null || fault.kind === 'hidden' ? [] : [fault]));
  const hidden = found.filter((fault) => fault?.kind === 'hidden').length;
  const [only] = files;
  const what = files.length === 1 ? (only?.install ?? '') : `${String(files.length)} files`;
  if (faults.length > 0) list.fault(name, faults.map(({ text }) => text).join('\n'), INSTALL_AGAIN);
  else if (hidden > 0) list.unknown(name, `${what} cannot be read by this user`, AS_ROOT);
  else list.ok(name, `${what} as the catalog generates ${files.length === 1 ? 'it' : 'them'}`);
}

interface Fault {
  readonly kind: 'fault' | 'hidden';
  readonly text: string;
}

async function faultOf({ install, text }: GeneratedFile): Promise<Fault | null> {
  try {
    const found = await readFile(install, 'utf8');
    if (found !== text) return { kind: 'fault', text: `${install} differs${differenceOf(found, text)}` };
    const { uid, mode } = await stat(install);
    if (uid !== 0) return { kind: 'fault', text: `${install} belongs to uid ${String(uid)}, not to root` };
    if ((mode & 0o022) !== 0) return { kind: 'fault', text: `${install} can be written by others than root` };
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') return { kind: 'hidden', text: install };
    return {
      kind: 'fault',
      text: code === 'ENOENT' ? `${install} is missing` : `${install}: ${String(code)}`,
    };
  }
}

/** The first line that is not as expected: enough to see what kind of change it was. */
function differenceOf(found: string, expected: string): string {
  const lines = expected.split('\n');
  const at = found.split('\n').findIndex((line, index) => line !== lines[index]);
  const line = found.split('\n')[at];
  if (at === -1 || line === undefined) return ': it is shorter than generated';
  return ` in line ${String(at + 1)}: ${line.slice(0, 80) || '(empty)'}`;
}

/** Units, arguments and variables of what the catalog no longer has could still be started. */
async function checkStale(list: CheckList, generated: readonly GeneratedFile[]): Promise<void> {
  const expected = new Set(generated.map(({ install }) => install));
  const stale: string[] = [];
  for (const [folder, pattern] of [
    ['/etc/systemd/system', /^rovi-[a-z0-9_-]+@?\.service$/],
    [PATHS.stacks, /^[a-z0-9_-]+\.args$/],
    [PATHS.services, /^[a-z0-9_-]+@\d+\.env$/],
  ] as const) {
    for (const name of await readdir(folder).catch(() => [])) {
      const path = `${folder}/${name}`;
      if (pattern.test(name) && !expected.has(path)) stale.push(path);
    }
  }
  if (stale.length === 0) return;
  list.fault(
    'left-over files',
    stale.map((path) => `${path} belongs to nothing in the catalog`).join('\n'),
    'remove them, then `systemctl daemon-reload`; or run `install.sh` again',
  );
}

/** The program's files; true where they are run as programs. */
const program: readonly (readonly [string, boolean])[] = [
  [GATEWAY_UNIT.replace('.service', ''), true],
  ['rovi-gateway.mjs', false],
  ['rovictl.mjs', false],
  ['run_stack.sh', true],
  ['may_start.sh', true],
  ['run_gateway.sh', true],
  ['end_rest.sh', true],
  ['run_environment.sh', false],
];

async function checkProgram(list: CheckList, folder: string): Promise<void> {
  const faults: string[] = [];
  for (const [name, executable] of program) {
    const path = `${folder}/${name}`;
    try {
      await access(path, constants.R_OK);
      const { uid, mode } = await stat(path);
      if (executable && (mode & 0o111) === 0) faults.push(`${path} is not executable`);
      if (uid !== 0 || (mode & 0o022) !== 0) faults.push(`${path} can be changed by others than root`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      faults.push(`${path} ${code === 'ENOENT' ? 'is missing' : 'cannot be read'}`);
    }
  }
  if (faults.length === 0) list.ok('program', `${String(program.length)} files in ${folder}`);
  else
    list.fault(
      'program',
      faults.join('\n'),
      'run `install.sh` again (with --prefix where the program is elsewhere)',
    );
}
