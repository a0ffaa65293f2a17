// Runs in the robot, as the user whose rights are in question: makes every D-Bus call it reads, one after the other.
// stdin: one JSON [{ id, path, interface, member, signature, body, job }]; stdout: one JSON line for each call,
// { id, error, text } or { id, job, result } where `job` asks to wait for the job and tell how it ended.
// Nothing may ask for a password: the calls carry no ALLOW_INTERACTIVE_AUTHORIZATION flag.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

const require = createRequire('/opt/rovi-src/package.json');
const { Message, MessageType, systemBus, Variant } = require('dbus-next');

const SYSTEMD = 'org.freedesktop.systemd1';
const MANAGER = { path: '/org/freedesktop/systemd1', interface: `${SYSTEMD}.Manager` };
const bus = systemBus();
const results = new Map();
const waiting = new Map();

bus.on('message', (message) => {
  if (message.type !== MessageType.SIGNAL || message.member !== 'JobRemoved') return;
  const [, job, , result] = message.body;
  results.set(job, result);
  waiting.get(job)?.(result);
});

/** JSON has no variants: `{ "$": [signature, value] }` is one. */
function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value === 'object' && value !== null && '$' in value)
    return new Variant(value.$[0], revive(value.$[1]));
  return value;
}

async function call(cell) {
  const { path, interface: face, member, signature = '', body = [] } = { ...MANAGER, ...cell };
  const reply = await bus.call(
    new Message({ destination: SYSTEMD, path, interface: face, member, signature, body: revive(body) }),
  );
  return reply.body;
}

/**
 * Whether a launch has not got as far as its nodes: a SIGINT that meets Python while it starts can be lost. Ready is what
 * the runner says, right before it becomes the launch.
 */
function isComingUp(unit) {
  const read = (path) => readFileSync(path, 'utf8').trim();
  let pids = '';
  try {
    pids = read(`/sys/fs/cgroup/system.slice/${unit}/cgroup.procs`);
  } catch {
    // There is no such group any more.
  }
  if (pids === '') return false;
  try {
    const names = pids.split('\n').map((pid) => read(`/proc/${pid}/comm`));
    return names.includes('run_stack.sh') || (names.length === 1 && names[0] === 'ros2');
  } catch {
    return true; // one of them has ended this moment: it is looked again
  }
}

/** What a launch does with signals in its first milliseconds is not what is asked here (docs/real-ros.md says it). */
async function launchesAreUp() {
  const end = performance.now() + 10_000;
  const units = () => readdirSync('/sys/fs/cgroup/system.slice').filter((name) => name.startsWith('rovi-'));
  while (performance.now() < end && units().some(isComingUp)) await pause(10);
}

async function answer(cell) {
  try {
    const [job] = await call(cell);
    if (cell.job !== true) return { id: cell.id };
    const result = results.get(job) ?? (await new Promise((resolve) => waiting.set(job, resolve)));
    await launchesAreUp();
    return { id: cell.id, result };
  } catch (error) {
    return { id: cell.id, error: error.type ?? error.name, text: error.text ?? String(error) };
  }
}

await new Promise((resolve, reject) => {
  bus.on('connect', resolve);
  bus.on('error', reject);
});
await bus.call(
  new Message({
    destination: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    member: 'AddMatch',
    signature: 's',
    body: [`type='signal',sender='${SYSTEMD}',member='JobRemoved'`],
  }),
);
await call({ member: 'Subscribe' });
for (const cell of JSON.parse(await text(process.stdin)))
  process.stdout.write(`${JSON.stringify(await answer(cell))}\n`);
bus.disconnect();
