/**
 * A day of a busy robot in minutes: the real conductor and the real HTTP face on a real socket, over the model of a robot
 * on a virtual clock (the one of the property tests). Runs inside a robot with `node --expose-gc`; programs speak to it in
 * JSON lines (measure-day.ts).
 *
 * {folder: true}    where its socket is → {socketPath}
 * {run: SECONDS}    lets so many simulated seconds pass: one change of a stack's state each → {seq, changes, events, operations}
 * {measure: true}   collects garbage → {heap, rss}, bytes
 */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { noFleet } from '@rovi/conductor';
import { RobotModel, VirtualClock } from '@rovi/conductor/robot-model';
import { stackSchema } from '@rovi/contract';
import type { RoviEvent } from '@rovi/contract';
import type { HttpFaceOptions } from '@rovi/http';
import { modelGateway } from '../model-gateway.js';

/** What has happened until now. */
export interface DayCounts {
  /** Number of the last event. */
  readonly seq: number;
  readonly changes: number;
  readonly events: number;
  readonly operations: number;
}

const STACKS = ['teleop', 'mapping', 'localization', 'nav', 'camera'];
/** A stack is started and ends in four changes of state: STARTING, RUNNING, STOPPING, STOPPED or FAILED. */
const CYCLE_SECONDS = 4;
/** Every so many runs end in a crash. */
const CRASH_EACH = 25;

/** Says nothing but what must not happen. */
function sternLogger(): HttpFaceOptions['logger'] {
  const silent = (): void => undefined;
  const loud = (...words: unknown[]): void => void process.stderr.write(`${JSON.stringify(words)}\n`);
  const logger: Record<string, unknown> = { level: 'info', child: () => logger, silent };
  for (const name of ['trace', 'debug', 'info']) logger[name] = silent;
  for (const name of ['warn', 'error', 'fatal']) logger[name] = loud;
  return logger as unknown as HttpFaceOptions['logger'];
}

const folder = await mkdtemp('/tmp/rovi-day-');
const socketPath = join(folder, 'conductor.sock');
const model = new RobotModel(
  new VirtualClock(),
  Object.fromEntries(STACKS.map((name) => [`rovi-${name}.service`, [`${name}_node`]])),
  200,
);
const policy = {
  robot: 'bench',
  lock_wait: 1,
  services: {},
  stacks: Object.fromEntries(
    STACKS.map((name) => [
      name,
      stackSchema.parse({
        description: `The ${name} stack`,
        launch: { package: 'rovi_bringup', file: 'rovi.launch.py' },
        processes: [`${name}_node`],
        timeouts: { start: 2, stop: 5, settle: 0 },
      }),
    ]),
  ),
};
const { conductor, face } = modelGateway({
  model,
  policy,
  socketPath,
  tokensPath: join(folder, 'tokens.json'),
  logger: sternLogger(),
  fleetOf: () => noFleet,
  onFault: (error) => {
    throw error;
  },
});

let cycles = 0;
let changes = 0;
let events = 0;
const states = new Map<string, string>();

function count(event: RoviEvent): void {
  events += 1;
  if (event.type !== 'stack') return;
  const { name, state } = event.stack;
  if (states.get(name) !== state) changes += 1;
  states.set(name, state);
}

async function command(kind: 'start' | 'stop', stack: string): Promise<void> {
  const { finished } = conductor.command({
    kind,
    stack,
    actor: { name: 'bench', face: 'http', verified: false },
    origin: { transport: 'unix', peer: null, via: 'socket', role: 'operator' },
    reason: 'a busy day',
  });
  await model.clock.advance((CYCLE_SECONDS * 1000) / 2);
  const { outcome, message } = await finished;
  if (outcome !== 'succeeded') throw new Error(`${kind} ${stack}: ${message}`);
}

/** One run of a stack, from its start to its end. */
async function cycle(): Promise<void> {
  const stack = STACKS[cycles % STACKS.length] ?? '';
  cycles += 1;
  await command('start', stack);
  if (cycles % CRASH_EACH === 0) {
    model.crash(`rovi-${stack}.service`);
    await model.clock.advance((CYCLE_SECONDS * 1000) / 2);
  } else await command('stop', stack);
  // The model's own memory of what it was sent is no part of what is measured.
  model.sent.length = 0;
  await turn();
}

async function answer(order: { folder?: true; run?: number; measure?: true }): Promise<object> {
  if (order.run !== undefined) {
    for (let left = order.run; left > 0; left -= CYCLE_SECONDS) await cycle();
    const operations = 2 * cycles - Math.floor(cycles / CRASH_EACH);
    return { seq: conductor.snapshot().seq, changes, events, operations };
  }
  if (order.measure === true) {
    if (globalThis.gc === undefined) throw new Error('run this with --expose-gc');
    for (let again = 0; again < 3; again += 1) {
      globalThis.gc();
      await turn();
    }
    const { heapUsed, rss } = process.memoryUsage();
    return { heap: heapUsed, rss };
  }
  return { socketPath };
}

await conductor.start();
await face.start();
conductor.subscribe(count);
for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line) as { folder?: true; run?: number; measure?: true }).catch(
    (error: unknown) => ({ error: String(error) }),
  );
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
await face.stop();
await conductor.stop();
