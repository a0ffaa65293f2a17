import { setStack, type StackBehaviour } from '@rovi/testbed';
import { type InstalledRobot, OPERATOR } from '../installed-robot.js';
import type { Chance } from './chance.js';
import { NODES, STACKS, unitOf, type Stack } from './five-stacks.js';

/** What one actor does next: a text for the record, and the deed. It may fail; it may not hang. */
export interface Step {
  readonly text: string;
  readonly act: () => Promise<unknown>;
}

/** Draws an actor's next step. */
export type Actor = (chance: Chance) => Step;

const GATEWAY = 'rovi-gateway.service';

/** Everybody who has a hand on the robot, each on a way of its own. */
export function actorsOn(installed: InstalledRobot): Readonly<Record<string, Actor>> {
  const systemctl = (user: string, ...argv: string[]): Step => ({
    text: `${user}: systemctl ${argv.join(' ')}`,
    act: async () => {
      const { code, stderr } = await installed.systemctl(argv, { user });
      if (code !== 0) throw new Error(stderr.split('\n', 1)[0]);
    },
  });
  const script = (text: string, bash: string): Step => ({
    text,
    act: () => installed.robot.shell(bash, { check: false }),
  });

  const client: Actor = (chance) => {
    const stack = chance.of(STACKS);
    const kind = chance.weighted([
      [4, 'start'],
      [2, 'stop'],
      [1, 'restart'],
      [4, 'switch'],
      [1, 'stop-all'],
    ] as const);
    const once = { async: chance.draw() < 0.3, actor: 'client' };
    const { api } = installed;
    return {
      text: `api: ${kind}${kind === 'stop-all' ? '' : ` ${stack}`}${once.async ? ' (not waited for)' : ''}`,
      act: () => {
        if (kind === 'stop-all') return api.stopAll(once);
        if (kind === 'switch') return api.switchTo(stack, once);
        return api[kind](stack, once);
      },
    };
  };

  const cli: Actor = (chance) => {
    const verb = chance.of(['start', 'switch', 'stop', 'restart'] as const);
    const argv = ['stack', verb, chance.of(STACKS)];
    return {
      text: `${OPERATOR}: rovictl ${argv.join(' ')}`,
      act: async () => {
        const { code, stderr } = await installed.rovictl(argv, { user: OPERATOR });
        if (code !== 0) throw new Error(stderr.split('\n', 1)[0]);
      },
    };
  };

  const systemctlBy =
    (user: string): Actor =>
    (chance) => {
      const some = chance.draw() < 0.35 ? [chance.of(STACKS), chance.of(STACKS)] : [chance.of(STACKS)];
      const verb = chance.weighted([
        [4, 'start'],
        [2, 'restart'],
        [2, 'stop'],
      ] as const);
      const blocking = chance.draw() < 0.5 ? [] : ['--no-block'];
      return systemctl(user, verb, ...blocking, ...some.map(unitOf));
    };

  const killer: Actor = (chance) => {
    const stack = chance.of(STACKS);
    const node = chance.of(NODES[stack]);
    return chance.weighted<() => Step>([
      [3, () => systemctl('root', 'kill', '--signal=SIGKILL', '--kill-whom=main', unitOf(stack))],
      [1, () => systemctl('root', 'kill', '--signal=SIGTERM', '--kill-whom=main', unitOf(stack))],
      [3, () => script(`kill -9 ${node}`, `pkill -KILL -x ${node}`)],
      [
        2,
        () => {
          const until = `sleep 0.${chance.between(1, 9)}`;
          return script(
            `stop ${node} for a while`,
            `pkill -STOP -x ${node}; ${until}; pkill -CONT -x ${node}`,
          );
        },
      ],
      [4, () => behave(installed, stack, chance)],
    ])();
  };

  const admin: Actor = (chance) =>
    chance.weighted<() => Step>([
      [3, () => systemctl('root', 'daemon-reload')],
      // Each leaves a way back: a start of the gateway, the bus by its socket.
      [
        1,
        () =>
          script(
            'kill the bus',
            'systemctl kill -s KILL dbus; systemctl reset-failed dbus.service dbus.socket; systemctl start dbus.socket dbus',
          ),
      ],
      [
        2,
        () =>
          script(
            'kill -9 the gateway, start it',
            // Not before systemd has seen its end: a start of what it still takes for alive does nothing.
            `pid=$(systemctl show -P MainPID ${GATEWAY}); pid=\${pid:-0}; [ "$pid" = 0 ] || kill -KILL "$pid"; while [ -e "/proc/$pid" ]; do sleep 0.01; done; systemctl reset-failed ${GATEWAY}; systemctl start ${GATEWAY}`,
          ),
      ],
      [
        1,
        () =>
          script('restart the gateway', `systemctl reset-failed ${GATEWAY}; systemctl restart ${GATEWAY}`),
      ],
      [
        1,
        () =>
          script(
            'stop the gateway, start it',
            `systemctl stop ${GATEWAY}; systemctl reset-failed ${GATEWAY}; systemctl start ${GATEWAY}`,
          ),
      ],
    ])();

  return {
    client,
    'second client': client,
    cli,
    root: systemctlBy('root'),
    operator: systemctlBy(OPERATOR),
    killer,
    admin,
  };
}

/** From the next launch on the stack behaves otherwise. */
function behave(installed: InstalledRobot, stack: Stack, chance: Chance): Step {
  const [name, behaviour] = chance.of(Object.entries(behaviours(NODES[stack])));
  return { text: `${stack} from now on ${name}`, act: () => setStack(installed.robot, stack, behaviour) };
}

function behaviours([a, b]: readonly [string, string]): Readonly<Record<string, StackBehaviour>> {
  return {
    'is well': { nodes: [{ name: a }, { name: b }] },
    'ignores SIGINT': { nodes: [{ name: a }, { name: b, ignoresSigint: true }] },
    'can only be killed': { nodes: [{ name: a, ignoresSigint: true, ignoresSigterm: true }, { name: b }] },
    'drops the lock': {
      nodes: [
        { name: a, dropsLock: true },
        { name: b, dropsLock: true },
      ],
    },
    'outlives its launch': { nodes: [{ name: a }, { name: b, outlivesLaunch: true }] },
    'outlives its launch without the lock': {
      nodes: [
        { name: a, outlivesLaunch: true, dropsLock: true },
        { name: b, dropsLock: true },
      ],
    },
    'starts slowly': {
      nodes: [
        { name: a, startDelayMs: 100 },
        { name: b, startDelayMs: 400 },
      ],
    },
    'loses a node': { nodes: [{ name: a, exitAfterMs: 300, exitCode: 1 }, { name: b }] },
    'crashes soon': { nodes: [{ name: a }, { name: b }], launchExit: { afterMs: 200, code: 3 } },
  };
}
