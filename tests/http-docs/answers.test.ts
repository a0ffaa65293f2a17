import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { servingRig } from './serving-rig.js';
import type { ServingRig } from './serving-rig.js';
import { until } from '../api/rig.js';
import { ask } from './ask.js';
import type { Question } from './ask.js';
import { Description } from './described.js';
import { QUESTIONS } from './questions.js';

let robot: ServingRig;
let description: Description;

beforeAll(async () => {
  robot = await servingRig({ fleet: true });
  description = await Description.of(robot.socketPath);
  robot.journal.append('rovi-nav.service', 'a line');
  await robot.client.start('mapping');
  robot.model.crash('rovi-mapping.service');
  await until('mapping to have failed', () =>
    robot.conductor.snapshot().stacks.some(({ name, state }) => name === 'mapping' && state === 'FAILED'),
  );
});

afterEach(async () => {
  await robot.client.stopAll();
  expect(robot.log.faults()).toEqual([]);
});

afterAll(async () => {
  await robot[Symbol.asyncDispose]();
});

it.each(Object.entries(QUESTIONS))('%s answers as described', async (route, { good, bad }) => {
  const { id } = await robot.client.stopAll();
  for (const [questions, lowest, highest] of [
    [good, 200, 399],
    [bad, 400, 499],
  ] as const) {
    expect(questions.length).toBeGreaterThan(0);
    for (const question of questions) {
      const asked = await forRobot(question, id);
      const answer = await ask(asked.asAdmin === true ? robot.port : robot.socketPath, asked);
      expect(description.faultsOf(route, answer), JSON.stringify(asked)).toEqual([]);
      expect(answer.status, JSON.stringify(asked)).toBeGreaterThanOrEqual(lowest);
      expect(answer.status, JSON.stringify(asked)).toBeLessThanOrEqual(highest);
    }
  }
});

/** The question with ids that there are. */
async function forRobot(question: Question, operation: string): Promise<Question> {
  const text = JSON.stringify(question).replace('OPERATION', operation);
  if (text.includes('RUN')) {
    const targets = [{ robot: 'alpha' }];
    const { id } = await robot.client.fleet.run({ command: { kind: 'estop' }, targets });
    return JSON.parse(text.replace('RUN', id)) as Question;
  }
  if (!text.includes('TICKET')) return JSON.parse(text) as Question;
  const { id } = await robot.client.tickets.create({ command: 'scan', dry_run: true });
  return JSON.parse(text.replace('TICKET', id)) as Question;
}

const start = 'POST /api/stacks/{name}/start';
const startNav = { method: 'POST', path: '/api/stacks/nav/start' };

it('describes what a start is refused and fails with', async () => {
  robot.model.behaviours.set('rovi-nav.service', { start: 'fails', stopMs: 10 });
  const failed = await ask(robot.socketPath, startNav);
  expect(failed.status).toBe(502);
  expect(description.faultsOf(start, failed)).toEqual([]);
  await robot.client.start('teleop');
  const busy = await ask(robot.socketPath, startNav);
  expect(busy.status).toBe(409);
  expect(description.faultsOf(start, busy)).toEqual([]);
});

it('describes the robot while systemd is away', async () => {
  await robot.client.start('teleop');
  robot.model.loseBus();
  const paths = ['health', 'state', 'active', 'graph', 'stacks', 'timeline', 'services/list'];
  for (const path of paths.map((one) => `/api/${one}`)) {
    const answer = await ask(robot.socketPath, { path });
    expect(answer.status).toBe(200);
    expect(description.faultsOf(`GET ${path}`, answer), path).toEqual([]);
  }
  const refused = await ask(robot.socketPath, startNav);
  robot.model.findBus();
  expect(refused.status).toBe(503);
  expect(description.faultsOf(start, refused)).toEqual([]);
});
