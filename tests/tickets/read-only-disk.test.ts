/** The kernel makes the file system of the state read-only under the running gateway, as it does after an error of the disk. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { failureOf, InstalledRobot } from '../installed-robot.js';

const GATEWAY = 'rovi-gateway.service';
const STATE = '/var/lib/rovi';
const rovi = new InstalledRobot('readonlydisk');

const host = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8' }).trim();
const folder = mkdtempSync(join(tmpdir(), 'rovi-disk-'));
const image = join(folder, 'disk.img');
execFileSync('truncate', ['-s', '32M', image]);
host('mkfs.ext4', '-q', image);
const device = loopDevice();
// Where a robot has it mounted still, it goes with that.
afterAll(() => {
  if (device !== null) host('losetup', '--detach', device);
  rmSync(folder, { recursive: true });
});

/** The image as a disk; null on a machine that has no loop devices, as containers have none. */
function loopDevice(): string | null {
  try {
    return host('losetup', '--find', '--show', image);
  } catch {
    return null;
  }
}

/** What a robot may not do: it has no devices. open_tree(2) of a mount of this machine, move_mount(2) into the robot's. */
const LEND = `
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
tree = libc.syscall(428, -100, sys.argv[1].encode(), 0x80001)
ns = os.open(f"/proc/{sys.argv[2]}/ns/mnt", os.O_RDONLY)
if tree < 0 or libc.setns(ns, 0x20000) != 0: sys.exit(os.strerror(ctypes.get_errno()))
if libc.syscall(429, tree, b"", -100, sys.argv[3].encode(), 4) != 0: sys.exit(os.strerror(ctypes.get_errno()))
`;
const place = join(folder, 'disk');
execFileSync('mkdir', [place]);

/** The file system as the robot's folder of state. */
async function mounted(): Promise<void> {
  host('mount', '-o', 'errors=remount-ro', device ?? '', place);
  host('python3', '-c', LEND, place, String(rovi.robot.leader), STATE);
  host('umount', place);
  await rovi.robot.shell(`chown rovi:rovi-ops ${STATE}; chmod 0755 ${STATE}`);
}
const drive = (seconds: number) =>
  rovi.api.tickets.create({
    command: 'drive',
    params: { speed: 1, duration_seconds: seconds },
    dry_run: true,
  });
const unwritable = { code: 'state-unwritable', mend: expect.stringContaining('journalctl -k') as string };

const available = () =>
  rovi.robot.waitFor('tickets', async () => (await rovi.api.state()).tickets?.available === true, 30_000);

let [running, other] = ['', ''];

test.skipIf(device === null)(
  'what is new is refused with the reason, what stops acts, and what is read is read',
  async () => {
    await rovi.systemctl(['stop', GATEWAY]);
    await mounted();
    await rovi.systemctl(['start', GATEWAY]);
    await available();
    running = (await drive(50)).id;
    other = (await drive(50)).id;
    const executed = rovi.api.tickets.execute(running);
    await rovi.robot.waitFor(
      'it to execute',
      async () => (await rovi.api.tickets.read(running)).status === 'executing',
    );
    writeFileSync(`/sys/fs/ext4/${basename(device ?? '')}/trigger_fs_error`, '1');
    await rovi.robot.waitFor(
      'the kernel',
      async () => (await rovi.robot.exec(['touch', `${STATE}/x`], { check: false })).code !== 0,
    );
    expect(await failureOf(drive(1))).toMatchObject(unwritable);
    expect(await failureOf(rovi.api.tickets.execute(other))).toMatchObject(unwritable);
    // It has ended, and is told so: the record follows when it can.
    expect(await failureOf(rovi.api.tickets.cancel(running))).toMatchObject(unwritable);
    expect(await executed).toMatchObject({
      status: 'cancelled',
      message: expect.stringContaining('could not be written down yet') as string,
    });
    expect(await rovi.api.tickets.estop()).toMatchObject({ active: true, stored: false });
    expect((await rovi.api.state()).tickets).toMatchObject({ available: false });
    expect((await rovi.api.tickets.list()).total).toBe(2);
    expect(await rovi.api.tickets.read(other)).toMatchObject({ status: 'pending' });
  },
);

test.skipIf(device === null)(
  'once the file system is mended all that was acknowledged is there',
  async () => {
    await rovi.systemctl(['stop', GATEWAY]);
    await rovi.robot.exec(['umount', STATE]);
    // 1: it found errors and mended them.
    host('sh', '-c', `e2fsck -fy ${device ?? ''} || [ $? -eq 1 ]`);
    await mounted();
    await rovi.systemctl(['start', GATEWAY]);
    await available();
    expect(await rovi.api.tickets.read(running)).toMatchObject({
      status: 'failed',
      error_code: 'ticket-interrupted',
    });
    expect(await rovi.api.tickets.read(other)).toMatchObject({ status: 'pending', attempts: 0 });
    // As its answer said.
    expect((await rovi.api.state()).tickets?.estop.active).toBe(false);
    expect(await drive(1)).toMatchObject({ status: 'pending' });
    await rovi.systemctl(['stop', GATEWAY]);
    await rovi.robot.exec(['umount', STATE]);
  },
);
