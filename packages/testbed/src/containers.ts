import { accessSync, constants } from 'node:fs';
import type { Robot } from './robot.js';
import { TestbedError } from './testbed-error.js';

const NEEDED = [
  { file: '/usr/bin/podman', package: 'podman' },
  { file: '/usr/bin/crun', package: 'crun' },
  { file: '/bin/busybox', package: 'busybox-static' },
] as const;

const FILL_IMAGE = '/opt/rovi-src/packages/testbed/programs/fill-image.sh';

// A robot's root is an overlay: no overlay goes on top of that. nspawn's system call filter forbids kernel keyrings.
const STORAGE = `[storage]
driver = "vfs"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
`;
const CONTAINERS = `[containers]
keyring = false
`;

/**
 * Sets up Podman on a robot: afterwards root's `podman` works there, with crun, without any image. Throws a TestbedError
 * that names the Debian packages if this machine lacks them.
 */
export async function setUpPodman(robot: Robot): Promise<void> {
  const missing = NEEDED.filter(({ file }) => !isProgram(file));
  if (missing.length > 0) {
    const packages = missing.map((each) => each.package).join(' ');
    throw new TestbedError(`containers cannot run on a robot without: apt-get install ${packages}`);
  }
  await robot.writeFile('/etc/containers/storage.conf', STORAGE);
  await robot.writeFile('/etc/containers/containers.conf', CONTAINERS);
}

/** An image made of a robot's own files. */
export interface ImageOptions {
  /** Such as `localhost/talker:1`. */
  name: string;
  /** Programs of the robot beside busybox, by name or path; the libraries they are linked with come along. */
  programs?: readonly string[];
  /** Other files and folders of the robot, as they are. */
  paths?: readonly string[];
  /** Files of the image alone: absolute path → text. All can be executed. */
  files?: Readonly<Record<string, string>>;
  /** Instructions as in a Dockerfile, such as `CMD ["/run.sh"]`. */
  changes?: readonly string[];
}

/**
 * Makes an image out of busybox and files of the robot, in the robot, without any registry, and stores it there. Takes
 * well under a second for busybox alone, so that it is not worth a cache.
 */
export async function makeImage(robot: Robot, options: ImageOptions): Promise<void> {
  const { name, programs = [], paths = [], files = {}, changes = [] } = options;
  const root = (await robot.exec(['mktemp', '-d'])).stdout.trim();
  await robot.exec([FILL_IMAGE, root, ...programs, '--', ...paths]);
  for (const [path, text] of Object.entries(files)) {
    await robot.writeFile(`${root}${path}`, text, { mode: '0755' });
  }
  const instructions = changes.flatMap((change) => ['--change', change]);
  await robot.exec(['tar', '-C', root, '-cf', `${root}.tar`, '.']);
  await robot.exec(['podman', 'import', '--quiet', ...instructions, `${root}.tar`, name]);
  await robot.exec(['rm', '-rf', root, `${root}.tar`]);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
