/**
 * The rival: systemd's D-Bus API by hand, in the same Node and with the same D-Bus library as the conductor, and
 * nothing else. Runs inside the robot; programs speak to it in JSON lines (raw-client.ts).
 *
 * {op: "start"|"stop", unit}        StartUnit/StopUnit, then JobRemoved for that job → {start, end, result}
 * {op: "seen", unit, state, after}  when PropertiesChanged said so, once later than `after` → {at}
 * {op: "watch"}                     from now on, keep when jobs end → {}
 * {op: "job-end", job, after}       when JobRemoved for this job path came → {at}
 */
import { createInterface } from 'node:readline';
import dbus from 'dbus-next';
import type { Message } from 'dbus-next';
import { monotonicMs } from './monotonic.js';

const SYSTEMD = 'org.freedesktop.systemd1';
const MANAGER = `${SYSTEMD}.Manager`;
const ROOT = '/org/freedesktop/systemd1';
const SIGNAL = 4;

interface Request {
  readonly op: 'start' | 'stop' | 'seen' | 'job-end' | 'watch';
  readonly unit: string;
  readonly state: string;
  readonly job: string;
  readonly after: number;
}

const bus = dbus.systemBus();
const paths = new Map<string, string>();
/** Job path → when and how it ended. */
const ended = new Map<string, { at: number; result: string }>();
/** Unit path and state → when it was last entered. */
const entered = new Map<string, number>();
let wake = (): void => undefined;

function call(
  path: string,
  iface: string,
  member: string,
  signature = '',
  body: unknown[] = [],
): Promise<unknown[]> {
  const destination = path === '/org/freedesktop/DBus' ? 'org.freedesktop.DBus' : SYSTEMD;
  const message = new dbus.Message({ destination, path, interface: iface, member, signature, body });
  return bus.call(message).then((reply) => (reply?.body ?? []) as unknown[]);
}

function hear(message: Message): void {
  if (Number(message.type) !== SIGNAL) return;
  const at = monotonicMs();
  const body = message.body as unknown[];
  if (message.member === 'JobRemoved') {
    ended.set(String(body[1]), { at, result: String(body[3]) });
  } else if (message.member === 'PropertiesChanged') {
    const changed = body[1] as Record<string, { value: unknown } | undefined>;
    const state = changed['ActiveState']?.value;
    if (typeof state !== 'string') return;
    entered.set(`${message.path} ${state}`, at);
  } else return;
  wake();
}

/** Resolves with the first answer that is there; tried anew at each signal. */
async function until<T>(probe: () => T | undefined): Promise<T> {
  const deadline = monotonicMs() + 30_000;
  for (;;) {
    const answer = probe();
    if (answer !== undefined) return answer;
    if (monotonicMs() > deadline) throw new Error('waited 30 s in vain');
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function pathOf(unit: string): Promise<string> {
  const known = paths.get(unit);
  if (known !== undefined) return known;
  const [path] = await call(ROOT, MANAGER, 'LoadUnit', 's', [unit]);
  paths.set(unit, String(path));
  return String(path);
}

async function answer(request: Request): Promise<object> {
  const { op, unit, job, after } = request;
  switch (op) {
    case 'start':
    case 'stop': {
      ended.clear();
      const start = monotonicMs();
      const [path] = await call(ROOT, MANAGER, op === 'start' ? 'StartUnit' : 'StopUnit', 'ss', [
        unit,
        'replace',
      ]);
      const { result } = await until(() => ended.get(String(path)));
      const end = monotonicMs();
      if (result !== 'done') throw new Error(`${op} ${unit}: ${result}`);
      return { start, end };
    }
    case 'seen': {
      const path = await pathOf(unit);
      return {
        at: await until(() => {
          const at = entered.get(`${path} ${request.state}`);
          return at !== undefined && at > after ? at : undefined;
        }),
      };
    }
    case 'watch':
      ended.clear();
      return {};
    case 'job-end': {
      const { at, result } = await until(() => ended.get(job));
      if (result !== 'done') throw new Error(`${job}: ${result}`);
      return { at };
    }
  }
}

async function main(): Promise<void> {
  bus.on('message', hear);
  const rule = `type='signal',sender='${SYSTEMD}',path_namespace='${ROOT}'`;
  await call('/org/freedesktop/DBus', 'org.freedesktop.DBus', 'AddMatch', 's', [rule]);
  await call(ROOT, MANAGER, 'Subscribe');
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line) as Request).catch((error: unknown) => ({
      error: String(error),
    }));
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  bus.disconnect();
}

await main();
