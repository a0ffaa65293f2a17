import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Robot } from './robot.js';
import { RosGraph } from './ros-graph.js';
import { ROS, writeTree } from './stand-in-ros.js';
import type { TreeEntry } from './stand-in-ros.js';

const PROGRAM = fileURLToPath(new URL('../programs/rclnodejs/', import.meta.url));
const SOCKET = '/run/rclnodejs-graph.sock';
const TYPED = ['StackStates', 'StartStack', 'StopStack', 'SwitchStack', 'StopAll', 'GetState'];

/** What a ROS with rclnodejs has on it. */
export interface RclnodejsOptions {
  /** What its native code does as soon as it is loaded; default: its work. */
  atImport?: 'abort' | 'block' | 'throw';
  /** False: its addon cannot be loaded, as where the middleware is missing. */
  addon?: boolean;
  /** True: the workspace has rovi_interfaces, and rclnodejs was built with it. */
  interfaces?: boolean;
  /** Where it is put; default below the installed programs. */
  folder?: string;
}

/**
 * The files of the stand-in for rclnodejs (programs/rclnodejs) for a folder of programs and the prefix of a ROS: its
 * package, an addon that a trial can load, generated messages, and the packages they belong to.
 */
export async function rclnodejsFiles(
  place: { readonly folder: string; readonly prefix: string; readonly socket: string },
  options: RclnodejsOptions = {},
): Promise<{ path: string; text: string }[]> {
  const home = `${place.folder}/node_modules/rclnodejs`;
  const interfaces: [name: string, type: string][] = [
    ['std_msgs', 'msg/String'],
    ['std_msgs', 'msg/Bool'],
    ['std_msgs', 'msg/UInt8MultiArray'],
    ['diagnostic_msgs', 'msg/DiagnosticArray'],
    ['std_srvs', 'srv/Trigger'],
    ['geometry_msgs', 'msg/Twist'],
    ['geometry_msgs', 'msg/TwistStamped'],
    ['nav_msgs', 'msg/Odometry'],
    ['sensor_msgs', 'msg/LaserScan'],
    ...(options.interfaces === true
      ? TYPED.map((name): [string, string] => [
          'rovi_interfaces',
          `${name === 'StackStates' ? 'msg' : 'srv'}/${name}`,
        ])
      : []),
  ];
  // What a middleware that is not installed comes to.
  const broken = "process.dlopen(module, '/opt/ros/jazzy/lib/librmw_missing.so');\n";
  return [
    { path: `${home}/package.json`, text: await readFile(`${PROGRAM}package.json`, 'utf8') },
    { path: `${home}/index.js`, text: await readFile(`${PROGRAM}index.js`, 'utf8') },
    {
      path: `${home}/graph.json`,
      text: JSON.stringify({ socket: place.socket, at_import: options.atImport ?? null }),
    },
    // A folder of that name is as good to require() as an addon.
    {
      path: `${home}/build/Release/rclnodejs.node/index.js`,
      text: options.addon === false ? broken : '',
    },
    { path: `${home}/build/Release/rclnodejs.node/package.json`, text: '{"type":"commonjs"}\n' },
    { path: `${home}/generated/generator.json`, text: '{}\n' },
    ...interfaces.flatMap(([name, type]) => [
      { path: `${home}/generated/${name}/${name}__${type.replace('/', '__')}.js`, text: '' },
      {
        path: `${place.prefix}/share/${name}/package.xml`,
        text: `<package><name>${name}</name></package>\n`,
      },
    ]),
  ];
}

/**
 * Puts the stand-in for rclnodejs onto a robot, or in place of the one that is there; a ROS process that runs is not
 * touched. May come before or after Rovi.
 */
export async function installRclnodejs(robot: Robot, options: RclnodejsOptions = {}): Promise<void> {
  const folder = options.folder ?? '/usr/local/lib/rovi/ros';
  const entries: TreeEntry[] = await rclnodejsFiles({ folder, prefix: ROS, socket: SOCKET }, options);
  await writeTree(robot, entries);
}

/** The ROS graph of a robot: what its stand-in for rclnodejs talks to. For one boot. */
export function openRosGraph(robot: Robot): Promise<RosGraph> {
  return RosGraph.open(robot.path(SOCKET));
}
