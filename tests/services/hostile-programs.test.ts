/** Services and health checks that behave as badly as they can: what is shown is true, and the gateway goes on. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { InstalledRobot, OPERATOR, shippedCatalog } from '../installed-robot.js';

/** Behaves as the word says. Each flood has an end. */
const PROGRAM = `
import os, signal, socket, sys, threading, time
def linger():
    for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(s, signal.SIG_IGN)
    time.sleep(600)
def fork(work):
    if os.fork() == 0:
        work()
        os._exit(0)
def pour(head, more):
    def serve(client):
        try:
            client.recv(65536)
            client.sendall(head)
            while more: client.sendall(more)
        except OSError: pass
    return serve
OK = b"HTTP/1.1 200 OK\\r\\n"
SERVERS = [
    pour(OK + b"\\r\\n", b"x" * 65536),
    pour(OK + b"Transfer-Encoding: chunked\\r\\n\\r\\n", b"1\\r\\nx\\r\\n" * 4096),
    pour(OK, b"X-A: b\\r\\n" * 1000),
    pour(b"HTTP/1.1 200 ", b"A" * 65536),
    pour(b"", b"HTTP/1.1 100 Continue\\r\\n\\r\\n" * 2000),
    pour(b"HTTP/1.1 101 No\\r\\nConnection: Upgrade\\r\\nUpgrade: x\\r\\n\\r\\n", b"x" * 65536),
    pour(b"\\x16\\x03\\x01\\xff\\xff", os.urandom(65536)),
    lambda client: time.sleep(600),
]
def listen(port, serve):
    server = socket.create_server(("127.0.0.1", port), backlog=100)
    while True:
        client = server.accept()[0]
        def handle(client=client):
            with client: serve(client)
        threading.Thread(target=handle, daemon=True).start()
kind = sys.argv[1]
if kind == "leaves-children":
    fork(lambda: (os.setsid(), fork(linger), linger()))
    time.sleep(0.5)
elif kind == "deaf": linger()
elif kind == "long-lines":
    for i in range(30): os.write(1, b"%d " % i + b"L" * 40000 + b"\\n")
    sys.exit(1)
elif kind == "flood":
    end = time.time() + 4
    while time.time() < end: os.write(1, b"line of a flood \\x1b[2J\\n" * 1000)
    time.sleep(600)
elif kind == "servers":
    for i, serve in enumerate(SERVERS): threading.Thread(target=listen, args=(9000 + i, serve), daemon=True).start()
    time.sleep(600)
`;
const KINDS = ['leaves-children', 'deaf', 'long-lines', 'flood', 'servers'];
const SERVERS = 8;
const asked = (probe: object): object => ({ probe, interval: 0.5, timeout: 0.5, failures: 1 });

const rovi = new InstalledRobot('hostile-programs', {
  prepare: (robot) => robot.writeFile('/opt/hostile.py', PROGRAM),
  catalog: stringify({
    ...(parse(shippedCatalog()) as object),
    services: {
      ...Object.fromEntries(
        KINDS.map((kind) => [
          kind,
          {
            description: kind,
            command: ['/usr/bin/python3', '/opt/hostile.py', kind],
            restart: 'never',
            timeouts: { stop: 1 },
          },
        ]),
      ),
      asking: {
        description: 'Asks all of the servers',
        command: ['/usr/bin/sleep', 'infinity'],
        health: Array.from({ length: SERVERS }, (_, index) =>
          asked({ type: 'http', port: 9000 + index, body: 'never there' }),
        ),
      },
      shouting: {
        description: 'Has a check that prints without end',
        command: ['/usr/bin/sleep', 'infinity'],
        health: [asked({ type: 'command', command: ['/usr/bin/yes'] })],
      },
      calm: {
        description: 'Is looked at meanwhile',
        command: ['/usr/bin/sleep', 'infinity'],
        health: [asked({ type: 'process' })],
      },
    },
  }),
});

const service = async (name: string) => {
  const found = (await rovi.api.state()).services.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not shown`);
  return found;
};
/** Processes of the program that are alive anywhere on the robot. */
const alive = async (kind: string): Promise<string> =>
  (await rovi.robot.exec(['pgrep', '-f', `hostile.py ${kind}$`], { check: false })).stdout.trim();
/** What of the gateway must not grow: resident MiB and open descriptors. */
async function held(): Promise<{ mib: number; descriptors: number }> {
  const pid = await rovi.property('rovi-gateway.service', 'MainPID');
  const status = await rovi.robot.readFile(`/proc/${pid}/status`);
  const { stdout } = await rovi.robot.shell(`ls /proc/${pid}/fd | wc -l`);
  return { mib: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024, descriptors: Number(stdout) };
}

test('a main process that ends while its children live: how it ended is shown, and nothing lives on', async () => {
  await rovi.rovictl(['service', 'start', 'leaves-children']);
  await rovi.waitForUnit('rovi-leaves-children.service', 'inactive');
  const shown = await rovi.robot.waitFor('the end to be shown', async () => {
    const one = await service('leaves-children');
    return one.state === 'STOPPED' ? one : null;
  });
  expect(shown.text).toBe('ended by itself: exit code 0');
  expect(await alive('leaves-children')).toBe('');
});

test('one that hears no signal is killed when its time is over, and that is said', async () => {
  expect(await rovi.rovictl(['service', 'start', 'deaf'])).toMatchObject({ code: 0 });
  // Its program runs before it has said that it ignores SIGTERM: bit 14 of the mask.
  const pid = await rovi.property('rovi-deaf.service', 'MainPID');
  await rovi.robot.waitFor('its word to the kernel', async () => {
    const status = await rovi.robot.readFile(`/proc/${pid}/status`);
    return (Number(`0x${/^SigIgn:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`) & 0x4000) !== 0;
  });
  // Not as root, for whom it is stopped past the gateway too after two seconds, without that word.
  const { code, stdout, stderr } = await rovi.rovictl(['service', 'stop', 'deaf'], { user: OPERATOR });
  expect(code).toBe(0);
  expect(stdout + stderr).toContain('did not end within its time and was killed');
  expect(await alive('deaf')).toBe('');
});

test('the last lines of a crash are told in a size that every face can bear', async () => {
  await rovi.systemctl(['start', 'rovi-long-lines.service']);
  const { incidents } = await rovi.robot.waitFor('the incident', async () => {
    const timeline = await rovi.api.timeline();
    return timeline.incidents.some(
      ({ incident }) => incident.type === 'service_failed' && incident.service === 'long-lines',
    )
      ? timeline
      : null;
  });
  for (const { incident } of incidents) expect(JSON.stringify(incident).length).toBeLessThan(40_000);
  expect(JSON.stringify(await service('long-lines')).length).toBeLessThan(40_000);
});

test('a flood of lines keeps nobody waiting, and clears no terminal', async () => {
  await rovi.systemctl(['start', 'rovi-flood.service']);
  const until = performance.now() + 4_000;
  const answers: number[] = [];
  while (performance.now() < until) {
    const began = performance.now();
    await rovi.api.state();
    answers.push(performance.now() - began);
  }
  answers.sort((one, other) => one - other);
  expect(answers[Math.floor(answers.length / 2)]).toBeLessThan(200);
  const { stdout, code } = await rovi.rovictl(['service', 'logs', 'flood', '-n', '50']);
  expect(code).toBe(0);
  expect(stdout).toContain('line of a flood');
  expect(stdout).not.toContain('\u001b[2J');
});

test('servers and commands that never end talking have failed; other looks go on, and nothing is left open', async () => {
  await rovi.systemctl(['start', 'rovi-servers.service', 'rovi-calm.service']);
  const before = await held();
  await rovi.systemctl(['start', 'rovi-asking.service', 'rovi-shouting.service']);
  const looks = new Set<string>();
  const began = performance.now();
  // Milliseconds for which a machine that is shared did not let the gateway answer.
  let stalled = 0;
  while (performance.now() - began < 8_000) {
    const asked = performance.now();
    const at = (await service('calm')).instances[0]?.health.checks[0]?.last?.at;
    stalled += Math.max(0, performance.now() - asked - 100);
    if (at !== undefined) looks.add(at);
    // Who asks without a pause keeps half of such a machine busy by himself.
    await delay(20);
  }
  const starts = [...looks].map((at) => Date.parse(at));
  const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? Number.NaN));
  // Every half second, and what 16 other looks and a machine that is shared take.
  expect(Math.max(...pauses)).toBeLessThan(3_000 + stalled);
  const said = (await service('asking')).instances[0]?.health.checks.map(({ last }) => last?.ok);
  expect(said).toEqual(Array.from({ length: SERVERS }, () => false));
  expect((await service('shouting')).instances[0]?.health.checks[0]).toMatchObject({ passing: false });
  expect((await held()).mib - before.mib).toBeLessThan(150);
  await rovi.systemctl(['stop', 'rovi-asking.service', 'rovi-shouting.service']);
  await rovi.robot.waitFor('nothing to be left open', async () => {
    const { descriptors } = await held();
    const { stdout } = await rovi.robot.exec(['pgrep', '-x', 'yes'], { check: false });
    return descriptors <= before.descriptors + 3 && stdout === '';
  });
});

rovi.expectNoWarningsBut(/rovi-(?:long-lines|deaf|leaves-children)\.service/);
