import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RoviError } from '@rovi/contract';
import { ProcessRosTransport } from '@rovi/ros';
import type { RosMessage, RosSpec, TransportStatus } from '@rovi/ros';

/** What the transports of these tests are told to offer. */
export const spec = JSON.parse(readFileSync(new URL('offered.json', import.meta.url), 'utf8')) as RosSpec;

/**
 * What every ROS process of these tests begins with: the protocol of packages/ros/src/process/protocol.ts, kept well.
 * A script after it replaces parts of `on`. `tell` reports to the test by way of a service call.
 */
const WELL_BEHAVED = `
import { Socket } from 'node:net';
import { appendFileSync, writeSync } from 'node:fs';
import { spawn } from 'node:child_process';
const channel = new Socket({ fd: 3, readable: true, writable: true });
const raw = (text) => channel.write(text);
const say = (message) => raw(JSON.stringify(message) + '\\n');
const tell = (request) => say({ type: 'call', id: 0, service: 'told', request });
const stopMyself = () => process.kill(process.pid, 'SIGSTOP');
const ready = ({ spec }) => say({
  type: 'ready',
  topics: spec.topics.filter(({ optional }) => !optional).map(({ name }) => name),
  services: spec.services.map(({ name }) => name),
  detail: { node: spec.namespace + '/' + spec.node },
});
const on = {
  spec: ready,
  ping: ({ id }) => say({ type: 'pong', id }),
  publish: ({ topic, message }) => tell({ published: { topic, message } }),
  respond: ({ id, response }) => tell({ responded: { id, response } }),
  probe: ({ id, probe }) => say({
    type: 'probed', id,
    result: { ok: true, text: probe.kind + ' ' + probe.name, rate: null, publishers: null, type: null },
  }),
  bye: () => process.exit(0),
};
let rest = '';
channel.setEncoding('utf8').on('data', (text) => {
  const lines = (rest + text).split('\\n');
  rest = lines.pop();
  for (const line of lines) { const message = JSON.parse(line); on[message.type](message); }
});
channel.on('end', () => process.exit(0)).on('error', () => process.exit(0));
`;

/** A transport whose ROS process is a script, with everything it says; ended and cleared away by `using`. */
export interface Rig extends AsyncDisposable {
  readonly transport: ProcessRosTransport;
  readonly statuses: TransportStatus[];
  /** When each of the statuses came; milliseconds, of `performance.now()`. */
  readonly moments: number[];
  readonly resyncs: ReadonlySet<string>[];
  /** What its process told, by {@link WELL_BEHAVED}'s `tell`. */
  readonly told: RosMessage[];
  /** Service calls, with how to answer. */
  readonly calls: { service: string; request: RosMessage; respond: (response: RosMessage) => void }[];
  readonly log: { level: string; fields: object; message: string }[];
  /** Of the scripts. */
  readonly folder: string;
  start(): void;
  /** Replaces the script of the next run. */
  script(text: string): Promise<void>;
  readonly status: TransportStatus | undefined;
  /** Resolves with the first status from now on, or the present one, of which this holds. */
  until(what: string, holds: (status: TransportStatus) => boolean): Promise<TransportStatus>;
}

interface RigOptions {
  readonly command?: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly start?: boolean;
}

export async function rig(text: string, options: RigOptions = {}): Promise<Rig> {
  const folder = await mkdtemp('/tmp/rovi-ros-');
  const file = join(folder, 'process.mjs');
  const script = (now: string): Promise<void> => writeFile(file, `${WELL_BEHAVED}\n${now}`);
  await script(text);
  const log: Rig['log'] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void log.push({ level, fields, message });
  const transport = new ProcessRosTransport({
    command: options.command ?? [process.execPath, file],
    environment: { PATH: process.env['PATH'], ...options.environment },
    logger: { info: at('info'), warn: at('warn') },
  });
  const statuses: TransportStatus[] = [];
  const moments: number[] = [];
  const resyncs: ReadonlySet<string>[] = [];
  const told: RosMessage[] = [];
  const calls: Rig['calls'] = [];
  const start = (): void =>
    transport.start(spec, {
      status: (status) => {
        statuses.push(status);
        moments.push(performance.now());
      },
      resync: (topics) => void resyncs.push(topics),
      call: (service, request, respond) => {
        if (service === 'told') told.push(request);
        else calls.push({ service, request, respond });
      },
    });
  if (options.start !== false) start();
  return {
    transport,
    statuses,
    moments,
    resyncs,
    told,
    calls,
    log,
    folder,
    start,
    script,
    get status() {
      return statuses.at(-1);
    },
    until: async (what, holds) => {
      let seen = Math.max(0, statuses.length - 1);
      let found: TransportStatus | undefined;
      await until(what, () => {
        for (; found === undefined && seen < statuses.length; seen += 1) {
          const status = statuses[seen];
          if (status !== undefined && holds(status)) found = status;
        }
        return found !== undefined;
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}; last: ${JSON.stringify(statuses.at(-1))}`);
      });
      return found as TransportStatus;
    },
    [Symbol.asyncDispose]: async () => {
      await transport.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves when the condition holds; throws with the text after the deadline. */
export async function until(what: string, condition: () => boolean, deadlineMs = 30_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** On a machine that stands still for 300 ms a drive ends, as it should: then it is tried again. */
export async function undisturbed<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 5 || !(error instanceof RoviError) || !error.message.includes('for 300 ms')) throw error;
    }
  }
}

/** What is waited for while a drive goes on. Throws what the drive was lost by. */
export function meanwhile<T>(drive: Promise<unknown>, awaited: Promise<T>): Promise<T> {
  awaited.catch(() => undefined);
  return Promise.race([awaited, drive.then(() => awaited)]);
}

/** Whether a process lives: one that nobody has reaped yet does not. */
export async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => null);
  return stat !== null && !/^\d+ \(.*\) [ZX]/s.test(stat);
}

/** Resolves when the process has ended. */
export async function gone(pid: number): Promise<void> {
  const end = performance.now() + 30_000;
  while (await lives(pid)) {
    if (performance.now() > end) throw new Error(`process ${String(pid)} lives on`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
