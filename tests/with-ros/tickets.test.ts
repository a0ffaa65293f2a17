/**
 * The whole chain: an operator's rovictl, the installed gateway, its ROS process, DDS, and a base in another process
 * that hears what it is told. What stops it, and how soon; and that nothing begins again by itself.
 */
import type { ErrorCode, Ticket, TicketDetail } from '@rovi/contract';
import { executionSchema } from '@rovi/contract';
import type { CommandResult } from '@rovi/testbed';
import { realRosShell } from '@rovi/testbed';
import { afterAll, describe, expect, test } from 'vitest';
import { OPERATOR, shippedCatalog } from '../installed-robot.js';
import { hasRos, RosRobot } from './ros-robot.js';
import { Figures, now, ToldBase } from './told-base.js';

const GATEWAY = 'rovi-gateway.service';
const NAV = 'rovi-nav.service';
/** From the moment a command is sent to the first zero at the base, for a machine that has other things to do. */
const STOP_MS = 1_000;
const TIMES = 10;
/** Milliseconds for many rounds, each with starts of rovictl. */
const ROUNDS_MS = 400_000;

const catalog = shippedCatalog((text) =>
  Object.assign(text, {
    tickets: { drive_stacks: ['nav'], drive: { odometry: '/odom' } },
  }),
);

describe.skipIf(!hasRos)('tickets in a real ROS 2', () => {
  let base: ToldBase;
  const figures = new Figures();
  const installed = new RosRobot('with-ros-tickets', {
    catalog,
    furnish: async ({ robot }) => {
      const program = `${realRosShell()}\nexec python3 /opt/rovi-src/tests/with-ros/base.py`;
      base = new ToldBase(robot.spawn(['bash', '-c', program], { stdio: ['ignore', 'pipe', 'inherit'] }));
      await base.ready();
    },
  });

  afterAll(async () => {
    base?.child.kill('SIGKILL');
    await figures.keep('motion-tickets');
  });

  const rovictl = (...words: string[]) => installed.rovictl(words, { user: OPERATOR, timeoutMs: 90_000 });
  const read = (id: string): Promise<TicketDetail> => installed.api.tickets.read(id);
  const create = (speed: number, seconds: number): Promise<CommandResult> =>
    rovictl(
      ...['ticket', 'create', 'drive', '--execute', '--json'],
      ...['--param', `speed=${String(speed)}`, '--param', `duration_seconds=${String(seconds)}`],
    );

  /** Resolves with the ticket when it is so. */
  const waitFor = (id: string, ...statuses: Ticket['status'][]): Promise<TicketDetail> =>
    installed.robot.waitFor(
      `${id} to be ${statuses.join(' or ')}`,
      async () => {
        const ticket = await read(id);
        return statuses.includes(ticket.status) ? ticket : null;
      },
      30_000,
    );

  /** The gateway, its face, tickets and nav are there. */
  async function up(): Promise<void> {
    await installed.robot.waitFor(
      'the face and tickets',
      async () => {
        const { faces, tickets } = await installed.api.state();
        const face = faces.find(({ name }) => name === 'ros');
        return face?.state === 'on' && tickets?.available === true;
      },
      90_000,
    );
    if ((await installed.api.state()).active === null) await installed.api.start('nav');
    await installed.waitForStack('nav', 'whole', ({ state, verdict }) => {
      return state === 'RUNNING' && verdict.level === 'ok';
    });
  }

  /** A drive that nobody ends, as an operator begins it. Resolves when the base has heard some of it. */
  async function driveOn() {
    const begin = now();
    const said = create(0.5, 50);
    await base.moving(begin);
    const [ticket] = (await installed.api.state()).tickets?.executing ?? [];
    return { id: ticket?.id ?? '', said, begin };
  }

  /** On a machine that stands still for 300 ms a drive ends, as it should: then it is tried again. */
  async function undisturbed<T>(attempt: () => Promise<T | null>): Promise<T> {
    for (let tries = 1; tries <= 5; tries += 1) {
      const outcome = await attempt();
      if (outcome !== null) return outcome;
    }
    throw new Error('this machine has stood still for 300 ms in each of five drives');
  }
  const disturbed = ({ error }: Pick<Ticket, 'error'>): boolean => error?.includes('for 300 ms') === true;

  /** Drives, ends it so, and tells how soon the first zero was at the base. `end` resolves with when it was asked for. */
  function stopBy(what: string, end: (id: string) => Promise<number>) {
    return undisturbed(async () => {
      const { id, said } = await driveOn();
      const from = await end(id);
      const took = await base.firstZero(from);
      const ticket = await waitFor(id, 'cancelled', 'failed');
      await said;
      if (disturbed(ticket)) return null;
      figures.add(what, took);
      return ticket;
    });
  }

  test('nothing moves while no stack runs that may', async () => {
    const begin = now();
    const { code, stderr } = await create(0.5, 2);
    expect([code, stderr]).toEqual([3, expect.stringContaining('[motion-refused]')]);
    expect(base.twists(begin)).toEqual([]);
  });

  test('an operator’s drive moves the base for its time, and the distance is what odometry says', async () => {
    await up();
    await undisturbed(async () => {
      const begin = now();
      const { stdout } = await create(0.5, 2);
      const execution = executionSchema.parse(JSON.parse(stdout));
      if (disturbed(execution)) return null;
      await base.firstZero(begin);
      const moves = base.moves(begin);
      expect(moves.every(({ x, y }) => x === 0.5 && y === 0)).toBe(true);
      const zero = base.twists(begin)[moves.length];
      const come = (zero?.come ?? NaN) - (moves[0]?.come ?? NaN);
      expect(execution).toMatchObject({ status: 'completed', result: { distance_source: 'measured' } });
      const { distance_traveled: distance } = execution.result as { distance_traveled: number };
      figures.add('2 s at 0.5 m/s: metres measured', distance);
      figures.add('2 s at 0.5 m/s: metres come', come);
      expect(Math.abs(distance - come)).toBeLessThan(0.1);
      expect(come).toBeGreaterThan(0.8);
      expect(come).toBeLessThan(1.2);
      return true;
    });
  });

  test(
    `rovictl ticket cancel stops it: ${String(TIMES)} times`,
    async () => {
      for (let count = 0; count < TIMES; count += 1) {
        const ticket = await stopBy('rovictl ticket cancel, from its start, ms', async (id) => {
          const from = now();
          const { code, stdout } = await rovictl('ticket', 'cancel', id, '--reason', 'a dog');
          expect([code, stdout]).toEqual([0, expect.stringContaining(`${id} is cancelled`)]);
          return from;
        });
        expect(ticket).toMatchObject({
          status: 'cancelled',
          error_code: 'ticket-cancelled',
          result: { executed: false, distance_source: 'measured' },
        });
      }
    },
    ROUNDS_MS,
  );

  test(
    `a cancel is at the base within ${String(STOP_MS)} ms of its being sent: ${String(TIMES)} times`,
    async () => {
      const what = 'cancel over the API, from its being sent, ms';
      for (let count = 0; count < TIMES; count += 1) {
        const ticket = await stopBy(what, async (id) => {
          const from = now();
          await installed.api.tickets.cancel(id);
          return from;
        });
        expect(ticket).toMatchObject({ status: 'cancelled', error_code: 'ticket-cancelled' });
      }
      expect(figures.count(what)).toBe(TIMES);
      expect(figures.worst(what)).toBeLessThan(STOP_MS);
    },
    ROUNDS_MS,
  );

  test('the e-stop stops it, nothing moves until it is reset, and then not by itself', async () => {
    const what = 'e-stop over the API, from its being sent, ms';
    const ticket = await stopBy(what, async () => {
      const from = now();
      await installed.api.tickets.estop({ reason: 'a dog' });
      return from;
    }).finally(() => installed.api.tickets.estop({ reason: 'a dog' }));
    expect(ticket).toMatchObject({ status: 'cancelled', error: expect.stringContaining('a dog') as string });
    expect(figures.worst(what)).toBeLessThan(STOP_MS);
    const begin = now();
    const { code, stderr } = await create(0.5, 1);
    expect([code, stderr]).toEqual([3, expect.stringContaining('[estop-active]')]);
    expect((await rovictl('estop', 'reset', '--yes')).code).toBe(0);
    expect((await rovictl('ticket', 'create', 'scan', '--execute')).code).toBe(0);
    expect(base.moves(begin)).toEqual([]);
  });

  test('the stack that allowed it is stopped past the gateway: it stops', async () => {
    const what = 'systemctl stop of the stack, from its start, ms';
    const ticket = await stopBy(what, async () => {
      const from = now();
      await installed.systemctl(['stop', NAV], { user: OPERATOR });
      return from;
    }).finally(up);
    expect(ticket).toMatchObject({ status: 'failed', error_code: 'motion-refused' });
  });

  test('the stack that allowed it loses a process: it stops', async () => {
    const ticket = await stopBy('kill -9 of a process of the stack, from its start, ms', async () => {
      await up();
      const from = now();
      await installed.robot.exec(['pkill', '-KILL', '-x', 'controller_serv']);
      return from;
    });
    expect(ticket).toMatchObject({ status: 'failed', error_code: 'motion-refused' });
    await installed.api.stopAll();
    await up();
  });

  /** What of the gateway's programs still runs. */
  async function restOfGateway(): Promise<string[]> {
    const { stdout } = await installed.robot.exec(['pgrep', '-af', 'rovi-(gateway|ros|tickets).mjs'], {
      check: false,
    });
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** The gateway is back: the ticket has failed so, and nothing has moved, nor moves when all is as it was. */
  async function expectFailed(id: string, code: ErrorCode, from: number): Promise<void> {
    await up();
    expect(await read(id)).toMatchObject({ status: 'failed', error_code: code });
    expect((await rovictl('ticket', 'create', 'scan', '--execute')).code).toBe(0);
    expect(base.moves(from)).toEqual([]);
    expect(base.twists(from).length).toBeGreaterThan(0);
  }

  test(
    'kill -9 of the gateway: it stops; what was executing has failed and what waited is pending: 5 times',
    async () => {
      const what = 'kill -9 of the gateway, from the start of kill, ms';
      for (let count = 0; count < 5; count += 1) {
        const { id, said } = await driveOn();
        const waiting = await installed.api.tickets.create({
          command: 'drive',
          params: { speed: 0.5, duration_seconds: 5 },
        });
        await installed.api.tickets.execute(waiting.id, { async: true });
        const pid = await installed.property(GATEWAY, 'MainPID');
        const from = now();
        await installed.robot.exec(['kill', '-9', pid]);
        // Its ROS process outlives it for as long as that takes: systemd would kill it too.
        const took = await base.firstZero(from);
        figures.add(what, took);
        expect(base.timedOut(from)).toBe(false);
        expect((await said).code).not.toBe(0);
        await installed.waitForUnit(GATEWAY, 'failed');
        expect(await restOfGateway()).toEqual([]);
        await installed.systemctl(['start', GATEWAY]);
        await expectFailed(id, 'ticket-interrupted', from + took);
        expect((await read(waiting.id)).status).toBe('pending');
      }
      expect(figures.worst(what)).toBeLessThan(STOP_MS);
    },
    ROUNDS_MS,
  );

  test('the gateway is stopped in order, and the stack before it: it stops', async () => {
    const { id, said } = await driveOn();
    const from = now();
    await installed.systemctl(['stop', GATEWAY]);
    const took = await base.firstZero(from);
    figures.add('systemctl stop of the gateway, from its start, ms', took);
    expect((await said).code).not.toBe(0);
    await installed.systemctl(['start', GATEWAY]);
    await expectFailed(id, 'motion-refused', from + took);
  });

  test('kill -9 of the ROS process: the base’s own timeout stops it, the next process says so, and it is lost', async () => {
    const { id, said } = await driveOn();
    const { pid } = (await installed.api.ros()).face;
    const from = now();
    await installed.robot.exec(['kill', '-9', String(pid)]);
    const took = await base.firstZero(from);
    figures.add('kill -9 of the ROS process to the zeros of the next, ms', took);
    expect(base.timedOut(from)).toBe(true);
    expect(await waitFor(id, 'failed', 'cancelled')).toMatchObject({
      status: 'failed',
      error_code: 'motion-lost',
    });
    expect((await said).code).toBe(1);
    await up();
    expect(base.moves(from + took)).toEqual([]);
    await stopBy('cancel after that, from its being sent, ms', async (next) => {
      const sent = now();
      await installed.api.tickets.cancel(next);
      return sent;
    });
  });

  test('scan is what the lidar of another process has seen', async () => {
    const { code, stdout } = await rovictl('ticket', 'create', 'scan', '--execute', '--json');
    expect(code).toBe(0);
    const { result } = executionSchema.parse(JSON.parse(stdout));
    expect(result).toMatchObject({ simulated: false, frame_id: 'laser', range_min: 0.1, range_max: 12 });
    const { ranges } = result as { ranges: unknown[] };
    expect(ranges).toHaveLength(361);
    expect(ranges.slice(0, 5)).toEqual([null, 2, 2, 2, null]);
  });
});
