import { setStack } from '@rovi/testbed';
import { play, type Scene } from './scene.js';
import type { Screen } from './screen.js';
import { OPERATOR, type Stage } from './stage.js';

const GATEWAY = 'rovi-gateway.service';

/** The run of nav that must live through the gateway's death, as systemd identifies it. */
let navBefore = '';
const navRun = async (stage: Stage) =>
  `${await stage.property('rovi-nav.service', 'MainPID')} ${await stage.property('rovi-nav.service', 'InvocationID')}`;

/** Resolves when the journal has what was said so far: the next command reads it, and it may be behind. */
const journalIsWritten = async (stage: Stage): Promise<void> => {
  await stage.robot.exec(['journalctl', '--sync']);
};

/** What the demo shows, in this order: each scene begins where the one before it ended. */
export const SCENES: readonly Scene[] = [
  {
    told: 'The robot has booted: the gateway is up, no stack runs.',
    acts: [{ as: OPERATOR, command: 'rovictl status', shows: [/gateway ● active/, /no stack is active/] }],
    active: [],
  },
  {
    told: `An operator starts a stack. No sudo: polkit lets the group rovi-ops start and stop stacks, and no other unit.`,
    acts: [
      {
        as: OPERATOR,
        command: 'rovictl stack start nav --reason "first drive"',
        shows: [/✓ nav running, 4 of 4 processes/],
      },
      {
        as: OPERATOR,
        command: 'systemctl --no-ask-password stop rovi-gateway',
        code: 1,
        shows: [/authentication required/],
      },
    ],
    active: ['nav'],
  },
  {
    told: 'One stack at a time: a second one is refused, with who holds the robot.',
    acts: [
      {
        as: OPERATOR,
        command: 'rovictl stack start teleop',
        code: 3,
        shows: [/nav holds the robot .*\[stack-busy\]/, /mend: Use switch/],
      },
    ],
    active: ['nav'],
  },
  {
    told: 'Root goes past Rovi, with systemctl: the lock has the last word. (It waits 5 s for nav to let go.)',
    acts: [
      {
        as: 'root',
        command: 'systemctl start rovi-teleop',
        code: 1,
        shows: [/failed/],
        settle: journalIsWritten,
      },
      {
        as: OPERATOR,
        command: 'rovictl logs teleop --priority info | grep run_stack:',
        shows: [/teleop did not get the stack lock within 5 s: held by rovi-nav\.service \(PID \d+, ros2\)/],
      },
    ],
    active: ['nav'],
  },
  {
    told: 'A switch stops the one, proves it gone, starts the other, and waits for its processes.',
    acts: [
      {
        as: OPERATOR,
        command: 'rovictl stack switch teleop',
        shows: [/prove rovi-nav\.service gone/, /✓ switched from nav to teleop: running, 3 of 3 processes/],
      },
    ],
    active: ['teleop'],
  },
  {
    told: 'A node is killed: seen at once, and said in the verdict.',
    acts: [
      {
        as: 'root',
        command: 'pkill -KILL -x twist_mux',
        settle: (stage) =>
          stage.until('the missing node to be seen', ({ stacks }) =>
            stacks.some(({ verdict }) => verdict.text === 'running, 2 of 3 processes, twist_mux missing'),
          ),
      },
      { as: OPERATOR, command: 'rovictl status', shows: [/running, 2 of 3 processes, twist_mux missing/] },
    ],
    active: ['teleop'],
  },
  {
    told: 'The whole launch is killed: FAILED with its cause, and never restarted by itself.',
    acts: [
      {
        as: 'root',
        command: 'systemctl kill --kill-who=main --signal=KILL rovi-teleop',
        settle: (stage) =>
          stage.until('the end of the launch to be seen', ({ stacks }) =>
            stacks.some(({ name, state }) => name === 'teleop' && state === 'FAILED'),
          ),
      },
      {
        as: OPERATOR,
        command: 'rovictl stack list',
        shows: [/teleop +FAILED .*SIGKILL/],
        settle: journalIsWritten,
      },
      { as: OPERATOR, command: 'rovictl logs teleop -n 5', shows: [/status=9\/KILL/] },
    ],
    active: [],
  },
  {
    told: 'A switch to a stack that does not come up goes back. (Behind the curtain, mapping is made to fail.)',
    prepare: (stage) =>
      setStack(stage.robot, 'mapping', {
        nodes: [{ name: 'ekf_node' }],
        launchExit: { afterMs: 300, code: 1 },
      }),
    acts: [
      { as: OPERATOR, command: 'rovictl stack start nav', shows: [/✓ nav running/] },
      {
        as: OPERATOR,
        command: 'rovictl stack switch mapping',
        code: 1,
        shows: [/went back to nav, which is running again \[switch-rolled-back\]/, /last journal lines/],
      },
      { as: OPERATOR, command: 'rovictl active', shows: [/^nav$/m] },
    ],
    active: ['nav'],
  },
  {
    told: 'The gateway is killed: the stack runs on, and the next gateway finds it.',
    prepare: async (stage) => {
      navBefore = await navRun(stage);
    },
    acts: [
      {
        as: 'root',
        command: `systemctl kill --signal=KILL ${GATEWAY}`,
        settle: async (stage) => {
          await stage.robot.waitFor(
            'the gateway to be gone',
            async () => (await stage.property(GATEWAY, 'ActiveState')) === 'failed',
          );
        },
      },
      {
        as: OPERATOR,
        command: 'rovictl active',
        code: 5,
        shows: [/gateway not reachable: read from systemd directly/, /^nav$/m],
      },
      {
        as: 'root',
        command: `systemctl start ${GATEWAY}`,
        settle: async (stage) => {
          await stage.until('nav to be found', ({ active }) => active === 'nav');
          if ((await navRun(stage)) !== navBefore) throw new Error('nav was started anew');
        },
      },
      { as: OPERATOR, command: 'rovictl stack list', shows: [/nav +RUNNING .*running, 4 of 4 processes/] },
    ],
    active: ['nav'],
  },
  {
    told: 'A stop is never refused. And the doctor proves the installation.',
    acts: [
      { as: OPERATOR, command: 'rovictl stop-all', shows: [/✓ nav stopped/] },
      {
        as: 'root',
        command: 'rovictl doctor',
        shows: [
          /polkit answers/,
          new RegExp(`${OPERATOR} +may start, stop and restart 5 stacks`),
          / 0 faults/,
        ],
      },
    ],
    active: [],
  },
];

/** Plays every scene. Answers the number of scenes that were not as told. */
export async function playTour(stage: Stage, screen: Screen): Promise<number> {
  let failed = 0;
  for (const [index, scene] of SCENES.entries()) {
    screen.title(index + 1, scene.told);
    const faults = await play(scene, stage, screen);
    for (const fault of faults) screen.fault(`✗ not as told: ${fault}`);
    if (faults.length > 0) failed += 1;
    await screen.rest(200);
  }
  return failed;
}
