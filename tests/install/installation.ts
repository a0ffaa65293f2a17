import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoviClient } from '@rovi/client';
import { GATEWAY_UNIT, PATHS } from '@rovi/contract';
import { installRos, REPOSITORY, type CommandResult, type Robot } from '@rovi/testbed';

/** Folders of an admin's machine that an installation may touch. */
const WATCHED =
  '/etc /usr/local /opt/ros /opt/rovi /home /var/log /usr/lib/systemd/system /usr/bin /run/rovi /var/lib/rovi';

/** The text of the shipped catalog. */
export function shippedCatalog(): Promise<string> {
  return readFile(join(REPOSITORY, 'rovi.yaml'), 'utf8');
}

/** Runs install.sh as root and answers how it ended, whatever that is. */
export function install(robot: Robot, ...args: string[]): Promise<CommandResult> {
  return robot.exec(['/opt/rovi-src/install.sh', ...args], { check: false });
}

/** Resolves when a gateway that runs has written what it writes as it begins: it is ready before it has opened its tickets. */
async function settled(robot: Robot): Promise<void> {
  if ((await property(robot, GATEWAY_UNIT, 'ActiveState')) !== 'active') return;
  const api = new RoviClient({ socketPath: robot.path(PATHS.socket), actor: 'story' });
  await robot.waitFor('tickets', async () => (await api.state()).tickets?.available === true);
}

/** Every file's name, kind, mode, owner, size, time of change and link target. */
export async function tree(robot: Robot): Promise<string[]> {
  await settled(robot);
  const { stdout } = await robot.shell(
    `find ${WATCHED} \\( -path /var/log/journal -o -path /home/rovi/.ros \\) -prune -o \\( -type d -printf '%p %y %m %u %g\\n' -o -printf '%p %y %m %u %g %s %T@ %l\\n' \\) 2>/dev/null | sort`,
    { check: false },
  );
  return stdout.split('\n').filter((line) => line !== '');
}

/** The tree without what sysusers writes and keeps: accounts stay. */
export async function treeWithoutAccounts(robot: Robot): Promise<string[]> {
  return (await tree(robot)).filter(
    (line) =>
      !/^\/etc\/(?:passwd|group|shadow|gshadow|\.pwd\.lock|subuid|subgid)-? /.test(line) &&
      // What is kept, and goes on being written to by the next installation.
      !line.startsWith('/var/lib/rovi/tickets.db'),
  );
}

/** One property of a unit. */
export async function property(robot: Robot, unit: string, name: string): Promise<string> {
  return (await robot.exec(['systemctl', 'show', '--value', `--property=${name}`, unit])).stdout.trim();
}

/** Where the shipped catalog's environment file is. */
export const ENV_FILE = '/etc/rovi/.env.robot';

/** Takes Rovi off and gives the robot back its environment file. */
export async function cleanRobot(robot: Robot): Promise<void> {
  await install(robot, '--uninstall');
  await robot.shell(
    `umount -q /etc/rovi /etc/polkit-1; rm -rf /etc/rovi /opt/rovi /root/*.yaml /opt/stand-in; rm -f /etc/systemd/system/rovi-* /var/log/rovi-install.* /var/lib/rovi-install.*; systemctl daemon-reload`,
    { check: false },
  );
  await installRos(robot);
}
