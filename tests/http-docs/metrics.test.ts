import { expect, it } from 'vitest';
import { refusal, rig, until } from '../api/rig.js';
import type { Rig } from '../api/rig.js';
import { ask } from './ask.js';

/** The value of each series, by its name and labels as they are written. */
async function scrape({ socketPath }: Rig): Promise<Map<string, number>> {
  const { status, headers, text } = await ask(socketPath, { path: '/metrics' });
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

it('tells the state of each stack as a set', async () => {
  await using robot = await rig();
  await robot.client.start('nav');
  const series = await scrape(robot);
  expect(series.get('rovi_stack_state{stack="nav",state="RUNNING"}')).toBe(1);
  expect(series.get('rovi_stack_state{stack="nav",state="STOPPED"}')).toBe(0);
  expect(series.get('rovi_stack_state{stack="teleop",state="STOPPED"}')).toBe(1);
  expect(series.get('rovi_stack_verdict{stack="nav",level="ok"}')).toBe(1);
  expect(series.get('rovi_stack_expected_processes{stack="nav"}')).toBe(1);
  expect(series.get('rovi_stack_present_processes{stack="nav"}')).toBe(1);
  expect(series.get('rovi_stack_crashes_total{stack="nav"}')).toBe(0);
  expect(series.get('rovi_unit_restarts_total{unit="rovi-nav.service"}')).toBe(0);
  expect(series.get('rovi_bus_connected')).toBe(1);
  expect(series.get(`rovi_build_info{version="1.2.3",node_version="${process.version}"}`)).toBe(1);
  expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
});

it('shows nothing of before when systemd is away', async () => {
  await using robot = await rig();
  await robot.client.start('nav');
  await scrape(robot);
  robot.model.loseBus();
  await until('the loss is noticed', () => !robot.conductor.snapshot().bus.connected);
  const series = await scrape(robot);
  expect(series.get('rovi_bus_connected')).toBe(0);
  expect(series.get('rovi_state_known')).toBe(0);
  for (const stack of ['teleop', 'mapping', 'nav']) {
    expect(series.get(`rovi_stack_state{stack="${stack}",state="UNKNOWN"}`)).toBe(1);
    expect(series.get(`rovi_stack_state{stack="${stack}",state="RUNNING"}`)).toBe(0);
    expect(series.get(`rovi_stack_verdict{stack="${stack}",level="stale"}`)).toBe(1);
    expect(series.has(`rovi_stack_present_processes{stack="${stack}"}`)).toBe(false);
    expect(series.has(`rovi_unit_restarts_total{unit="rovi-${stack}.service"}`)).toBe(false);
  }
});

it('counts each operation once, and how long it took', async () => {
  await using robot = await rig();
  await robot.client.start('nav');
  await robot.client.start('nav');
  robot.model.behaviours.set('rovi-teleop.service', { start: 'fails', stopMs: 10 });
  await robot.client.stop('nav');
  await refusal(robot.client.start('teleop'));
  await refusal(robot.client.start('nowhere'));
  const series = await scrape(robot);
  expect(series.get('rovi_operations_total{kind="start",outcome="succeeded"}')).toBe(2);
  expect(series.get('rovi_operations_total{kind="start",outcome="failed"}')).toBe(1);
  expect(series.get('rovi_operations_total{kind="stop",outcome="succeeded"}')).toBe(1);
  expect(series.get('rovi_operation_duration_seconds_count{kind="start",outcome="succeeded"}')).toBe(2);
});

it('tells requests by their route, never by what a client makes up', async () => {
  await using robot = await rig();
  await robot.client.stack('nav');
  for (const path of ['/nowhere', '/api/made-up', '/api/stacks/nav/more'])
    await ask(robot.socketPath, { path });
  await ask(robot.socketPath, { method: 'PUT', path: '/api/state' });
  const series = await scrape(robot);
  const requests = 'rovi_http_request_duration_seconds_count';
  expect(series.get(`${requests}{method="GET",route="/api/stacks/:name",status="200"}`)).toBe(1);
  expect(series.get(`${requests}{method="any",route="none",status="404"}`)).toBe(3);
  expect(series.get(`${requests}{method="any",route="none",status="405"}`)).toBe(1);
  expect([...series.keys()].filter((one) => one.includes('made-up'))).toEqual([]);
});

it('tells open streams, and counts none as a request', async () => {
  await using robot = await rig();
  const open = 'rovi_event_streams{kind="events"}';
  expect((await scrape(robot)).get(open)).toBe(0);
  for await (const event of robot.client.events()) {
    expect(event.type).toBe('snapshot');
    expect((await scrape(robot)).get(open)).toBe(1);
    break;
  }
  const deadline = performance.now() + 30_000;
  for (;;) {
    const series = await scrape(robot);
    if (series.get(open) === 0) {
      expect([...series.keys()].filter((one) => one.includes('/api/events'))).toEqual([]);
      return;
    }
    expect(performance.now()).toBeLessThan(deadline);
  }
});

it('is written as Prometheus reads it', async () => {
  await using robot = await rig();
  await robot.client.start('nav');
  const { text } = await ask(robot.socketPath, { path: '/metrics' });
  const types = new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]),
  );
  const helps = [...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name);
  expect([...types.keys()]).toEqual(helps);
  for (const [name, type] of types) {
    expect(name).toMatch(/^(?:rovi|process|nodejs)_[a-z_]+$/);
    expect(name.endsWith('_total'), name).toBe(type === 'counter');
  }
});
