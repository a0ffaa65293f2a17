import { describe, expect, it } from 'vitest';
import { by, deskRig } from './desk-rig.fixture.js';

describe('a ticket', () => {
  it('is stored, queued, executed, and keeps each step with time and actor', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const { id } = await rig.drive(2);
    expect(id).toMatch(/^tick-20231\d{3}-[0-9a-f]{8}$/);
    const { ticket, finished } = await rig.execute(id);
    expect(ticket.status).toBe('queued');
    await rig.clock.advance(1000);
    expect(rig.desk.status).toMatchObject({ executing: [{ id, attempts: 1 }], counts: { executing: 1 } });
    const done = await rig.soon(finished, 3000);
    expect(done).toMatchObject({
      ticket_id: id,
      status: 'completed',
      result: {
        command: 'drive',
        executed: true,
        speed: 1,
        distance_traveled: 2,
        distance_source: 'measured',
      },
      error: null,
      execution_time_ms: 2000,
      message: 'Execution completed successfully',
    });
    const detail = await rig.soon(rig.desk.read(id));
    expect(detail.transitions.map(({ from, to, actor }) => [from, to, actor.name])).toEqual([
      [null, 'pending', 'ann'],
      ['pending', 'queued', 'ann'],
      ['queued', 'executing', 'ann'],
      ['executing', 'completed', 'rovi'],
    ]);
    expect(detail.attempt_list).toMatchObject([{ number: 1, status: 'completed', execution_time_ms: 2000 }]);
    expect(rig.told.filter((one) => one?.id === id).map((one) => one?.status)).toEqual([
      'pending',
      'queued',
      'executing',
      'completed',
    ]);
    expect(rig.desk.status.counts).toEqual(rig.store.recount());
  });

  it('is executed once; force runs a failed one again, and keeps both attempts', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const { id } = await rig.drive(1);
    rig.base.lost = true;
    const first = await rig.execute(id);
    expect(await rig.codeOf(rig.desk.execute({ ticket_id: id, force: true }, by()))).toBe('ticket-state');
    expect(await rig.soon(first.finished)).toMatchObject({ status: 'failed', error_code: 'motion-lost' });
    expect(await rig.codeOf(rig.desk.execute({ ticket_id: id, force: false }, by()))).toBe('ticket-state');
    rig.base.lost = false;
    const second = await rig.execute(id, true);
    expect(await rig.soon(second.finished, 2000)).toMatchObject({ status: 'completed', error: null });
    expect((await rig.soon(rig.desk.read(id))).attempt_list).toMatchObject([
      { number: 1, status: 'failed', error_code: 'motion-lost' },
      { number: 2, status: 'completed', error_code: null },
    ]);
    expect(await rig.codeOf(rig.desk.execute({ ticket_id: id, force: true }, by()))).toBe('ticket-state');
    expect(await rig.codeOf(rig.desk.read('tick-20231114-00000000'))).toBe('ticket-unknown');
  });

  it.each([
    [{ speed: 3.1, duration_seconds: 1 }, 'params.speed'],
    [{ speed: 1, duration_seconds: 61 }, 'params.duration_seconds'],
    [{ speed: -1, duration_seconds: 1 }, 'params.speed'],
    [{ speed: Number.NaN, duration_seconds: 1 }, 'params.speed'],
    [{ speed: Number.POSITIVE_INFINITY, duration_seconds: 1 }, 'params.speed'],
    [{ speed: 1, duration_seconds: 1, direction: 1e9 }, 'params.direction'],
    [{ speed: '1', duration_seconds: 1 }, 'params.speed'],
    [{ speed: 1 }, 'params.duration_seconds'],
    [{ speed: 1, duration_seconds: 1, colour: 'red' }, 'colour'],
  ])('is refused with params %o, and names %s', async (params, place) => {
    const rig = await deskRig();
    await expect(rig.create({ command: 'drive', params })).rejects.toMatchObject({
      code: 'ticket-invalid',
      message: expect.stringContaining(place) as string,
    });
    expect(rig.store.tickets.size).toBe(0);
  });

  it('is refused for a command that is not there, or a timeout shorter than what it takes', async () => {
    const rig = await deskRig();
    await expect(rig.create({ command: 'fly' })).rejects.toMatchObject({
      code: 'ticket-invalid',
      mend: expect.stringContaining('drive, stop, scan, stack.start') as string,
    });
    await expect(rig.drive(20, { timeout_seconds: 10 })).rejects.toMatchObject({ code: 'ticket-invalid' });
  });

  it('is looked at again when it is executed: the limit may be another by then', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const { id } = await rig.drive(1, { params: { speed: 2, duration_seconds: 1 } });
    const stored = rig.store.tickets.get(id);
    if (stored !== undefined)
      rig.store.tickets.set(id, { ...stored, params: { speed: 9, duration_seconds: 1 } });
    expect(await rig.codeOf(rig.desk.execute({ ticket_id: id, force: false }, by()))).toBe('ticket-invalid');
    expect(rig.base.began).toBe(0);
    expect((await rig.soon(rig.desk.read(id))).status).toBe('pending');
  });

  it('that takes longer than its timeout is ended then, and has failed', async () => {
    const rig = await deskRig();
    const { id } = await rig.create({ command: 'scan', timeout_seconds: 3 });
    const { finished } = await rig.execute(id);
    await rig.clock.advance(2_900);
    expect(rig.desk.status.executing).toHaveLength(1);
    expect(await rig.soon(finished, 200)).toMatchObject({
      status: 'failed',
      error_code: 'ticket-timeout',
      error: 'it took longer than its 3 s, and was ended',
    });
  });
});

describe('a cancel', () => {
  it('stops the motion in its own turn, before anything is written down', async () => {
    const rig = await deskRig({}, () => 50);
    await rig.through('start', 'nav');
    const { id } = await rig.drive(10);
    const { finished } = await rig.execute(id);
    await rig.clock.advance(1000);
    expect(rig.base.moving.size).toBe(1);
    const cancelled = rig.desk.cancel(id, by('a cat'));
    expect(rig.base.moving.size).toBe(0);
    expect(await rig.soon(cancelled, 1000)).toMatchObject({
      status: 'cancelled',
      error: 'cancelled by ann: a cat',
      error_code: 'ticket-cancelled',
      result: { executed: false, distance_source: 'measured' },
    });
    expect(await finished).toMatchObject({ status: 'cancelled' });
    // Again and again the same answer.
    expect(await rig.soon(rig.desk.cancel(id, by('twice')), 1000)).toMatchObject({
      status: 'cancelled',
      error: 'cancelled by ann: a cat',
    });
  });

  it('of what waits takes it out of the queue; of what is pending, and of what has ended, it answers too', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const [first, second, third] = [await rig.drive(5), await rig.drive(5), await rig.drive(5)];
    await rig.execute(first.id);
    const waiting = await rig.execute(second.id);
    expect((await rig.soon(rig.desk.cancel(second.id, by()))).status).toBe('cancelled');
    expect(await rig.soon(waiting.finished)).toMatchObject({ status: 'cancelled', execution_time_ms: null });
    expect((await rig.soon(rig.desk.cancel(third.id, by()))).status).toBe('cancelled');
    await rig.clock.advance(10_000);
    expect((await rig.soon(rig.desk.cancel(first.id, by()))).status).toBe('completed');
    expect(rig.base.began).toBe(1);
    expect(rig.store.illegal).toEqual([]);
  });

  it('answers where the base does not: the ticket has failed, and says so', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    rig.base.deaf = true;
    const { id } = await rig.drive(60);
    await rig.execute(id);
    await rig.clock.advance(100);
    expect(await rig.soon(rig.desk.cancel(id, by()), 6000)).toMatchObject({
      status: 'failed',
      error_code: 'motion-lost',
    });
  });

  it('of a start of a stack stops that stack', async () => {
    const rig = await deskRig();
    const { id } = await rig.create({ command: 'stack.start', params: { stack: 'teleop' } });
    await rig.execute(id);
    await rig.clock.advance(20);
    const cancelled = rig.desk.cancel(id, by());
    await rig.clock.advance(30_000);
    expect((await cancelled).status).toBe('cancelled');
    expect(rig.conductor.snapshot().active).toBeNull();
  });
});

describe('the command stop', () => {
  it('waits in no queue, ends what moves, and cancels what would move next', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const [moving, next] = [await rig.drive(10), await rig.drive(10)];
    const one = await rig.execute(moving.id);
    const two = await rig.execute(next.id);
    const stop = await rig.create({ command: 'stop' });
    expect(rig.base.moving.size).toBe(1);
    const { finished } = await rig.execute(stop.id);
    expect(rig.base.moving.size).toBe(0);
    expect(await rig.soon(finished)).toMatchObject({
      status: 'completed',
      result: { command: 'stop', executed: true },
    });
    expect(await rig.soon(one.finished)).toMatchObject({ status: 'cancelled' });
    expect(await rig.soon(two.finished)).toMatchObject({ status: 'cancelled' });
    await rig.clock.advance(20_000);
    expect(rig.base.began).toBe(1);
  });

  it('means a motion too that was being queued when it came', async () => {
    const rig = await deskRig({}, () => 20);
    await rig.through('start', 'nav');
    const [drive, stop] = [await rig.drive(10), await rig.create({ command: 'stop' })];
    const asked = rig.desk.execute({ ticket_id: stop.id, force: false }, by());
    const late = rig.desk.execute({ ticket_id: drive.id, force: false }, by());
    await rig.soon(asked, 1000);
    const { finished } = await rig.soon(late, 1000);
    expect(await rig.soon(finished, 1000)).toMatchObject({ status: 'cancelled' });
    expect(rig.base.moving.size).toBe(0);
  });
});

describe('the e-stop', () => {
  it('ends what runs in its own turn, lets nothing begin, and outlives the gateway', async () => {
    const rig = await deskRig({}, () => 20);
    await rig.through('start', 'nav');
    const [moving, waiting, later] = [await rig.drive(10), await rig.drive(1), await rig.drive(1)];
    const one = await rig.execute(moving.id);
    await rig.execute(waiting.id);
    const pressed = rig.desk.estop(by('smoke'));
    expect(rig.base.moving.size).toBe(0);
    expect(rig.conductor.snapshot().tickets?.estop).toMatchObject({ active: true, reason: 'smoke' });
    expect(await rig.soon(pressed)).toMatchObject({ active: true, stored: true });
    expect(await rig.soon(one.finished)).toMatchObject({
      status: 'cancelled',
      error: 'e-stopped by ann: smoke',
    });
    await rig.clock.advance(5000);
    expect(rig.base.began).toBe(1);
    expect(await rig.codeOf(rig.desk.execute({ ticket_id: later.id, force: false }, by()))).toBe(
      'estop-active',
    );
    await rig.soon(rig.desk.stop(), 1000);
    const again = rig.made();
    void again.start();
    await rig.clock.advance(1000);
    expect(again.status.estop).toMatchObject({ active: true, reason: 'smoke' });
    // What was queued is pending: nothing moves because a gateway came back, or an e-stop went.
    await rig.soon(again.resetEstop(by()), 1000);
    await rig.clock.advance(5000);
    expect(rig.base.began).toBe(1);
    expect(rig.store.tickets.get(waiting.id)?.status).toBe('pending');
  });

  it('acts where it cannot be written down, says so, and writes it down as soon as it can', async () => {
    const rig = await deskRig();
    rig.store.failing = 1;
    expect(await rig.soon(rig.desk.estop(by()))).toMatchObject({ active: true, stored: false });
    expect(rig.desk.status.estop.active).toBe(true);
    expect(rig.faults).toHaveLength(1);
    await rig.clock.advance(10_000);
    expect(rig.desk.status).toMatchObject({ available: true, estop: { active: true, stored: true } });
    expect(await rig.soon(rig.store.estop())).toMatchObject({ active: true });
  });

  it('is not lifted where that cannot be written down, nor by a reset that it overtakes', async () => {
    const rig = await deskRig();
    await rig.soon(rig.desk.estop(by('one')));
    rig.store.failing = 1;
    expect(await rig.codeOf(rig.desk.resetEstop(by()))).toBe('state-unwritable');
    expect(rig.desk.status.estop.active).toBe(true);
    const reset = rig.desk.resetEstop(by());
    const pressed = rig.desk.estop(by('two'));
    expect((await rig.soon(reset)).active).toBe(true);
    expect((await rig.soon(pressed)).active).toBe(true);
    expect(rig.store.stored.active).toBe(true);
  });

  it('lets the queue go on when it is reset', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const [one, two] = [await rig.drive(10), await rig.drive(1)];
    await rig.execute(one.id);
    const { finished } = await rig.execute(two.id);
    await rig.soon(rig.desk.estop(by()));
    await rig.clock.advance(5000);
    await rig.soon(rig.desk.resetEstop(by()));
    expect(await rig.soon(finished, 2000)).toMatchObject({ status: 'completed' });
  });
});

describe('a motion', () => {
  it('is refused, and the ticket left pending, without a stack that may drive, or in maintenance', async () => {
    const rig = await deskRig();
    const { id } = await rig.drive(1);
    const code = () => rig.codeOf(rig.desk.execute({ ticket_id: id, force: false }, by()));
    expect(await code()).toBe('motion-refused');
    await rig.through('start', 'teleop');
    expect(await code()).toBe('motion-refused');
    await rig.through('switch', 'nav');
    await rig.soon(
      rig.conductor.maintain({ target: null, reason: 'wheels off', until: null }, by('wheels off')),
    );
    expect(await code()).toBe('in-maintenance');
    await rig.soon(rig.conductor.endMaintenance(null, by()));
    rig.base.unavailable = { text: 'the ROS face is off', mend: '' };
    expect(await code()).toBe('motion-unavailable');
    expect(rig.store.tickets.get(id)?.status).toBe('pending');
    rig.base.unavailable = null;
    expect(await code()).toBe('no error');
  });

  it('is stopped in the turn in which its stack is told to end', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const { id } = await rig.drive(30);
    const { finished } = await rig.execute(id);
    await rig.clock.advance(500);
    expect(rig.base.moving.size).toBe(1);
    let movedOn = false;
    rig.conductor.subscribe((event) => {
      if (event.type === 'stack' && event.stack.name === 'nav' && event.stack.state !== 'RUNNING')
        movedOn ||= rig.base.moving.size > 0;
    });
    await rig.through('stop', 'nav');
    expect(await finished).toMatchObject({ status: 'failed', error_code: 'motion-refused' });
    expect(rig.base.moving.size).toBe(0);
    expect(movedOn).toBe(false);
  });

  it('that waits when the stack ends fails when its turn comes', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const [one, two] = [await rig.drive(10), await rig.drive(1)];
    await rig.execute(one.id);
    const { finished } = await rig.execute(two.id);
    await rig.through('stop', 'nav');
    expect(await finished).toMatchObject({
      status: 'failed',
      error_code: 'motion-refused',
      execution_time_ms: null,
    });
    expect(rig.base.began).toBe(1);
  });

  it('is told of with its turn while it waits: the first twelve, the next first', async () => {
    const rig = await deskRig();
    const ids: string[] = [];
    for (const priority of ['low', 'low', 'high', 'critical'] as const) {
      const { id } = await rig.drive(50, { dry_run: true, priority });
      await rig.execute(id);
      ids.push(id);
    }
    const [running, low, high, critical] = ids;
    expect(rig.desk.status.executing.map(({ id }) => id)).toEqual([running]);
    expect(rig.desk.status.queued.map(({ id }) => id)).toEqual([critical, high, low]);
    expect(rig.desk.status.queued[0]).toEqual({
      ...{ id: critical, command: 'drive', priority: 'critical', dry_run: true },
      params: { speed: 1, direction: 0, duration_seconds: 50 },
    });
    for (let more = 0; more < 10; more += 1) await rig.execute((await rig.drive(50, { dry_run: true })).id);
    expect(rig.desk.status).toMatchObject({ counts: { queued: 13 } });
    expect(rig.desk.status.queued).toHaveLength(12);
    await rig.soon(rig.desk.cancel(critical ?? '', by()));
    expect(rig.desk.status.queued.map(({ id }) => id)[0]).toBe(high);
  });

  it('as a dry run needs no stack, and moves nothing', async () => {
    const rig = await deskRig();
    const { id } = await rig.drive(2, { dry_run: true });
    const { finished } = await rig.execute(id);
    expect(await rig.soon(finished, 3000)).toMatchObject({
      status: 'completed',
      result: { distance_traveled: 2, distance_source: 'simulated' },
    });
    expect(rig.base.began).toBe(0);
  });

  it('is one at a time; what is none runs beside it', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const drives = [await rig.drive(3), await rig.drive(3, { priority: 'high' }), await rig.drive(3)];
    const all = [];
    for (const { id } of drives) all.push(await rig.execute(id));
    const scan = await rig.create({ command: 'scan', dry_run: true });
    const looked = await rig.execute(scan.id);
    expect(await rig.soon(looked.finished)).toMatchObject({
      status: 'completed',
      result: { simulated: true, nearest: { distance: 5 } },
    });
    await rig.clock.advance(12_000);
    for (const { finished } of all) expect(await finished).toMatchObject({ status: 'completed' });
    expect(rig.base).toMatchObject({ began: 3, most: 1 });
  });
});

describe('the end of the gateway', () => {
  it('ends what executes as interrupted, after the base was stopped', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const [one, two] = [await rig.drive(30), await rig.drive(30)];
    const first = await rig.execute(one.id);
    const second = await rig.execute(two.id);
    await rig.clock.advance(100);
    const stopped = rig.desk.stop();
    expect(rig.base.moving.size).toBe(0);
    await rig.soon(stopped, 1000);
    expect(await first.finished).toMatchObject({ status: 'failed', error_code: 'ticket-interrupted' });
    expect(await second.finished).toMatchObject({ status: 'queued' });
    expect(rig.base.began).toBe(1);
  });
});

describe('a store that is away', () => {
  it('refuses with the reason, and is opened when it is back', async () => {
    const rig = await deskRig();
    const desk = rig.made();
    rig.store.failing = 2;
    void desk.start();
    await rig.clock.advance(100);
    expect(desk.status).toMatchObject({ available: false, text: 'no room' });
    expect(await rig.codeOf(desk.list({ limit: 1, offset: 0 }))).toBe('tickets-unavailable');
    await rig.clock.advance(10_000);
    expect(desk.status.available).toBe(true);
  });

  it('that cannot write down an end is tried until it can, and who waits is told', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const { id } = await rig.drive(1);
    const { finished } = await rig.execute(id);
    await rig.clock.advance(500);
    rig.store.failing = 2;
    const done = await rig.soon(finished, 2000);
    expect(done).toMatchObject({
      status: 'completed',
      message: 'Execution completed successfully; it could not be written down yet: no room',
    });
    expect(rig.store.tickets.get(id)?.status).toBe('executing');
    await rig.clock.advance(10_000);
    expect(rig.store.tickets.get(id)?.status).toBe('completed');
  });

  it('that refuses a write is told of as such until it takes one again', async () => {
    const rig = await deskRig();
    rig.store.failing = 3;
    expect(await rig.codeOf(rig.drive(1))).toBe('state-unwritable');
    expect(rig.desk.status).toMatchObject({ available: false, text: 'no room' });
    await rig.clock.advance(3_000);
    expect(rig.desk.status.available).toBe(false);
    expect((await rig.soon(rig.desk.list({ limit: 1, offset: 0 }))).total).toBe(0);
    await rig.clock.advance(10_000);
    expect(rig.desk.status).toMatchObject({ available: true, text: 'ready' });
  });

  it('that cannot write down a cancel says so once the motion is stopped, each time it is asked', async () => {
    const rig = await deskRig();
    await rig.through('start', 'nav');
    const { id } = await rig.drive(50);
    const { finished } = await rig.execute(id);
    await rig.clock.advance(500);
    rig.store.failing = 1000;
    for (let time = 0; time < 2; time += 1) {
      const cancelled = rig.desk.cancel(id, by());
      expect(rig.base.moving.size).toBe(0);
      const refused = rig.codeOf(cancelled);
      expect(await rig.soon(refused, 100)).toBe('state-unwritable');
    }
    expect(await rig.soon(finished, 100)).toMatchObject({ status: 'cancelled' });
    rig.store.failing = 0;
    await rig.clock.advance(10_000);
    expect(rig.store.tickets.get(id)?.status).toBe('cancelled');
    expect(await rig.soon(rig.desk.cancel(id, by()), 100)).toMatchObject({ status: 'cancelled' });
  });

  it('and refuses a step while an earlier fault is set right: that is set right after it', async () => {
    const rig = await deskRig({}, () => 20);
    const [first, second] = [await rig.drive(50, { dry_run: true }), await rig.drive(1, { dry_run: true })];
    await rig.execute(first.id);
    await rig.execute(second.id);
    const refused = async (work: Promise<unknown>): Promise<void> => {
      rig.store.failing = 1;
      expect(await rig.codeOf(work)).toBe('state-unwritable');
    };
    await refused(rig.drive(1));
    // It is set right after two seconds, by three looks of 20 ms.
    await rig.clock.advance(2_030);
    await refused(rig.desk.cancel(second.id, by()));
    expect(rig.store.tickets.get(second.id)?.status).toBe('queued');
    await rig.clock.advance(10_000);
    expect(rig.store.tickets.get(second.id)?.status).toBe('cancelled');
  });
});

describe('telemetry', () => {
  it('counts what was created, how executions ended, and how long they took', async () => {
    const rig = await deskRig();
    const ran = await rig.drive(0.2, { dry_run: true });
    const { finished } = await rig.execute(ran.id);
    await rig.soon(finished, 1000);
    const stopped = await rig.drive(9, { dry_run: true });
    await rig.execute(stopped.id);
    await rig.clock.advance(50);
    await rig.soon(rig.desk.cancel(stopped.id, by()));
    const { metrics } = rig.desk.telemetry();
    expect(
      Object.fromEntries(metrics.map((one) => [one.name, one.type === 'histogram' ? one.count : one.value])),
    ).toEqual({
      'tickets.created': 2,
      'tickets.total': 2,
      'execution.latency_ms': 2,
      'execution.success': 1,
      'execution.failure': 0,
    });
    expect(
      rig.desk
        .telemetryEvents()
        .map(({ event }) => event)
        .reverse(),
    ).toEqual([
      'service_started',
      'ticket_created',
      'execution_started',
      'execution_completed',
      'ticket_created',
      'execution_started',
      'execution_cancelled',
    ]);
  });
});
