/** Tickets as they are installed: real gateway, real SQLite in its own process, under the unit's confinement. */
import { ticketDetailSchema, ticketSchema, robotHealthSchema, type Ticket } from '@rovi/contract';
import { expect, test } from 'vitest';
import { InstalledRobot, OPERATOR } from '../installed-robot.js';

const GATEWAY = 'rovi-gateway.service';
const rovi = new InstalledRobot('tickets');

/** As an operator types it: curl over the unix socket. */
async function curl(...args: string[]): Promise<unknown> {
  const socket = ['--silent', '--unix-socket', '/run/rovi/conductor.sock'];
  const { stdout } = await rovi.robot.exec(['curl', ...socket, ...args], { user: OPERATOR });
  return JSON.parse(stdout);
}
const post = (path: string, body: object): Promise<unknown> =>
  curl('-H', 'Content-Type: application/json', '-d', JSON.stringify(body), `http://localhost${path}`);
const drive = async (seconds: number): Promise<Ticket> =>
  ticketSchema.parse(
    await post('/ticket', {
      command: 'drive',
      params: { speed: 1, duration_seconds: seconds },
      dry_run: true,
    }),
  );
const ticket = async (id: string) => ticketDetailSchema.parse(await curl(`http://localhost/ticket/${id}`));
const waitForStatus = (id: string, status: Ticket['status']) =>
  rovi.robot.waitFor(
    `${id} to be ${status}`,
    async () => ((await ticket(id)).status === status ? true : null),
    20_000,
  );
const health = async () => robotHealthSchema.parse(await curl('http://localhost/'));
const available = () =>
  rovi.robot.waitFor(
    'tickets',
    async () => ((await rovi.api.state().catch(() => null))?.tickets?.available === true ? true : null),
    30_000,
  );

test('a ticket is created, executed by the simulator, and shown', async () => {
  await available();
  const { id } = await drive(0.3);
  expect(await post('/execute', { ticket_id: id })).toMatchObject({
    status: 'completed',
    result: { executed: true, distance_source: 'simulated' },
    message: 'Execution completed successfully',
  });
  const { code, stdout } = await rovi.rovictl(['ticket', 'show', id], { user: OPERATOR });
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('completed') as string });
  expect(await health()).toMatchObject({ status: 'operational', tickets: { total: 1, completed: 1 } });
});

test('a motion that is no dry run is refused while no stack may drive: the catalog names none', async () => {
  const made = await post('/ticket', { command: 'drive', params: { speed: 1, duration_seconds: 1 } });
  const { id } = ticketSchema.parse(made);
  expect(await post('/execute', { ticket_id: id })).toMatchObject({
    code: expect.stringMatching(/^motion-(unavailable|refused)$/) as string,
  });
  expect((await ticket(id)).status).toBe('pending');
});

test('after kill -9 what was executing has failed, what was queued is pending, and nothing runs by itself', async () => {
  const [running, waiting] = [await drive(50), await drive(1)];
  for (const { id } of [running, waiting]) {
    const { code } = await rovi.rovictl(['ticket', 'show', id], { user: OPERATOR });
    expect(code).toBe(0);
    await curl(
      ...['-H', 'Prefer: respond-async', '-H', 'Content-Type: application/json'],
      ...['-d', JSON.stringify({ ticket_id: id }), 'http://localhost/execute'],
    );
  }
  await waitForStatus(running.id, 'executing');
  await waitForStatus(waiting.id, 'queued');
  await rovi.robot.exec(['systemctl', 'kill', '--kill-whom=main', '--signal=KILL', GATEWAY]);
  await rovi.robot.waitFor(
    'a dead gateway',
    async () => (await rovi.property(GATEWAY, 'ActiveState')) === 'failed',
  );
  await rovi.systemctl(['restart', GATEWAY]);
  await available();
  expect(await ticket(running.id)).toMatchObject({
    status: 'failed',
    error_code: 'ticket-interrupted',
    attempt_list: [{ number: 1, status: 'failed', execution_time_ms: null }],
  });
  expect((await ticket(waiting.id)).status).toBe('pending');
  expect(await post('/execute', { ticket_id: waiting.id })).toMatchObject({ status: 'completed' });
});

test('the e-stop ends what runs, survives a restart, and is reset by an operator', async () => {
  const { id } = await drive(50);
  await curl(
    ...['-H', 'Prefer: respond-async', '-H', 'Content-Type: application/json'],
    ...['-d', JSON.stringify({ ticket_id: id }), 'http://localhost/execute'],
  );
  await waitForStatus(id, 'executing');
  const pressed = await rovi.rovictl(['estop', '--reason', 'a dog'], { user: OPERATOR });
  expect(pressed.code).toBe(0);
  await waitForStatus(id, 'cancelled');
  await rovi.systemctl(['restart', GATEWAY]);
  await available();
  expect((await rovi.api.state()).tickets?.estop).toMatchObject({
    active: true,
    reason: 'a dog',
    stored: true,
  });
  expect((await health()).status).toBe('estopped');
  const next = await drive(0.2);
  expect(await post('/execute', { ticket_id: next.id })).toMatchObject({ code: 'estop-active' });
  expect((await rovi.rovictl(['status'], { user: OPERATOR })).stdout).toMatch(/e-stop/i);
  expect((await rovi.rovictl(['estop', 'reset', '--yes'], { user: OPERATOR })).code).toBe(0);
  expect(await post('/execute', { ticket_id: next.id })).toMatchObject({ status: 'completed' });
});

test('the process of the store killed: what was asked meanwhile is refused or right, and it is back by itself', async () => {
  await rovi.robot.exec(['pkill', '-KILL', '-f', 'rovi-tickets.mjs']);
  const made = await rovi.robot.waitFor(
    'tickets to be stored again',
    async () =>
      ticketSchema.safeParse(await post('/ticket', { command: 'scan', dry_run: true })).data ?? null,
    30_000,
  );
  expect(await post('/execute', { ticket_id: made.id })).toMatchObject({
    status: 'completed',
    result: { simulated: true },
  });
});

// The kills are the story, and what the store's process says of its end.
rovi.expectNoWarningsBut(
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
  /^rovi-gateway\.service\[4\] rovi-gateway: .*"part":"(store|tickets)"/,
);
