import type { ChildProcess } from 'node:child_process';
import { OPERATOR, type Stage } from './stage.js';

/** What the banner names; the shell's history begins with the commands. */
const SUGGESTIONS: readonly (readonly [command: string, remark: string])[] = [
  ['rovictl status', 'what runs on this robot'],
  ['rovictl stack start nav', 'start a stack; Tab completes'],
  ['rovictl stack start teleop', 'a second one: refused, exit code 3'],
  ['rovictl stack switch teleop', 'instead of nav'],
  ["su -c 'pkill -9 -x twist_mux'", 'kill a node (root has no password here), then status'],
  ["su -c 'systemctl kill -s KILL rovi-gateway'", 'kill the gateway: stacks run on'],
  ["su -c 'systemctl start rovi-gateway'", '… and bring it back'],
  ['rovictl status --watch', 'live; Ctrl-C leaves it'],
  ['rovictl logs -f', 'the log of the active stack; Ctrl-C leaves it'],
  ['rovictl stop-all', 'stop whatever runs'],
  ['rovictl ticket create scan --dry-run --execute', 'a robot command that is stored and queued; simulated'],
  ['rovictl ticket list', 'the page has a view and a form of them, too: drive, with Dry run'],
  ['rovictl estop', 'ends what tickets do; `rovictl estop reset` lifts it'],
  ["su -c 'rovictl doctor'", 'prove the installation'],
  ['services', 'put eight services (examples/omega1.yaml) in place of the stacks; then:'],
  ['rovictl service list', 'which there are, and how they are'],
  ['rovictl service stop movement_ws_server', 'what needs it is shown, and asked about'],
  ["su -c 'pkill -9 -f [h]ttp_server.py.video'", 'crash it; five times within a minute are a crash loop'],
  ['rovictl service why video_server', 'what is done about it, and what to do'],
];

/** What an admin does who installs that example; the stacks' workspace is another then. */
const SERVICES = [
  "sed -i 's|^ROVI_ROS_WS_DIR=.*|ROVI_ROS_WS_DIR=/home/omega1/ws|' /etc/rovi/.env.robot",
  'cp -rT /opt/rovi-src/examples/omega1 /opt/omega1',
  '/opt/rovi-src/install.sh --catalog /opt/rovi-src/examples/omega1.yaml',
].join(' && ');

const FOLDER = '/run/rovi-demo';

const RC = `
PS1='\\[\\e[1;32m\\]\\u@robot\\[\\e[0m\\]\\$ '
export PAGER=cat SYSTEMD_PAGER=cat
cd
source <(rovictl completion bash)
hints() { cat ${FOLDER}/banner; }
services() { su -c "${SERVICES}"; }
hints
`;

/**
 * Hands the terminal to a shell on the robot, as the operator. Resolves when the person leaves it.
 * The shell runs on a terminal of the robot's own, so that job control and Ctrl-C work in it.
 */
export async function openShell(stage: Stage, begun: (shell: ChildProcess) => void): Promise<void> {
  const { robot } = stage;
  // So that a person can play the admin too, with `su`. The robot has no network, and is gone when they leave.
  await robot.exec(['passwd', '--delete', 'root']);
  await robot.writeFile(`${FOLDER}/banner`, banner(await stage.showPage()));
  await robot.writeFile(`${FOLDER}/bashrc`, RC);
  const history = SUGGESTIONS.map(([command]) => `${command}\n`).reverse();
  await robot.writeFile(`/home/${OPERATOR}/.bash_history`, history.join(''), { owner: OPERATOR });
  const shell = robot.spawn(
    ['script', '--quiet', '--flush', '--command', `bash --rcfile ${FOLDER}/bashrc -i`, '/dev/null'],
    { user: OPERATOR, env: { TERM: process.env['TERM'] ?? 'linux', SHELL: '/bin/bash' }, stdio: 'inherit' },
  );
  begun(shell);
  await new Promise<void>((resolve, reject) => {
    shell.once('error', reject);
    shell.once('close', () => resolve());
  });
}

function banner(page: string): string {
  const width = Math.max(...SUGGESTIONS.map(([command]) => command.length));
  const lines = SUGGESTIONS.map(
    ([command, remark]) => `  \x1b[1m${command.padEnd(width)}\x1b[0m  \x1b[2m${remark}\x1b[0m`,
  );
  return [
    '',
    `You are \x1b[1m${OPERATOR}\x1b[0m, an operator (group rovi-ops), on a throwaway robot. Try, for example (↑ has them too):`,
    '',
    ...lines,
    '',
    `Its page, in a browser of this machine: \x1b[1m${page}\x1b[0m`,
    '',
    'Stacks: teleop mapping localization nav camera, until `services`. `hints` shows this again; `exit` removes the robot.',
    '',
    '',
  ].join('\n');
}
