import { installRos, Robot } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  cleanRobot,
  ENV_FILE,
  install,
  property,
  shippedCatalog,
  tree,
  treeWithoutAccounts,
} from './installation.js';

const GATEWAY = 'rovi-gateway.service';
let robot: Robot;
// Many commands one after the other, each of which takes seconds on a machine that is shared.
vi.setConfig({ testTimeout: 300_000 });

beforeAll(async () => {
  robot = await Robot.boot({ name: 'refuse' });
  await installRos(robot);
  await robot.addUser('ada');
});
afterEach(async () => {
  await cleanRobot(robot);
});
afterAll(async () => {
  await robot?.shutdown();
});

interface Refusal {
  /** What is wrong with the machine, as a shell script. */
  prepare?: string;
  mend?: string;
  args?: string[];
  user?: string;
  path?: string;
}

const standIn = (name: string, text: string) =>
  `mkdir -p /opt/stand-in; printf '%s\\n' '#!/bin/sh' '${text}' > /opt/stand-in/${name}; chmod 755 /opt/stand-in /opt/stand-in/${name}`;

test.each<[string, Refusal, RegExp]>([
  ['somebody who is not root', { user: 'ada' }, /must be run as root\n.*mend: sudo/],
  [
    'polkit of Ubuntu 22.04',
    { prepare: standIn('pkaction', 'echo pkaction version 0.105'), path: '/opt/stand-in' },
    /polkit 0\.105 ignores JavaScript rules/,
  ],
  [
    'an old systemd',
    { prepare: standIn('systemctl', 'echo "systemd 245 (245.4)"'), path: '/opt/stand-in' },
    /systemd 245 is too old/,
  ],
  [
    'an old Node.js',
    { prepare: standIn('node', 'echo 18.19.0'), args: ['--node', '/opt/stand-in/node'] },
    /node is version 18\.19\.0/,
  ],
  [
    "a Node.js in root's home",
    {
      prepare: 'mkdir -p /root/.nvm; chmod 700 /root; cp -L "$(type -P node)" /root/.nvm/node',
      args: ['--node', '/root/.nvm/node'],
      mend: 'rm -r /root/.nvm',
    },
    /\/root\/\.nvm\/node cannot be executed by the service's user/,
  ],
  [
    'a Node.js that somebody else can replace',
    {
      prepare: 'install -D "$(type -P node)" /opt/node/bin/node; chown ada /opt/node/bin',
      args: ['--node', '/opt/node/bin/node'],
      mend: 'rm -r /opt/node',
    },
    /\/opt\/node\/bin\/node can be replaced by others than root \(\/opt\/node\/bin\)/,
  ],
  [
    'a missing environment file',
    { prepare: `rm ${ENV_FILE}` },
    /environment file .*\.env\.robot is missing\n.*mend: .*install -D/,
  ],
  [
    "an environment file in the robot's workspace, which PID 1 would read for it",
    {
      prepare: `cp ${ENV_FILE} /home/rovi/dev/.env.robot; sed 's|^env_file.*|env_file: /home/rovi/dev/.env.robot|' /opt/rovi-src/rovi.yaml > /root/own.yaml`,
      args: ['--catalog', '/root/own.yaml'],
      mend: 'rm /home/rovi/dev/.env.robot',
    },
    /\/home\/rovi\/dev\/\.env\.robot can be replaced by others than root \(\/home\/rovi\)[^]*mend: install -D -m 0644 \/opt\/rovi-src\/env\/\.env\.robot \/etc\/rovi\/\.env\.robot/,
  ],
  [
    "an environment file that is reached over a link of the robot's",
    {
      prepare: `ln -s ${ENV_FILE} /home/rovi/dev/.env.robot; sed 's|^env_file.*|env_file: /home/rovi/dev/.env.robot|' /opt/rovi-src/rovi.yaml > /root/own.yaml`,
      args: ['--catalog', '/root/own.yaml'],
      mend: 'rm /home/rovi/dev/.env.robot',
    },
    /can be replaced by others than root \(\/home\/rovi\)/,
  ],
  [
    'an environment file of somebody else',
    { prepare: `chown ada ${ENV_FILE}` },
    /\/etc\/rovi\/\.env\.robot can be replaced by others than root \(\/etc\/rovi\/\.env\.robot\)/,
  ],
  [
    'an environment file that a group may write',
    { prepare: `chmod 0664 ${ENV_FILE}` },
    /\/etc\/rovi\/\.env\.robot can be replaced by others than root/,
  ],
  [
    'a malformed environment file',
    { prepare: `printf 'A=1\\nexport B=2\\n' > ${ENV_FILE}` },
    /\.env\.robot, line 2: expected a variable name/,
  ],
  [
    'an environment file for another workspace',
    { prepare: `sed -i s:^ROVI_ROS_WS_DIR=.*:ROVI_ROS_WS_DIR=/elsewhere: ${ENV_FILE}` },
    /says ROVI_ROS_WS_DIR=\/elsewhere/,
  ],
  ['an environment file the service cannot read', { prepare: `chmod 600 ${ENV_FILE}` }, /rovi cannot read/],
  [
    'a home without its account',
    {
      prepare: 'userdel rovi',
      mend: 'useradd --no-create-home --home-dir /home/rovi --shell /bin/bash rovi; chown -R rovi: /home/rovi',
    },
    /there is a folder \/home\/rovi, but no account rovi/,
  ],
  ['a missing catalog', { args: ['--catalog', '/nowhere.yaml'] }, /\/nowhere\.yaml/],
  [
    'a hostile catalog',
    {
      prepare: 'sed \'s/^user: .*/user: "rovi\\\\nExecStart=x"/\' /opt/rovi-src/rovi.yaml > /root/bad.yaml',
      args: ['--catalog', '/root/bad.yaml'],
    },
    /the catalog was refused:[^]*user/,
  ],
  ['a hostile user', { args: ['--user', 'root'] }, /the catalog was refused:[^]*root/],
  ['a hostile prefix', { args: ['--prefix', '/opt/a b'] }, /the catalog was refused:[^]*prefix/],
  [
    "somebody else's unit in /etc",
    {
      prepare:
        "printf '[Service]\\nExecStart=/bin/true\\n' > /etc/systemd/system/rovi-nav.service; systemctl daemon-reload",
    },
    /rovi-nav\.service is there already, and it is not Rovi's/,
  ],
  [
    "a package's unit",
    {
      prepare:
        "printf '[Service]\\nExecStart=/bin/true\\n' > /usr/lib/systemd/system/rovi-nav.service; systemctl daemon-reload",
      mend: 'rm /usr/lib/systemd/system/rovi-nav.service',
    },
    /rovi-nav\.service is there already: \/(?:usr\/)?lib/,
  ],
  ['a masked unit', { prepare: 'systemctl mask rovi-nav.service' }, /rovi-nav\.service is masked/],
  [
    'a read-only target',
    { prepare: 'mount --bind /etc/polkit-1 /etc/polkit-1; mount -o remount,bind,ro /etc/polkit-1' },
    /\/etc\/polkit-1\/rules\.d cannot be written/,
  ],
  ['a folder in the way', { prepare: 'mkdir -p /etc/rovi/stacks/nav.args' }, /nav\.args is a folder/],
  [
    'a full target',
    {
      prepare:
        'cp /etc/rovi/.env.robot /root/env.kept; mount -t tmpfs -o size=16k,mode=0755 tmpfs /etc/rovi; cp /root/env.kept /etc/rovi/.env.robot',
    },
    /\/etc\/rovi has \d+ KiB free/,
  ],
])(
  '%s is refused, and nothing is changed',
  async (_title, { prepare, mend, args = [], user, path }, words) => {
    if (prepare !== undefined) await robot.shell(prepare);
    try {
      const before = await tree(robot);
      const result = await robot.exec(['/opt/rovi-src/install.sh', ...args], {
        check: false,
        ...(user === undefined ? {} : { user }),
        ...(path === undefined
          ? {}
          : { env: { PATH: `${path}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin` } }),
      });
      expect(result.stderr).toMatch(words);
      expect(result.stderr).toMatch(/^install\.sh: \d+ of the checks failed; nothing was changed\n/);
      expect(result.stderr).toContain('mend: ');
      expect(result.code).toBe(3);
      expect(await tree(robot)).toEqual(before);
      expect(await property(robot, GATEWAY, 'ActiveState')).toBe('inactive');
    } finally {
      if (mend !== undefined) await robot.shell(mend);
    }
  },
);

test('a program that is reached over a link of somebody else is refused like one of theirs', async () => {
  await robot.shell('mkdir /opt/node; chown ada /opt/node; ln -s "$(type -P node)" /opt/node/node');
  const result = await install(robot, '--dry-run', '--node', '/opt/node/node');
  expect(result.stderr).toContain('/opt/node/node can be replaced by others than root (/opt/node)');
  expect(result.code).toBe(3);
  await robot.shell('rm -r /opt/node');
});

const script = '/opt/rovi-src/install.sh --dry-run';
test.each<[string, string]>([
  ['CDPATH', 'cd /opt; CDPATH=/opt:/ bash rovi-src/install.sh --dry-run'],
  ['functions', `env 'BASH_FUNC_say%%=() { echo EVIL; }' 'BASH_FUNC_stat%%=() { echo EVIL; }' ${script}`],
  [
    'functions, by way of bash',
    `env 'BASH_FUNC_say%%=() { echo EVIL; }' 'BASH_FUNC_sed%%=() { echo EVIL; }' bash ${script}`,
  ],
  ['NODE_OPTIONS', `NODE_OPTIONS=--require=/nonexistent ${script}`],
  ['SHELLOPTS', `env SHELLOPTS=noglob:errexit:noclobber bash ${script}`],
  ['BASH_ENV', `echo 'echo EVIL; exit 9' > /tmp/evil; BASH_ENV=/tmp/evil ${script}`],
  ['POSIXLY_CORRECT', `POSIXLY_CORRECT=1 ${script}`],
  ['GLOBIGNORE and IFS', `GLOBIGNORE='*' IFS=/ ${script}`],
])("%s of the caller's environment changes nothing", async (_title, command) => {
  const bare = await robot.shell(script);
  const odd = await robot.shell(command, { check: false });
  expect(odd.stderr).toBe('');
  expect(odd).toEqual(bare);
});

test('closed outputs and a folder that is gone from under the caller do not stop it', async () => {
  for (const command of [`${script} >&- 2>&-`, `mkdir /tmp/gone; cd /tmp/gone; rmdir /tmp/gone; ${script}`])
    expect(await robot.shell(command, { check: false })).toMatchObject({ code: 0 });
});

test('a folder for temporary files that is gone is said', async () => {
  expect(await robot.shell(`TMPDIR=/nope ${script}`, { check: false })).toMatchObject({
    code: 3,
    stdout: '',
    stderr:
      'install.sh: no temporary folder can be made (TMPDIR=/nope); nothing was changed\n    mend: unset TMPDIR, or let it name a folder with room\n',
  });
});

test('all faults are reported together', async () => {
  await robot.shell(
    `rm ${ENV_FILE}; mkdir -p /etc/systemd/system; systemctl mask rovi-nav.service rovi-camera.service; ${standIn('pkaction', 'echo pkaction version 0.105')}`,
  );
  const result = await robot.exec(['/opt/rovi-src/install.sh'], {
    check: false,
    env: { PATH: '/opt/stand-in:/usr/local/bin:/usr/sbin:/usr/bin' },
  });
  expect(result.stderr).toMatch(/^install\.sh: 4 of the checks failed/);
});

test('a disk that fills up while the files are written: nothing was changed', async () => {
  await robot.shell(
    'cp /etc/rovi/.env.robot /root/env.kept; mount -t tmpfs -o size=100m,nr_inodes=6,mode=0755 tmpfs /etc/rovi; cp /root/env.kept /etc/rovi/.env.robot',
  );
  const before = await tree(robot);
  const result = await install(robot);
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(
    /failed at: write the new files[^]*No space left on device[^]*Nothing was changed\./,
  );
  expect((await tree(robot)).filter((line) => !line.startsWith('/var/log/rovi-install.log'))).toEqual(before);
});

test('a gateway that does not start: what was done is said, and the way back leads back', async () => {
  // A fault that no check can see: Node itself refuses to start.
  await install(robot);
  await install(robot, '--uninstall');
  await robot.shell('rm -r /var/lib/rovi');
  await robot.shell(`echo NODE_OPTIONS=--no-such-option >> ${ENV_FILE}`);
  const before = await treeWithoutAccounts(robot);
  const result = await install(robot);
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(
    /failed at: rovi-gateway\.service started[^]*no-such-option[^]*Done before that:[^]*systemd reloaded/,
  );
  const back = /To go back to the state before: (sh \S+)/.exec(result.stderr)?.[1];
  expect(result.stderr).toContain('install.sh --uninstall');
  await robot.shell(`${back ?? 'false'}`);
  expect(
    (await treeWithoutAccounts(robot)).filter((line) => !line.startsWith('/var/log/rovi-install.log')),
  ).toEqual(before);
  expect(await property(robot, GATEWAY, 'LoadState')).toBe('not-found');

  // Or on: mended, the same command continues; or off.
  expect((await install(robot)).code).toBe(1);
  await robot.shell(`sed -i /NODE_OPTIONS/d ${ENV_FILE}`);
  expect((await install(robot)).code).toBe(0);
  expect((await tree(robot)).filter((line) => /rovi-old|rovi-new|install\.undo/.test(line))).toEqual([]);
  expect((await install(robot, '--uninstall')).code).toBe(0);
  // The gateway has run: the folder stays, with the tickets.
  const kept = [`${ENV_FILE} `, '/var/lib/rovi d '];
  const others = (lines: string[]) => lines.filter((line) => !kept.some((one) => line.startsWith(one)));
  expect(others(await treeWithoutAccounts(robot))).toEqual(others(before));
});

test('an upgrade whose reload fails: the way back restores the former version, which runs all the while', async () => {
  await install(robot);
  await robot.exec(['systemctl', 'start', 'rovi-nav']);
  const [gateway, nav] = [
    await property(robot, GATEWAY, 'MainPID'),
    await property(robot, 'rovi-nav', 'MainPID'),
  ];
  const before = await tree(robot);
  await robot.writeFile(
    '/root/next.yaml',
    (await shippedCatalog()).replace(/description: .*/g, 'description: Changed'),
  );
  await robot.shell(
    standIn(
      'systemctl',
      'case " $* " in *" daemon-reload "*) echo "Failed to reload daemon: Connection timed out" >&2; exit 1 ;; esac; exec /usr/bin/systemctl "$@"',
    ),
  );
  const result = await robot.exec(['/opt/rovi-src/install.sh', '--catalog', '/root/next.yaml'], {
    check: false,
    env: { PATH: '/opt/stand-in:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin' },
  });
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(/failed at: systemd reloaded\n.*Connection timed out/);
  expect(await robot.readFile('/etc/systemd/system/rovi-nav.service')).toContain('Changed');
  await robot.shell(/To go back to the state before: (sh \S+)/.exec(result.stderr)?.[1] ?? 'false');
  const quiet = (lines: string[]) =>
    lines.filter((line) => !/^\/(?:var\/log\/rovi-install\.log|root)/.test(line));
  expect(quiet(await tree(robot))).toEqual(quiet(before));
  expect(await property(robot, GATEWAY, 'MainPID')).toBe(gateway);
  expect(await property(robot, 'rovi-nav', 'MainPID')).toBe(nav);
  expect((await install(robot)).stdout).toContain('it was left alone');
});
