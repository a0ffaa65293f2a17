import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './host.js';
import type { Robot } from './robot.js';

const BUILT = join(REPOSITORY, 'test-output/ros/built');

/** True where a real ROS 2 is sourced on this machine and tools/ros.sh has built rclnodejs and our packages for it. */
export function hasRealRos(): boolean {
  return realRosSetupFiles().length > 1 && existsSync(BUILT);
}

/** The setup files, in a robot, of the ROS that is sourced and of the workspace with our packages, in the order to source them. */
export function realRosSetupFiles(): string[] {
  return [
    ...(process.env['ROVI_ROS_SETUP'] ?? '').split(' ').filter((path) => path !== ''),
    '/opt/rovi-src/test-output/ros/ws/install/setup.bash',
  ];
}

/** Text of an env file with which the robot's own graph is joined, and the real ROS beside the stand-in is sourced. */
export function realRosEnvironment(workspace: string): string {
  return `ROVI_ROS_WS_DIR=${workspace}
ROVI_ENV=robot
ROS_DISTRO=real
ROS_DOMAIN_ID=0
RMW_IMPLEMENTATION=rmw_cyclonedds_cpp
ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST
ROVI_ODOM_INTEGRATOR_PUBLISH_TF=0
`;
}

/** Shell lines that source the real ROS and join the robot's graph, as any user of it. */
export function realRosShell(domain = 0): string {
  return [
    ...realRosSetupFiles().map((path) => `source ${path}`),
    'export RMW_IMPLEMENTATION=rmw_cyclonedds_cpp ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST',
    `export ROS_DOMAIN_ID=${domain} HOME=/tmp/ros-home`,
  ].join('\n');
}

/** Brings the real ROS onto a robot beside the stand-in, whose workspace puts its own `ros2` first on PATH. Before install.sh. */
export async function bringRealRos(robot: Robot): Promise<void> {
  const lines = realRosSetupFiles().map((path) => `source ${path}\n`);
  await robot.writeFile('/opt/ros/real/setup.bash', `${lines.join('')}export ROS_DISTRO=jazzy\n`);
}

/** Brings rclnodejs, built for that ROS, to where the gateway looks for it. */
export async function bringRclnodejs(robot: Robot): Promise<void> {
  await robot.shell(
    'mkdir -p /usr/local/lib/rovi; ln -s /opt/rovi-src/test-output/ros/rclnodejs /usr/local/lib/rovi/ros',
  );
}
