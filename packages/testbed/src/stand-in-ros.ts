import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { CommandResult } from './command.js';
import { REPOSITORY } from './host.js';
import type { Robot } from './robot.js';
import { TestbedError } from './testbed-error.js';

const PROGRAMS = fileURLToPath(new URL('../programs/', import.meta.url));
/** Where the stand-in's ROS distribution is on a robot. */
export const ROS = '/opt/ros/jazzy';
const BEHAVIOURS = '/etc/rovi-testbed';

/** One process that the stand-in `ros2 launch` starts. */
export interface StandInNode {
  /** Its comm (cut to 15 characters by the kernel) and the base name of its argv[0]. */
  name: string;
  /** Lives on after SIGINT, so that launch escalates to SIGTERM after 5 s. */
  ignoresSigint?: boolean;
  /** Lives on after SIGTERM too: with `ignoresSigint`, launch kills it after 10 s. */
  ignoresSigterm?: boolean;
  /** Detaches as a daemon does: launch believes it ended, it ignores SIGINT and SIGTERM and keeps the stack lock. */
  outlivesLaunch?: boolean;
  /** Closes the descriptors it was handed, the stack lock with them. */
  dropsLock?: boolean;
  exitAfterMs?: number;
  /** With `exitAfterMs`; default 0. */
  exitCode?: number;
  startDelayMs?: number;
  /** Its end ends the launch. */
  required?: boolean;
  /** Runs this instead of a stand-in node; the other behaviours but `startDelayMs` and `required` are then its own. */
  command?: string[];
}

/** What `ros2 launch` does for one stack. */
export interface StackBehaviour {
  nodes: StandInNode[];
  /** Launch fails by itself: it ends its nodes and exits with `code`. */
  launchExit?: { afterMs: number; code: number };
}

/** How ROS and Rovi come onto a robot. */
export interface InstallOptions {
  /** Text of a catalog; default the repository's `rovi.yaml`. */
  catalog?: string;
  /** Text of the catalog's env file; default the repository's `env/.env.robot`, for the catalog's workspace. */
  environment?: string;
  /** The robot has a ROS and a workspace of its own: no stand-in is put there. Default false. */
  hasRos?: boolean;
  /** More arguments for `install.sh`. */
  args?: readonly string[];
}

interface CatalogFacts {
  user: string;
  home: string;
  workspace: string;
  envFile: string;
  stacks: { key: string; processes: string[] }[];
}

/**
 * What an admin has before Rovi comes: the robot's account with its home, a ROS distribution whose `ros2` is the
 * stand-in, a built workspace, and root's env file for it. Each stack of the catalog starts the processes it is expected to.
 */
export async function installRos(robot: Robot, options: InstallOptions = {}): Promise<void> {
  const facts = readFacts(options.catalog ?? (await readFile(join(REPOSITORY, 'rovi.yaml'), 'utf8')));
  const account = ['useradd', '--create-home', '--home-dir', facts.home, '--shell', '/bin/bash', facts.user];
  const known = await robot.exec(['getent', 'passwd', facts.user], { check: false });
  if (known.code !== 0) await robot.exec(account);
  const shipped = await readFile(join(REPOSITORY, 'env/.env.robot'), 'utf8');
  const environment =
    options.environment ?? shipped.replace(/^ROVI_ROS_WS_DIR=.*$/m, `ROVI_ROS_WS_DIR=${facts.workspace}`);
  const setup = [
    'export ROS_DISTRO=jazzy ROS_VERSION=2',
    `export PATH="${ROS}/bin\${PATH:+:$PATH}"`,
    `export AMENT_PREFIX_PATH="${ROS}\${AMENT_PREFIX_PATH:+:$AMENT_PREFIX_PATH}"`,
    '',
  ].join('\n');
  const files: TreeEntry[] = [
    { path: `${ROS}/bin/ros2`, text: await readFile(`${PROGRAMS}ros2`, 'utf8'), mode: 0o755 },
    { path: `${ROS}/lib/node.py`, text: await readFile(`${PROGRAMS}node.py`, 'utf8') },
    { path: `${ROS}/setup.bash`, text: setup },
    { path: `${facts.workspace}/install/setup.bash`, text: `source ${ROS}/setup.bash\n`, owner: facts.user },
    { path: facts.envFile, text: environment },
  ];
  const stacks = facts.stacks.flatMap(({ key, processes }) =>
    stackEntries(key, { nodes: processes.map((name) => ({ name })) }),
  );
  await writeTree(robot, options.hasRos === true ? files.slice(-1) : [...files, ...stacks]);
}

/** Does `installRos`, then runs `install.sh` as root in the robot. Throws a CommandError if that fails. */
export async function installRovi(robot: Robot, options: InstallOptions = {}): Promise<CommandResult> {
  await installRos(robot, options);
  let catalog = '/opt/rovi-src/rovi.yaml';
  if (options.catalog !== undefined) {
    catalog = '/root/rovi.yaml';
    await robot.writeFile(catalog, options.catalog);
  }
  return robot.exec(['/opt/rovi-src/install.sh', '--catalog', catalog, ...(options.args ?? [])]);
}

/**
 * Sets what the next `ros2 launch` of a stack does; one that runs is not touched. `stack` is the value of the
 * launch's argument `stack:=`, else its file's name up to the first dot (`gateway` for `gateway.launch.py`).
 */
export async function setStack(robot: Robot, stack: string, behaviour: StackBehaviour): Promise<void> {
  await writeTree(robot, stackEntries(stack, behaviour));
}

/** A file or link of a robot. Folders on the way to it are made. */
export interface TreeEntry {
  path: string;
  text?: string;
  mode?: number;
  owner?: string;
  link?: string;
}

function stackEntries(stack: string, behaviour: StackBehaviour): TreeEntry[] {
  const programs = behaviour.nodes.filter((node) => node.command === undefined);
  return [
    { path: `${BEHAVIOURS}/${stack}.json`, text: JSON.stringify(behaviour, undefined, 2) },
    ...programs.map(({ name }) => ({ path: `${ROS}/lib/rovi_testbed/${name}`, link: '/usr/bin/python3' })),
  ];
}

// Folders made on the way belong to the entry's owner; files appear whole, by rename.
const WRITE_TREE = `
import json, os, pwd, sys
def own(path, owner):
    if owner:
        account = pwd.getpwnam(owner)
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
def folder(path, owner):
    if not os.path.isdir(path):
        folder(os.path.dirname(path), owner)
        os.mkdir(path)
        own(path, owner)
for entry in json.load(sys.stdin):
    path, owner = entry["path"], entry.get("owner")
    folder(os.path.dirname(path), owner)
    new = path + ".new"
    if "link" in entry:
        if os.path.lexists(path):
            continue
        os.symlink(entry["link"], new)
    else:
        with open(new, "w") as file:
            file.write(entry["text"])
        os.chmod(new, entry.get("mode", 0o644))
    own(new, owner)
    os.rename(new, path)
`;

/** Writes many files in one go. */
export async function writeTree(robot: Robot, entries: TreeEntry[]): Promise<void> {
  await robot.exec(['python3', '-ISE', '-c', WRITE_TREE], { input: JSON.stringify(entries) });
}

/** Only what is needed here: whether a catalog is good is for Rovi to say. */
function readFacts(text: string): CatalogFacts {
  const catalog = parse(text) as {
    user?: string;
    home?: string;
    workspace?: string;
    env_file?: string;
    stacks?: Record<string, StackFacts>;
  };
  const { user = 'rovi', workspace, env_file: envFile, stacks = {} } = catalog;
  if (typeof workspace !== 'string' || typeof envFile !== 'string') {
    throw new TestbedError(
      'the catalog names no workspace and env_file: there is no place for the stand-in ROS',
    );
  }
  return {
    user,
    home: catalog.home ?? `/home/${user}`,
    workspace,
    envFile,
    stacks: Object.values(stacks).map(({ launch, processes = [] }) => ({
      key: launch.arguments?.['stack'] ?? (launch.file.split('.')[0] as string),
      processes,
    })),
  };
}

interface StackFacts {
  launch: { file: string; arguments?: Record<string, string> };
  processes?: string[];
}
