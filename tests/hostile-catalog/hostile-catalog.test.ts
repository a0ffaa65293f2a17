import { expect, test } from 'vitest';
import { InstalledRobot } from '../installed-robot.js';
import { goodCatalog, hostileCatalogs } from './catalogs.js';

const installed = new InstalledRobot('hostile-catalog');

interface Answer {
  code: number;
  stdout: string;
  stderr: string;
  /** Of processor time: a machine that has other things to do adds none. */
  seconds: number;
}

/** Runs each command in the robot, one after the other; a catalog's path stands for {} in it, a fresh folder for {out}. */
const RUN_ALL = `
import json, resource, subprocess, sys
def used():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime
given = json.load(sys.stdin)
answers = []
for name in given["names"]:
    argv = [word.replace("{out}", "/root/out/" + name).replace("{}", "/root/catalogs/" + name) for word in given["argv"]]
    before = used()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=100)
    answers.append({
        "code": done.returncode,
        "stdout": done.stdout.decode("utf-8", "replace"),
        "stderr": done.stderr.decode("utf-8", "replace"),
        "seconds": used() - before,
    })
json.dump(answers, sys.stdout)
`;
const WRITE_ALL = `
import base64, json, os, sys
os.makedirs("/root/catalogs", exist_ok=True)
for name, text in json.load(sys.stdin).items():
    with open("/root/catalogs/" + name, "wb") as file:
        file.write(base64.b64decode(text))
`;
/** Milliseconds for one command on all of them. */
const ALL_MS = 900_000;
const nameOf = (index: number) => `hostile-${index}.yaml`;
const names = hostileCatalogs.map((_, index) => nameOf(index));

async function runAll(argv: readonly string[]): Promise<Answer[]> {
  const { stdout } = await installed.robot.exec(['python3', '-ISE', '-c', RUN_ALL], {
    input: JSON.stringify({ names, argv }),
    timeoutMs: ALL_MS,
  });
  return JSON.parse(stdout) as Answer[];
}

/** Every file that Rovi or an installation could have touched, with its time of change. */
async function tree(): Promise<string> {
  const { stdout } = await installed.robot.shell(
    // The gateway touches its own lock now and then.
    `find /etc /usr/local /home /run/rovi /run/systemd/system /root/out -path '*.owner.lock' -prune -o -printf '%p %y %m %U:%G %s %T@ %l\\n' 2>/dev/null | sort`,
  );
  return stdout;
}

function deviationsOf(answers: readonly Answer[], code: number, stream: 'stderr' | 'both'): string[] {
  return hostileCatalogs.flatMap(({ title, line, path, expected }, index) => {
    const answer = answers[index];
    if (answer === undefined) return [`${title}: no answer`];
    const said = stream === 'both' ? answer.stdout + answer.stderr : answer.stderr;
    const where = `/root/catalogs/${nameOf(index)}:${line}:`;
    const wrong = [
      ...(answer.code === code ? [] : [`code ${answer.code}`]),
      ...(said.includes(where) ? [] : [`not at line ${line}`]),
      ...(path === '' || said.includes(`: ${path}: `) ? [] : [`not at ${path}`]),
      ...(said.includes(expected) ? [] : [`not "${expected}"`]),
      // A hostile text must not reach the terminal: no control character but the line's end.
      // eslint-disable-next-line no-control-regex
      ...(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/.test(said)
        ? ['raw control characters']
        : []),
      ...(said.length < 30_000 ? [] : ['too long']),
      ...(answer.seconds < 10 ? [] : [`${answer.seconds} s`]),
    ];
    return wrong.length === 0 ? [] : [`${title}: ${wrong.join(', ')}: ${said.slice(0, 300)}`];
  });
}

test('the catalog from which all others are made is good', async () => {
  const files = hostileCatalogs.map(({ text }, index) => [
    nameOf(index),
    Buffer.from(text).toString('base64'),
  ]);
  const good = ['good.yaml', Buffer.from(goodCatalog).toString('base64')];
  await installed.robot.exec(['python3', '-ISE', '-c', WRITE_ALL], {
    input: JSON.stringify(Object.fromEntries([...files, good])),
  });
  expect(await installed.rovictl(['validate', '/root/catalogs/good.yaml'])).toMatchObject({
    code: 0,
    stderr: '',
  });
});

test('rovictl validate: exit code 6, and file, line, path and what was expected on stderr', async () => {
  const answers = await runAll(['rovictl', 'validate', '{}']);
  expect(deviationsOf(answers, 6, 'stderr')).toEqual([]);
  expect(answers.filter(({ stdout }) => stdout !== '')).toEqual([]);
}, 1_000_000);

test('rovictl generate: the same, and nothing is written', async () => {
  const before = await tree();
  const answers = await runAll(['rovictl', 'generate', '--catalog', '{}', '--out', '{out}']);
  expect(deviationsOf(answers, 6, 'stderr')).toEqual([]);
  expect(await tree()).toBe(before);
  expect(await installed.exists('/root/out')).toBe(false);
}, 1_000_000);

test('install.sh --catalog: refused by its checks, and nothing on the robot is changed', async () => {
  const before = await tree();
  const gateway = await installed.run('rovi-gateway');
  const answers = await runAll(['/opt/rovi-src/install.sh', '--catalog', '{}']);
  expect(deviationsOf(answers, 3, 'stderr')).toEqual([]);
  expect(answers.filter(({ stderr }) => !stderr.includes('nothing was changed'))).toEqual([]);
  expect(await tree()).toBe(before);
  expect(await installed.run('rovi-gateway')).toEqual(gateway);
  expect((await installed.systemctl(['list-units', '--failed', '--plain', '--no-legend'])).stdout).toBe('');
}, 1_000_000);

test('a hostile name of the file itself stays a name', async () => {
  const name = `/root/catalogs/$(touch \${HOME}/pwned); a 'b' "c" %n -.yaml`;
  await installed.robot.writeFile(name, goodCatalog.replace('user: rovi', 'user: root'));
  const before = await tree();
  for (const argv of [
    ['rovictl', 'validate', name],
    ['/opt/rovi-src/install.sh', '--catalog', name],
  ]) {
    const { code, stderr } = await installed.robot.exec(argv, { check: false });
    expect(code, argv[0]).not.toBe(0);
    expect(stderr, argv[0]).toContain(`${name}:3:`);
  }
  expect(await installed.exists('/root/pwned')).toBe(false);
  expect(await tree()).toBe(before);
});

installed.expectNoWarningsBut();
