import { access, stat } from 'node:fs/promises';
import process from 'node:process';
import { homeOf } from '@rovi/contract';
import { runProgram } from '../run-program.js';
import { AS_ROOT, CheckList, type Check } from './check.js';
import type { Installation } from './installation.js';

/** What run_stack.sh itself does before it takes the lock: its own functions, without the launch. */
const script = `
source "$1" || { echo "$1 cannot be read"; exit 69; }
_rovi_environment >/dev/null || { status=$?; printf '%s\\n' "$_rovi_problem"; exit "$status"; }
printf '%s\\n' "$(type -P ros2)"
`;

/** Workspace, environment file and ros2, as a stack would find them: asked of the runner's own code, as the stacks' user. */
export async function checkEnvironment({
  catalog,
  prefix,
  accounts,
  root,
}: Installation): Promise<readonly Check[]> {
  const list = new CheckList('environment');
  // A console, or a robot with services alone, has no ROS and needs none.
  const lacks = (name: string, text: string, mend: string): void => {
    if (Object.keys(catalog.stacks).length > 0) list.fault(name, text, mend);
    else list.note(name, `${text}; the catalog has no stack that would need it`, mend);
  };
  const account = accounts.users.get(catalog.user);
  const self = account?.uid === process.getuid?.();
  const workspace = await stat(catalog.workspace).catch(
    (error: unknown) => (error as NodeJS.ErrnoException).code ?? '',
  );
  if (typeof workspace === 'object' && workspace.isDirectory()) list.ok('workspace', catalog.workspace);
  else if (workspace === 'EACCES')
    list.unknown('workspace', `${catalog.workspace} cannot be seen by this user`, AS_ROOT);
  else
    lacks(
      'workspace',
      `${catalog.workspace} is ${workspace === 'ENOENT' ? 'missing' : 'not a folder'}`,
      'correct `workspace:` in the catalog, generate and install',
    );

  const part = `${prefix}/lib/rovi/run_environment.sh`;
  const readable = await access(part).then(
    () => true,
    () => false,
  );
  if (!readable || (root && account === undefined)) {
    list.unknown(
      'env file, ros2',
      `${readable ? `user ${catalog.user}` : part} is missing`,
      'see the checks above',
    );
    return list.checks;
  }
  const ended = await runProgram('/bin/bash', ['--noprofile', '--norc', '-c', script, 'doctor', part], {
    deadlineMs: 30_000,
    // What is sourced belongs to the stacks' user: root must never run it as root.
    ...(root && account !== undefined ? { uid: account.uid, gid: account.gid } : {}),
    bare: true,
    env: { ROVI_ENV_FILE: catalog.env_file, HOME: homeOf(catalog), USER: catalog.user },
  });
  const said = ended.stdout.trim().split('\n').at(-1) ?? '';
  if (ended.code === 0) list.ok('env file, ros2', `${catalog.env_file}; ros2 is ${said}`);
  else if (!root && !self) list.unknown('env file, ros2', `not to be had for this user: ${said}`, AS_ROOT);
  else {
    const text = said || ended.stderr.trim() || 'sourcing the environment ended without a word';
    if (ended.code === 78) list.fault('env file, ros2', text, `correct ${catalog.env_file}`);
    else
      lacks(
        'env file, ros2',
        text,
        'install ROS, build the workspace (`colcon build`), or correct ROS_DISTRO in the env file',
      );
  }
  return list.checks;
}
