import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { RoviClient } from '@rovi/client';
import { Conductor, noFleet } from '@rovi/conductor';
import type { AuditLog, ConductorApi, FleetConsole, HealthProber } from '@rovi/conductor';
import {
  modelDesk,
  MemoryMarkStore,
  MemorySupervisionStore,
  RobotModel,
  RobotWithServices,
  VirtualClock,
} from '@rovi/conductor/robot-model';
import {
  AUDIT_MESSAGE,
  GATEWAY_UNIT,
  RoviError,
  catalogSchema,
  httpSchema,
  rosSchema,
  stackSchema,
  streamsSchema,
  ticketSettingsSchema,
} from '@rovi/contract';
import { createHttpFace } from '@rovi/http';
import type { HttpFaceOptions } from '@rovi/http';
import type { ServiceEntry } from '@rovi/contract';
import { NoRosTransport, RosFace } from '@rovi/ros';
import { MemoryJournal } from './memory-journal.js';

/** The model's clock on real time: sockets do not wait for a virtual one. */
class RealTime extends VirtualClock {
  override now(): number {
    return Date.now();
  }

  override monotonic(): number {
    return performance.now();
  }

  override at(delay: number, run: () => void): void {
    setTimeout(run, delay);
  }
}

type Logger = HttpFaceOptions['logger'];

/** Keeps what the face logs: a test can say that nothing was wrong. */
export class KeptLog {
  readonly lines: { level: string; text: unknown }[] = [];
  level = 'trace';
  readonly logger: Logger;

  constructor() {
    const at = (level: string) => (first: unknown, second?: unknown) => {
      this.lines.push({ level, text: [second, first] });
    };
    const logger = {
      level: 'trace',
      child: () => logger,
      silent: () => undefined,
      ...Object.fromEntries(
        ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((name) => [name, at(name)]),
      ),
    } as unknown as Logger;
    this.logger = logger;
  }

  /** What a test that announced nothing must not find. */
  faults(): unknown[] {
    return this.lines
      .filter(({ level }) => ['warn', 'error', 'fatal'].includes(level))
      .map(({ text }) => text);
  }
}

const STACKS = ['teleop', 'mapping', 'nav'];

/** Every look finds the service well: what probes find is tested with the probes. */
const well: HealthProber = {
  probe: () => Promise.resolve({ ok: true, text: 'HTTP 200', figures: { status: 200 } }),
};

/** The HTTP face on a real socket, over the real conductor, over the model of a robot. */
export async function rig(
  streams: HttpFaceOptions['streams'] = {},
  {
    services = {},
    tickets = {},
    startSeconds = 2,
    fleet = () => noFleet,
    ...more
  }: Partial<Pick<HttpFaceOptions, 'tcp' | 'group' | 'webFolder' | 'answerMs'>> & {
    readonly services?: Readonly<Record<string, ServiceEntry>>;
    /** The catalog's table `tickets`; during nav they may drive. */
    readonly tickets?: Readonly<Record<string, unknown>>;
    /** How long the start of a stack that hangs waits. */
    readonly startSeconds?: number;
    readonly fleet?: (parts: { conductor: ConductorApi; audit: AuditLog }) => FleetConsole;
  } = {},
) {
  const folder = await mkdtemp('/tmp/rovi-api-');
  const socketPath = join(folder, 'conductor.sock');
  const model = new RobotModel(
    new RealTime(),
    Object.fromEntries(STACKS.map((name) => [`rovi-${name}.service`, [`${name}_node`]])),
    200,
  );
  const journal = new MemoryJournal();
  const log = new KeptLog();
  const policy = {
    robot: 'testbed',
    lock_wait: 1,
    services,
    stacks: Object.fromEntries(
      STACKS.map((name) => [
        name,
        stackSchema.parse({
          description: `The ${name} stack`,
          launch: { package: 'rovi_bringup', file: 'rovi.launch.py' },
          processes: [`${name}_node`],
          timeouts: { start: startSeconds, stop: 5, settle: 0 },
        }),
      ]),
    ),
  };
  const written = catalogSchema.parse({ ...policy, version: 1, workspace: '/w', env_file: '/e' });
  const audit: AuditLog = {
    record: (entry) => journal.append(GATEWAY_UNIT, JSON.stringify({ msg: AUDIT_MESSAGE, audit: entry })),
  };
  const conductor = new Conductor({
    policy,
    version: '1.2.3',
    catalog: {
      first: written,
      read: () => Promise.resolve(written),
      changedFiles: () => Promise.resolve([]),
    },
    units: new RobotWithServices(model, services, model.clock),
    lock: model,
    journal,
    audit,
    clock: model.clock,
    prober: well,
    environment: {},
    maintenanceMarks: new MemoryMarkStore(),
    stoppedMarks: new MemoryMarkStore(),
    supervision: new MemorySupervisionStore(),
    onListenerFault: (error) => {
      throw error;
    },
  });
  const ros = new RosFace({
    conductor,
    transport: new NoRosTransport('this is a rig', 'Nothing to mend.'),
    policy: { ...policy, ros: rosSchema.parse({}), streams: streamsSchema.parse({}) },
    logger: log.logger,
  });
  const { desk, store } = modelDesk({
    conductor,
    clock: model.clock,
    audit,
    settings: ticketSettingsSchema.parse({ drive_stacks: ['nav'], ...tickets }),
    onFault: (error) => log.logger.error(error),
  });
  const console = fleet({ conductor, audit });
  const makeFace = () =>
    createHttpFace({
      conductor,
      journal,
      ros,
      tickets: desk,
      fleet: console,
      audit,
      socketPath,
      tcp: httpSchema.parse({ listen: [] }),
      group: 'rovi-ops',
      tokensPath: join(folder, 'tokens.json'),
      webFolder: null,
      logger: log.logger,
      version: '1.2.3',
      streams,
      ...more,
    });
  const face = makeFace();
  await conductor.start();
  await desk.start();
  await face.start();
  const client = new RoviClient({ socketPath, actor: 'tester', face: 'cli' });
  return {
    folder,
    socketPath,
    model,
    journal,
    log,
    conductor,
    desk,
    store,
    face,
    makeFace,
    client,
    /** Makes a stack that starts but never becomes complete: its start waits for `startSeconds`. */
    hangs: (name: string) =>
      model.behaviours.set(`rovi-${name}.service`, { start: 'lacks-process', stopMs: 10 }),
    [Symbol.asyncDispose]: async () => {
      await desk.stop();
      await face.stop();
      await conductor.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Rig = Awaited<ReturnType<typeof rig>>;

/** What the promise was rejected with, which must be a RoviError. */
export async function refusal(work: Promise<unknown>): Promise<RoviError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RoviError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Resolves when the condition holds; throws with the text after the deadline. */
export async function until(what: string, condition: () => boolean, deadlineMs = 30_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A connection with no HTTP client on it. */
export async function connect(socketPath: string): Promise<Socket> {
  const socket = createConnection({ path: socketPath });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Sends bytes as they are and returns all that came back until the server closed or `waitMs` passed in silence. */
export async function rawExchange(
  socketPath: string,
  bytes: string | Uint8Array,
  waitMs = 10_000,
): Promise<string> {
  const socket = await connect(socketPath);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.setTimeout(waitMs, () => socket.destroy());
  socket.write(bytes);
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return Buffer.concat(chunks).toString('utf8');
}

/** Status, headers and body of one raw answer. */
export function readAnswer(text: string): { status: number; head: string; body: string } {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') };
}
