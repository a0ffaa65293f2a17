import type { ExitCause, StackEntry } from '@rovi/contract';
import { RUNNER_SECONDS } from '@rovi/contract';
import { signalName } from './exit-cause.js';

/** What the steps are chosen by. */
export interface EndFacts {
  readonly stack: string;
  readonly unit: string;
  readonly cause: ExitCause;
  /** What that run said, oldest first. */
  readonly messages: readonly string[];
  readonly entry: Pick<StackEntry, 'launch' | 'timeouts'>;
  /** The catalog's `lock_wait`, seconds. */
  readonly lockWait: number;
}

const DOCTOR = '`sudo rovictl doctor` looks at the whole installation and says what to do.';

/** What to do about the end of a stack, one step an item, the most telling first. Never empty. */
export function mendSteps(facts: EndFacts): string[] {
  const { stack, cause } = facts;
  const again = `When that is mended: \`rovictl stack start ${stack}\`.`;
  if (cause.result === 'start-limit-hit') return startLimitSteps(facts);
  return [...diedSteps(facts.messages), ...causeSteps(facts), again];
}

function causeSteps(facts: EndFacts): string[] {
  const { cause } = facts;
  const byResult = resultSteps[cause.result]?.(facts);
  if (byResult !== undefined) return byResult;
  if (cause.signal !== null) return signalSteps(cause.signal, facts);
  return statusSteps[cause.exit_status ?? -1]?.(facts) ?? launchSteps(facts);
}

type Steps = (facts: EndFacts) => string[];

/** systemd's `Result`, where it tells more than how the main process ended. */
const resultSteps: Readonly<Record<string, Steps>> = {
  timeout: ({ stack, entry, lockWait }) => [
    `If it was being stopped: its nodes did not end within ${entry.timeouts.stop} s of SIGINT and were killed. The last lines show which were left; mend their shutdown, or raise \`timeouts.stop\` of ${stack} in the catalog.`,
    `If it was being started: lock and set-up took longer than ${lockWait + RUNNER_SECONDS} s. Look for something slow in the env file and the workspace's set-up scripts.`,
  ],
  watchdog: ({ unit }) => [
    `Rovi gives stacks no watchdog: a drop-in does (\`systemctl cat ${unit}\`). The launch did not answer it in time: it hung, or the machine was overloaded.`,
  ],
  'oom-kill': (facts) => memorySteps(facts),
  protocol: ({ unit }) => [
    `It ended before it said that it was ready. Look for a drop-in that changes Type= or NotifyAccess= (\`systemctl cat ${unit}\`).`,
    DOCTOR,
  ],
  resources: ({ unit }) => [
    `systemd could not set up what the unit needs: \`systemctl status ${unit}\` and the last lines say what (a folder, memory, a limit).`,
    DOCTOR,
  ],
};

/** Exit codes of run_stack.sh, and of systemd's own set-up (systemd.exec(5)). docs/errors.md lists the former. */
const statusSteps: Readonly<Record<number, Steps>> = {
  0: ({ stack }) => [
    'ros2 launch ends with 0 when the last of its nodes has ended, or one that it cannot do without: the last lines show which ended first, and how.',
    `A node that is meant to do its work and end belongs into a launch file of its own; one that may end and be started again has \`respawn\` there. \`rovictl logs ${stack} --invocation latest\` has all that this run said.`,
  ],
  64: ({ stack }) => [
    `The installed files are not those of the catalog that the gateway runs with: run \`install.sh\` with the catalog that has ${stack}, then restart the gateway.`,
    DOCTOR,
  ],
  69: () => [
    'Check that the env file names the ROS distribution and the workspace that are on this robot, and that the workspace is built (`colcon build`).',
    '`sudo rovictl doctor` runs the same set-up, under "env file, ros2", and says what is missing.',
  ],
  71: ({ unit }) => [
    `Look for a drop-in that changes Type= or NotifyAccess= (\`systemctl cat ${unit}\`), and remove it.`,
    DOCTOR,
  ],
  72: () => [
    'An admin starts the gateway: `systemctl start rovi-gateway.service`.',
    'Start the stack with rovictl, not past its dependencies (`systemctl start --job-mode=ignore-dependencies`).',
  ],
  73: () => [
    'As root: `systemd-tmpfiles --create /etc/tmpfiles.d/rovi.conf` makes the lock file again. Never delete it while a stack runs.',
    DOCTOR,
  ],
  74: () => [
    "The session file is below the home directory of the stacks' user, in `.ros/rovi/session`: check that the disk is not full (`df -h`) and that the folder belongs to that user.",
    DOCTOR,
  ],
  75: () => [
    '`rovictl status` shows whether another stack holds the robot; `sudo rovictl doctor` shows who else has the lock, under "lock holder".',
    'Stop that one, or end the process as an admin. Never delete the lock file.',
  ],
  78: () => [
    'The last lines name the file, and the line in it that cannot be read. Correct it as root.',
    '`sudo rovictl doctor` checks it under "env file, ros2".',
  ],
  200: () => ["The workspace of the catalog is not there, or not open to the stacks' user.", DOCTOR],
  203: () => ['run_stack.sh is not there or cannot be run: run `install.sh` again.', DOCTOR],
  216: () => ['The group of the unit does not exist: run `install.sh` again.', DOCTOR],
  217: () => ["The stacks' user does not exist: run `install.sh` again.", DOCTOR],
  226: ({ unit }) => [
    `A folder that the unit is confined to is missing: \`systemctl status ${unit}\` names it.`,
    DOCTOR,
  ],
};

/** Any other exit code is that of ros2 launch. */
function launchSteps({ stack, entry }: EndFacts): string[] {
  const { package: packageName, file } = entry.launch;
  return [
    'Read the last lines: ros2 launch says what it met (a package, file, node or parameter that is missing, an exception in the launch file), or which node that it needs ended.',
    `All that this run said: \`rovictl logs ${stack} --invocation latest\`. To try it by hand, with no stack running: \`ros2 launch ${packageName} ${file}\` as the stacks' user.`,
  ];
}

const CRASHES = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS'];

function signalSteps(signal: string, facts: EndFacts): string[] {
  const { stack, unit } = facts;
  if (signal === 'SIGKILL') return memorySteps(facts);
  if (CRASHES.includes(signal)) {
    const call =
      signal === 'SIGSYS' ? ' It asked the kernel for what its unit may not: see docs/security.md.' : '';
    return [
      `The launch itself crashed (${signal}): a defect in Python, in a library that it loads, or in the machine's memory.${call}`,
      `\`coredumpctl info ${unit}\` has where, if core dumps are kept. Report it with \`rovictl logs ${stack} --invocation latest\`.`,
    ];
  }
  return [
    `Somebody sent ${signal} to the launch, past systemd: a \`kill\`, a script, another supervisor. \`journalctl --since -1h\` shows who was logged in.`,
  ];
}

/** A SIGKILL that systemd did not send is the kernel's, for want of memory, or a person's. */
function memorySteps({ unit }: EndFacts): string[] {
  return [
    "Find out whether the machine ran out of memory: `journalctl -k -g 'out of memory|oom-kill'`, `free -h`.",
    `If so: run less beside it, or find what grows (\`systemd-cgtop\`, \`systemctl show -p MemoryPeak ${unit}\`).`,
    'If not, somebody or something sent SIGKILL: ask who works on this robot.',
  ];
}

function startLimitSteps({ stack, unit }: EndFacts): string[] {
  return [
    `Find out why it keeps ending: \`rovictl logs ${stack}\`. Rovi never clears this by itself: it is the protection against crash loops.`,
    `Wait until the window of its \`start_limit\` has passed, or as an admin: \`systemctl reset-failed ${unit}\`.`,
    `Then: \`rovictl stack start ${stack}\`.`,
  ];
}

/** What launch says of a node that ended with another code than 0. */
const died = /\[([\w.-]+?)(?:-\d+)?\]: process has died \[pid (\d+), exit code (-?\d+)/;
/** A launch that ends sends its nodes SIGINT, then SIGTERM. */
const ENDED_BY_LAUNCH = [-2, -15];

/** The node that died first: those after it were mostly ended by the launch. */
function diedSteps(messages: readonly string[]): string[] {
  for (const message of messages) {
    const [, node, pid, code] = died.exec(message) ?? [];
    const status = Number(code);
    if (node === undefined || ENDED_BY_LAUNCH.includes(status)) continue;
    const how = status < 0 ? `of ${signalName(-status)}` : `with exit code ${status}`;
    const dump = CRASHES.includes(signalName(-status))
      ? ` \`coredumpctl info ${pid ?? ''}\` has where, if core dumps are kept.`
      : '';
    return [`${node} died first, ${how}: read what it said before that.${dump}`];
  }
  return [];
}
