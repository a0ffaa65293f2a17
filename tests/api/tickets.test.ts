import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { promisify } from 'node:util';
import { executionSchema, ticketDetailSchema, ticketListSchema, ticketSchema } from '@rovi/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tcpRig } from '../access/tcp-rig.js';
import { ask } from '../http-docs/ask.js';
import type { Question, Reply } from '../http-docs/ask.js';
import { Live } from './live.js';
import { connect, refusal, rig, until } from './rig.js';
import type { Rig } from './rig.js';

const exec = promisify(execFile);

let robot: Rig;
beforeEach(async () => {
  robot = await rig();
});
afterEach(async () => {
  expect(robot.log.faults()).toEqual([]);
  expect(robot.store.illegal).toEqual([]);
  await robot[Symbol.asyncDispose]();
});

const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> =>
  ask(robot.socketPath, {
    ...question(path, body),
    headers: { ...question(path, body).headers, ...headers },
  });

function question(path: string, body: unknown): Question {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { method: 'POST', path, headers: { 'Content-Type': 'application/json' }, body: text };
}

const drive = (seconds: number) => ({
  command: 'drive',
  params: { speed: 1.5, direction: 90, duration_seconds: seconds },
  dry_run: true,
});

async function created(seconds = 0.1): Promise<string> {
  return (await robot.client.tickets.create(drive(seconds))).id;
}

const statusOf = (id: string) => robot.store.tickets.get(id)?.status;
const executing = (id: string) => until(`${id} to execute`, () => statusOf(id) === 'executing');

describe('a ticket', () => {
  it('is created, read, executed and listed as the seed has it', async () => {
    const made = await post('/ticket', {
      ...drive(0.1),
      priority: 'normal',
      metadata: { operator: 'user-001' },
    });
    const ticket = ticketSchema.parse(JSON.parse(made.text));
    expect([made.status, made.headers.location]).toEqual([201, `/ticket/${ticket.id}`]);
    expect(ticket).toMatchObject({
      id: expect.stringMatching(/^tick-\d{8}-[0-9a-f]{8}$/) as string,
      status: 'pending',
      metadata: { operator: 'user-001' },
      started_at: null,
      completed_at: null,
      result: null,
      error: null,
    });
    const done = await post('/execute', { ticket_id: ticket.id, force: false });
    expect(done.status).toBe(200);
    expect(executionSchema.parse(JSON.parse(done.text))).toMatchObject({
      ticket_id: ticket.id,
      status: 'completed',
      result: { command: 'drive', executed: true, speed: 1.5, direction: 90, duration_seconds: 0.1 },
      error: null,
      message: 'Execution completed successfully',
    });
    const read = await ask(robot.socketPath, { path: `/ticket/${ticket.id}` });
    const detail = ticketDetailSchema.parse(JSON.parse(read.text));
    expect(detail.transitions.map(({ to }) => to)).toEqual(['pending', 'queued', 'executing', 'completed']);
    expect(detail.attempt_list).toHaveLength(1);
    const list = await ask(robot.socketPath, { path: '/tickets?status=completed&limit=1' });
    expect(ticketListSchema.parse(JSON.parse(list.text))).toMatchObject({ total: 1, limit: 1, offset: 0 });
    expect(await robot.client.robotHealth()).toEqual({
      service: 'rovi',
      version: '1.2.3',
      status: 'operational',
      tickets: { total: 1, pending: 0, queued: 0, executing: 0, completed: 1, failed: 0, cancelled: 0 },
    });
  });

  it('is executed in the background for who prefers that', async () => {
    const id = await created();
    const { status, headers, text } = await post('/execute', { ticket_id: id }, { Prefer: 'respond-async' });
    expect([status, headers.location, headers['preference-applied']]).toEqual([
      202,
      `/ticket/${id}`,
      'respond-async',
    ]);
    expect(JSON.parse(text)).toMatchObject({ ticket_id: id, status: 'queued', execution_time_ms: null });
    await until('its end', () => statusOf(id) === 'completed');
  });

  it('is executed once, however many ask at once', async () => {
    const id = await created();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('/execute', { ticket_id: id })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(409)]);
    expect(answers.filter(({ text }) => text.includes('"code":"ticket-state"'))).toHaveLength(9);
    expect((await robot.client.tickets.read(id)).attempts).toBe(1);
  });

  it('goes on when the client that waits for it hangs up', async () => {
    const id = await created(0.3);
    const asked = request({ socketPath: robot.socketPath, ...question('/execute', {}) });
    asked.on('error', () => undefined);
    asked.setHeader('Content-Type', 'application/json');
    asked.end(JSON.stringify({ ticket_id: id }));
    await executing(id);
    asked.destroy();
    await until('its end', () => statusOf(id) === 'completed');
  });

  it('is not begun by a client that hangs up in the middle of its body', async () => {
    const socket = await connect(robot.socketPath);
    const head =
      'POST /ticket HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n';
    socket.write(`${head}{"command":`);
    socket.destroy();
    await robot.client.tickets.create(drive(1));
    expect(robot.store.tickets.size).toBe(1);
  });

  it('is ended by a cancel while it executes, for all who wait; a second cancel says the same', async () => {
    const id = await created(60);
    const waiting = post('/execute', { ticket_id: id });
    await executing(id);
    const [first, second] = await Promise.all(
      [1, 2].map(() => post(`/ticket/${id}/cancel`, { reason: 'not needed' }, { 'X-Rovi-Actor': 'ann' })),
    );
    for (const answer of [first, second]) {
      expect([answer?.status, JSON.parse(answer?.text ?? '')]).toMatchObject([
        200,
        { status: 'cancelled', error: 'cancelled by ann: not needed', error_code: 'ticket-cancelled' },
      ]);
    }
    const { transitions } = await robot.client.tickets.read(id);
    expect(transitions.map(({ to, actor }) => [to, actor.name])).toEqual([
      ['pending', 'tester'],
      ['queued', 'unknown'],
      ['executing', 'unknown'],
      ['cancelled', 'ann'],
    ]);
    const { status, text } = await waiting;
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      { status: 'cancelled', error_code: 'ticket-cancelled' },
    ]);
  });

  it('that fails is answered with 200 as the seed has it, and is run again by force alone', async () => {
    robot.model.behaviours.set('rovi-nav.service', { start: 'fails', stopMs: 10 });
    const { id } = await robot.client.tickets.create({ command: 'stack.start', params: { stack: 'nav' } });
    expect(await robot.client.tickets.execute(id)).toMatchObject({
      status: 'failed',
      error_code: 'start-failed',
    });
    expect((await refusal(robot.client.tickets.execute(id))).code).toBe('ticket-state');
    robot.model.behaviours.set('rovi-nav.service', { start: 'works', stopMs: 10 });
    expect(await robot.client.tickets.execute(id, { force: true })).toMatchObject({ status: 'completed' });
    const { attempt_list: attempts } = await robot.client.tickets.read(id);
    expect(attempts.map(({ status }) => status)).toEqual(['failed', 'completed']);
  });

  it('that may not move the robot now is refused with the reason, and stays pending', async () => {
    const body = { command: 'drive', params: { speed: 1, duration_seconds: 0.1 } };
    const { id } = await robot.client.tickets.create(body);
    const refused = await post('/execute', { ticket_id: id });
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([409, { code: 'motion-refused' }]);
    expect(statusOf(id)).toBe('pending');
    await robot.client.start('nav');
    expect(await robot.client.tickets.execute(id)).toMatchObject({ status: 'completed' });
  });

  it('is told to who listens, by SSE and by WebSocket', async () => {
    const live = await Live.open(robot.socketPath);
    const heard: (string | undefined)[] = [];
    const over = new AbortController();
    let listens = false;
    const listening = (async () => {
      for await (const event of robot.client.events({ signal: over.signal }))
        if (event.type === 'snapshot') listens = true;
        else if (event.type === 'ticket') heard.push(event.ticket?.status);
    })().catch(() => undefined);
    await until('both snapshots', () => live.events.length > 0 && listens);
    await robot.client.tickets.execute(await created());
    const steps = ['pending', 'queued', 'executing', 'completed'];
    await until('every step', () => heard.length >= 4);
    expect(heard).toEqual(steps);
    const told = () => live.events.flatMap((event) => (event.type === 'ticket' ? [event] : []));
    await until('every step', () => told().length === 4);
    expect(told().map(({ ticket }) => ticket?.status)).toEqual(steps);
    expect(told().at(-1)?.desk.counts).toMatchObject({ total: 1, completed: 1 });
    over.abort();
    await listening;
    live.webSocket.terminate();
  });

  it('has who commanded in the audit, also where that was refused', async () => {
    const id = await created();
    await post('/execute', { ticket_id: id }, { 'X-Rovi-Actor': 'ann' });
    await post(`/ticket/${id}/cancel`, { colour: 'red' }, { 'X-Rovi-Actor': 'ann' });
    const entries = await robot.client.audit(10);
    expect(entries.map(({ command, target, decision }) => [command, target, decision])).toEqual([
      ['ticket-create', 'drive', 'accepted'],
      ['ticket-execute', id, 'accepted'],
      ['ticket-cancel', id, 'refused'],
    ]);
    expect(entries[1]?.actor.name).toBe('ann');
  });
});

describe('the e-stop', () => {
  it('ends what executes, refuses what comes, and is lifted by a reset', async () => {
    const id = await created(60);
    const queued = await created();
    const waiting = post('/execute', { ticket_id: id });
    await executing(id);
    const later = post('/execute', { ticket_id: queued });
    await until('the second to be queued', () => statusOf(queued) === 'queued');
    const stop = await post('/estop', '', { 'X-Rovi-Actor': 'ann' });
    expect([stop.status, JSON.parse(stop.text)]).toMatchObject([
      200,
      { active: true, stored: true, actor: { name: 'ann' } },
    ]);
    expect(JSON.parse((await waiting).text)).toMatchObject({
      status: 'cancelled',
      error: 'e-stopped by ann',
    });
    expect((await robot.client.robotHealth()).status).toBe('estopped');
    const refused = await post('/execute', { ticket_id: await created() });
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([409, { code: 'estop-active' }]);
    expect(statusOf(queued)).toBe('queued');
    expect(JSON.parse((await post('/estop/reset', { reason: 'clear' })).text)).toMatchObject({
      active: false,
    });
    expect(JSON.parse((await later).text)).toMatchObject({ ticket_id: queued, status: 'completed' });
  });

  it('and a cancel get through for a token that has used up its requests, a reset does not', async () => {
    await using tcp = await tcpRig({}, { requests: { points: 5, duration: 3600 } });
    const token = await tcp.token('operator');
    const { id } = await tcp.client.tickets.create(drive(60));
    await tcp.client.tickets.execute(id, { async: true });
    let status = 200;
    for (let asked = 0; asked < 20 && status !== 429; asked += 1)
      ({ status } = await tcp.askFromAfar({ path: '/tickets' }, token));
    expect(status).toBe(429);
    for (const path of [`/ticket/${id}/cancel`, '/estop', '/estop?why=now'])
      expect((await tcp.askFromAfar({ method: 'POST', path }, token)).status, path).toBe(200);
    expect((await tcp.client.tickets.read(id)).status).toBe('cancelled');
    for (const path of ['/estop/reset', '/ticket', '/execute'])
      expect((await tcp.askFromAfar({ method: 'POST', path }, token)).status, path).toBe(429);
    const viewer = await tcp.token('viewer');
    expect((await tcp.askFromAfar({ method: 'POST', path: '/estop' }, viewer)).status).toBe(403);
  });
});

describe('telemetry', () => {
  it('has the metrics and events of the seed, and /metrics the same for Prometheus', async () => {
    await robot.client.tickets.execute(await created(0.06));
    const long = await created(60);
    const waiting = robot.client.tickets.execute(long);
    await executing(long);
    await robot.client.tickets.cancel(long);
    await waiting;
    const { metrics } = await robot.client.tickets.metrics();
    const value = (name: string) => metrics.find((one) => one.name === name);
    expect(value('tickets.created')).toMatchObject({ type: 'counter', value: 2 });
    expect(value('tickets.total')).toMatchObject({ type: 'gauge', value: 2 });
    expect(value('execution.success')).toMatchObject({ value: 1 });
    expect(value('execution.failure')).toMatchObject({ value: 0 });
    expect(value('execution.latency_ms')).toMatchObject({ type: 'histogram', count: 2 });
    const events = await robot.client.tickets.events();
    expect(events.map(({ event }) => event)).toEqual([
      'execution_cancelled',
      'execution_started',
      'ticket_created',
      'execution_completed',
      'execution_started',
      'ticket_created',
      'service_started',
    ]);
    await robot.client.tickets.estop();
    const { text } = await ask(robot.socketPath, { path: '/metrics' });
    for (const line of [
      'rovi_tickets{status="completed"} 1',
      'rovi_tickets{status="cancelled"} 1',
      'rovi_tickets{status="queued"} 0',
      'rovi_tickets_created_total 2',
      'rovi_ticket_executions_total{status="completed"} 1',
      'rovi_ticket_executions_total{status="cancelled"} 1',
      'rovi_ticket_executions_total{status="failed"} 0',
      'rovi_ticket_execution_duration_seconds_bucket{le="+Inf"} 2',
      'rovi_ticket_execution_duration_seconds_count 2',
      'rovi_estop_active 1',
    ])
      expect(text.split('\n')).toContain(line);
    const inBuckets = [...text.matchAll(/^rovi_ticket_execution_duration_seconds_bucket\{.*\} (\d+)$/gm)].map(
      ([, count]) => Number(count),
    );
    expect(inBuckets).toEqual([...inBuckets].sort());
    expect(Number(/^rovi_ticket_execution_duration_seconds_sum (.*)$/m.exec(text)?.[1])).toBeGreaterThan(
      0.05,
    );
  });
});

describe('a hostile body', () => {
  const withParams = (params: string) => `{"command":"drive","dry_run":true,"params":${params}}`;

  it.each([
    ['{"command":"drive","params":{"speed":NaN,"duration_seconds":1}}', 400],
    [withParams('{"speed":1e999,"duration_seconds":1}'), 400],
    [withParams('{"speed":-1,"duration_seconds":1}'), 400],
    [withParams('{"speed":0,"duration_seconds":1}'), 400],
    [withParams('{"speed":3.0001,"duration_seconds":1}'), 400],
    [withParams('{"speed":"1","duration_seconds":1}'), 400],
    [withParams('{"speed":[1],"duration_seconds":1}'), 400],
    [withParams('{"speed":null,"duration_seconds":1}'), 400],
    [withParams('{"speed":1,"duration_seconds":-1}'), 400],
    [withParams('{"speed":1,"duration_seconds":1e9}'), 400],
    [withParams('{"speed":1,"duration_seconds":1,"direction":1e9}'), 400],
    [withParams('{"speed":1,"duration_seconds":1,"colour":"red"}'), 400],
    [withParams('{"__proto__":{"speed":1,"duration_seconds":1}}'), 400],
    [withParams('[]'), 400],
    ['{"__proto__":{"command":"stop"}}', 400],
    ['{"command":["stop"]}', 400],
    ['{"command":"__proto__"}', 400],
    ['{"command":"constructor"}', 400],
    ['{"command":"stop","timeout_seconds":-1}', 400],
    ['{"command":"stop","timeout_seconds":1e999}', 400],
    ['{"command":"stop","timeout_seconds":"5"}', 400],
    ['{"command":"stop","dry_run":"yes"}', 400],
    ['{"command":"stop","status":"completed"}', 400],
    ['{"command":"stop","id":"tick-20251108-a3f7e9c0"}', 400],
    ['{"command":"stop","metadata":[]}', 400],
    [`{"command":"stop","metadata":{"a":"${'x'.repeat(9_000)}"}}`, 400],
    [`{"command":"stop","metadata":{"a":"${'x'.repeat(1_000_000)}"}}`, 413],
    [`{"command":"stop","metadata":{"a":${'['.repeat(7_000)}${']'.repeat(7_000)}}}`, 400],
    [`{"command":"stop","metadata":${'{"a":'.repeat(21)}{}${'}'.repeat(21)}}`, 400],
    [withParams(`{"speed":${'['.repeat(7_000)}${']'.repeat(7_000)},"duration_seconds":1}`), 400],
    [`{"command":${'['.repeat(7_000)}${']'.repeat(7_000)}}`, 400],
    ['[]', 400],
    ['"stop"', 400],
    ['null', 400],
    ['', 400],
  ])('%.90s is refused', async (body, expected) => {
    const { status, type, text } = await post('/ticket', body);
    expect([status, type], text).toEqual([expected, 'application/problem+json']);
    expect(robot.store.tickets.size).toBe(0);
  });

  it('whose metadata is odd is kept as it came', async () => {
    const text = '{"__proto__":{"a":1},"constructor":null,"deep":[[[[]]]],"n":-0.5,"u":"\\u202e"}';
    const { status, text: answer } = await post('/ticket', `{"command":"stop","metadata":${text}}`);
    expect(status).toBe(201);
    const { id } = ticketSchema.parse(JSON.parse(answer));
    const read = await ask(robot.socketPath, { path: `/ticket/${id}` });
    expect(read.text).toContain('"deep":[[[[]]]],"n":-0.5');
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it.each([
    '{"ticket_id":"../../etc/passwd"}',
    '{"ticket_id":["tick-20251108-a3f7e9c0"]}',
    '{"ticket_id":"tick-20251108-a3f7e9c0","force":1}',
    '{"ticket_id":"tick-20251108-a3f7e9c0\'; DROP TABLE tickets;--"}',
    '{}',
  ])('of an execution, %s, is refused', async (body) => {
    expect((await post('/execute', body)).status).toBe(400);
  });
});

describe('curl, as the seed has it', () => {
  // The seed's own words; only the port is another.
  const commands = (base: string, id: string) => ({
    create: `curl -X POST ${base}/ticket \\
  -H "Content-Type: application/json" \\
  -d '{
    "command": "drive",
    "params": {"speed": 1.5, "direction": 90, "duration_seconds": 10},
    "priority": "normal"
  }'`,
    execute: `curl -X POST ${base}/execute \\
  -H "Content-Type: application/json" \\
  -d '{
    "ticket_id": "${id}"
  }'`,
    list: `curl ${base}/tickets`,
    metrics: `curl ${base}/telemetry/metrics`,
    health: `curl ${base}/`,
  });

  /** In a shell, with what the rc file of an operator would add for a token or the socket. */
  const shell = async (command: string, more: string): Promise<unknown> => {
    const added = `curl() { command curl --silent --show-error ${more} "$@"; }\n${command}`;
    return JSON.parse((await exec('bash', ['-c', added])).stdout) as unknown;
  };

  it.each(['TCP with a token', 'TCP as an account of the robot', 'the unix socket'])(
    'over %s',
    async (way) => {
      await using tcp = await tcpRig();
      const base = way === 'the unix socket' ? 'http://localhost' : `http://localhost:${String(tcp.port)}`;
      const more = {
        'TCP with a token': `-H 'Authorization: Bearer ${await tcp.token('operator')}'`,
        'TCP as an account of the robot': '',
        'the unix socket': `--unix-socket ${tcp.socketPath}`,
      }[way] as string;
      await tcp.client.start('nav');
      const ticket = ticketSchema.parse(await shell(commands(base, '').create, more));
      expect(ticket).toMatchObject({
        status: 'pending',
        priority: 'normal',
        params: { speed: 1.5, direction: 90 },
      });
      const { execute, list, metrics, health } = commands(base, ticket.id);
      const running = shell(execute, more);
      await until('it to execute', () => tcp.store.tickets.get(ticket.id)?.status === 'executing');
      expect(await shell(health, more)).toMatchObject({
        service: 'rovi',
        status: 'operational',
        tickets: { total: 1, executing: 1 },
      });
      await tcp.client.tickets.cancel(ticket.id);
      expect(await running).toMatchObject({ ticket_id: ticket.id, status: 'cancelled' });
      expect(await shell(list, more)).toMatchObject({ total: 1, tickets: [{ id: ticket.id }] });
      expect(await shell(metrics, more)).toMatchObject({
        metrics: expect.arrayContaining([{ name: 'tickets.created', type: 'counter', value: 1 }]) as unknown,
      });
    },
  );
});
