import process from 'node:process';
import { runProgram } from '../run-program.js';
import { CheckList, type Check } from './check.js';

/** The first that knows every directive of the generated units (PrivateIPC=). */
const SYSTEMD_MIN = 248;
/** Rules in JavaScript came with 0.106; distributions went from 0.105 to 121. */
const POLKIT_MIN = 0.106;
const NODE_MIN: readonly [number, number] = [20, 20];

/** Whether systemd, polkit and Node are there and new enough. */
export async function checkPlatform(): Promise<readonly Check[]> {
  const list = new CheckList('platform');
  const [systemd, running, polkit] = await Promise.all([
    runProgram('systemctl', ['--version']),
    runProgram('systemctl', ['show', '--property=Version']),
    runProgram('pkaction', ['--version']),
  ]);
  const version = Number(/^systemd (\d+)/.exec(systemd.stdout)?.[1]);
  if (systemd.missing || Number.isNaN(version))
    list.fault('systemd', 'systemctl cannot be run', 'Rovi needs systemd');
  else if (version < SYSTEMD_MIN) {
    list.fault('systemd', `version ${String(version)}`, `upgrade: at least ${String(SYSTEMD_MIN)} is needed`);
  } else if (running.code !== 0) {
    list.fault(
      'systemd',
      `version ${String(version)}, but it does not answer: ${running.stderr.trim().split('\n')[0] ?? ''}`,
      'is systemd PID 1 here, and does dbus.service run?',
    );
  } else list.ok('systemd', `version ${String(version)}`);

  const polkitVersion = Number(/version ([\d.]+)/.exec(polkit.stdout)?.[1]);
  if (polkit.missing || Number.isNaN(polkitVersion)) {
    list.fault(
      'polkit',
      'not installed',
      'install the package `polkitd` (Debian 12), then `rovictl doctor` again',
    );
  } else if (polkitVersion < POLKIT_MIN) {
    list.fault(
      'polkit',
      `version ${String(polkitVersion)} ignores rules`,
      'upgrade: at least 0.106 is needed',
    );
  } else list.ok('polkit', `version ${String(polkitVersion)}`);

  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const node = `version ${process.versions.node} at ${process.execPath}`;
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) list.ok('node', node);
  else list.fault('node', node, `upgrade: at least ${NODE_MIN.join('.')} is needed`);
  return list.checks;
}
