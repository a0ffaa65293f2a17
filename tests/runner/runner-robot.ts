import { Robot } from '@rovi/testbed';

export const WORKSPACE = '/home/rovi/ws';
export const ENV_FILE = `${WORKSPACE}/.env.robot`;
export const SESSION = '/home/rovi/.ros/rovi/session/current_launch';
export const LOCK = '/run/rovi/stack.lock';

/**
 * What the runner's own story needs of `ros2 launch`: one node that inherits the descriptors and gets SIGINT once. What it
 * writes into its log says that it hears SIGINT, and that its node runs.
 */
const ros2 = `#!/usr/bin/python3
import os, signal, subprocess, sys, time
node = None
def interrupted(*_):
    if node is not None and not os.path.exists('/run/node-outlives'):
        node.send_signal(signal.SIGINT)
        node.wait()
    sys.exit(130)
signal.signal(signal.SIGINT, interrupted)
node = subprocess.Popen(['sleep', 'infinity'], close_fds=False, start_new_session=True)
with open('/run/launch.log', 'a') as log:
    log.write(os.readlink('/proc/self/fd/0') + ' ' + ' '.join(sys.argv[1:]) + '\\n')
while True:
    signal.pause()
`;

/** A stack's unit as far as the runner is concerned. */
function unit(stack: string, lockWait: number): string {
  return `[Service]
Type=notify
NotifyAccess=all
User=rovi
Environment=ROVI_ENV_FILE=${ENV_FILE} ROVI_LOCK_WAIT=${lockWait}
EnvironmentFile=-${ENV_FILE}
ExecStart=/opt/rovi-src/run_stack.sh ${stack}
ExecStopPost=-/opt/rovi-src/run_stack.sh --clear ${stack}
KillSignal=SIGINT
KillMode=mixed
TimeoutStopSec=20
SuccessExitStatus=130
RestartPreventExitStatus=75
StartLimitBurst=1000
`;
}

function argumentsOf(stack: string): string {
  return `rovi_bringup\nrovi.launch.py\nrobot_mode:=real\ngateway_enabled:=false\nstack:=${stack}\nrviz:=false\n`;
}

/**
 * A robot with user rovi, a built workspace, the units of nav (5 s for the lock), teleop (60 s, for stories in which it
 * waits) and camera (1 s).
 */
export async function bootRunnerRobot(): Promise<Robot> {
  const robot = await Robot.boot({
    name: 'runner',
    files: {
      '/opt/ros/jazzy/setup.bash':
        'AMENT_TRACE_SETUP_FILES=$AMENT_TRACE_SETUP_FILES\nexport PATH=/opt/ros/jazzy/bin:$PATH\n',
      '/etc/systemd/system/rovi-gateway.service':
        '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n',
      '/etc/systemd/system/rovi-nav.service': unit('nav', 5),
      '/etc/systemd/system/rovi-teleop.service': unit('teleop', 60),
      '/etc/systemd/system/rovi-camera.service': unit('camera', 1),
      '/etc/rovi/stacks/nav.args': argumentsOf('nav'),
      '/etc/rovi/stacks/teleop.args': argumentsOf('teleop'),
      '/etc/rovi/stacks/camera.args': argumentsOf('camera'),
    },
  });
  try {
    await robot.addUser('rovi');
    await robot.shell('groupadd --system rovi-ops; install -m 0666 /dev/null /run/launch.log');
    await robot.writeFile('/opt/ros/jazzy/bin/ros2', ros2, { mode: '0755' });
    await robot.writeFile(
      '/etc/tmpfiles.d/rovi.conf',
      `d /run/rovi 2750 rovi rovi-ops -\nf ${LOCK} 0600 rovi rovi -\n`,
    );
    await robot.exec(['systemd-tmpfiles', '--create', '/etc/tmpfiles.d/rovi.conf']);
    await furnishWorkspace(robot);
    await robot.exec(['systemctl', 'start', 'rovi-gateway']);
  } catch (error) {
    await robot.shutdown();
    throw error;
  }
  return robot;
}

/** The workspace and environment file as a good installation has them. */
export async function furnishWorkspace(robot: Robot): Promise<void> {
  await robot.shell(
    `install -d -o rovi -g rovi ${WORKSPACE}/install && install -o rovi /dev/null ${WORKSPACE}/install/setup.bash`,
  );
  await robot.writeFile(ENV_FILE, `ROVI_ROS_WS_DIR=${WORKSPACE}\nROVI_ENV=robot\nROS_DOMAIN_ID=0\n`);
}

/** Everything back to nothing running, for the next story. */
export async function resetRunnerRobot(robot: Robot): Promise<void> {
  await robot.shell(
    `systemctl stop rovi-nav rovi-teleop rovi-camera; systemctl reset-failed 'rovi-*'; rm -f /run/node-outlives; : > /run/launch.log
     systemctl start rovi-gateway
     for signal in TERM KILL; do
       pkill -"$signal" -u rovi
       for turn in {1..100}; do pgrep -u rovi >/dev/null || break 2; sleep 0.05; done
     done
     rm -rf /home/rovi/.ros; systemd-tmpfiles --create /etc/tmpfiles.d/rovi.conf`,
  );
  await furnishWorkspace(robot);
}

/** One property of a stack's unit. */
export async function property(robot: Robot, stack: string, name: string): Promise<string> {
  return (
    await robot.exec(['systemctl', 'show', '--value', `--property=${name}`, `rovi-${stack}.service`])
  ).stdout.trim();
}

/**
 * What the runner itself said in its unit's last run. By its PID: of a process that is gone before journald looks, the
 * journal keeps no invocation.
 */
export async function said(robot: Robot, stack: string): Promise<string[]> {
  const pid = await property(robot, stack, 'ExecMainPID');
  const { stdout } = await robot.shell(
    `journalctl --sync; journalctl -o cat _SYSTEMD_UNIT=rovi-${stack}.service _PID=${pid} | grep '^run_stack: '`,
    { check: false },
  );
  return stdout.split('\n').filter((line) => line !== '');
}
