import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findDrift, generate, readCatalog } from '@rovi/unitgen';
import { catalogOfServices } from '@rovi/unitgen/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const repository = new URL('../../', import.meta.url).pathname;
const committed = (path: string) => readFile(join(repository, path), 'utf8');
const unitsIn = (files: Map<string, string>) =>
  [...files.keys()].filter((path) => /^units\/rovi-.*\.(?:service|target)$/.test(path));

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rovi-units-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The repository's generated files, as they are committed. */
async function committedFiles(): Promise<Map<string, string>> {
  const names = await Promise.all(
    ['units', 'polkit', 'env/stacks'].map(async (folder) =>
      (await readdir(join(repository, folder))).map((name) => `${folder}/${name}`),
    ),
  );
  return new Map(await Promise.all(names.flat().map(async (path) => [path, await committed(path)] as const)));
}

async function generatedFrom(catalog: string): Promise<Map<string, string>> {
  return new Map(
    generate(readCatalog(await committed(catalog), catalog)).map(({ path, text }) => [path, text]),
  );
}

/** Lays the units into a folder where the programs they name exist; returns their paths. */
async function layOut(name: string, files: Map<string, string>): Promise<string[]> {
  const prefix = join(root, name);
  await mkdir(join(prefix, 'lib/rovi'), { recursive: true });
  const ours = ['rovi-gateway', 'run_stack.sh', 'run_gateway.sh', 'end_rest.sh', 'may_start.sh'];
  for (const program of [...ours, 'podman']) {
    await writeFile(join(prefix, 'lib/rovi', program), '#!/bin/sh\n');
    await chmod(join(prefix, 'lib/rovi', program), 0o755);
  }
  return Promise.all(
    unitsIn(files).map(async (path) => {
      const target = join(prefix, path.replace('units/', ''));
      await writeFile(
        target,
        (files.get(path) ?? '')
          .replaceAll('/usr/local/', `${prefix}/`)
          // An engine is on robots that have containers; this machine need not be one.
          .replaceAll('/usr/bin/podman', `${prefix}/lib/rovi/podman`),
      );
      return target;
    }),
  );
}

/** What systemd says of unit files; a template is looked at as its first instance. */
async function verify(units: readonly string[]): Promise<string> {
  const named = units.map((unit) => unit.replace(/@\.service$/, '@1.service'));
  const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...named]).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
  return stdout + stderr;
}

async function exposure(unit: string): Promise<number> {
  const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', unit]);
  const [, figure] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
  return Number(figure ?? NaN);
}

const catalogs = [
  'rovi.yaml',
  'examples/one-stack.yaml',
  'examples/ros-gateway.yaml',
  'examples/omega1.yaml',
  'examples/alicia.yaml',
  'examples/external.yaml',
];

describe('the committed files', () => {
  it('are what the catalog generates', async () => {
    const found = await committedFiles();
    const expected = generate(readCatalog(await committed('rovi.yaml'), 'rovi.yaml'));
    const files = [...found].map(([path, text]) => [path, { text, executable: false }] as const);
    expect(findDrift(expected, new Map(files))).toEqual([]);
  });

  it('cover the stacks of the seed', async () => {
    expect(unitsIn(await committedFiles()).sort()).toEqual([
      ...['camera', 'gateway', 'localization', 'mapping', 'nav'].map((name) => `units/rovi-${name}.service`),
      'units/rovi-services.target',
      'units/rovi-teleop.service',
    ]);
  });
});

describe.each(catalogs)('systemd, of what %s generates', (catalog) => {
  it('finds no fault in any unit', async () => {
    const units = await layOut(catalog.replaceAll('/', '-'), await generatedFrom(catalog));
    expect(await verify(units)).toBe('');
  });

  it('takes accounts and runtime files', async () => {
    const files = await generatedFrom(catalog);
    const folder = join(root, `${catalog.replaceAll('/', '-')}-accounts`);
    await mkdir(join(folder, 'etc'), { recursive: true });
    await writeFile(join(folder, 'rovi.sysusers'), files.get('units/rovi.sysusers') ?? '');
    await writeFile(join(folder, 'rovi.tmpfiles'), files.get('units/rovi.tmpfiles') ?? '');
    // The group that the journal belongs to, and a user's own group, are there on a robot.
    await writeFile(join(folder, 'etc/group'), 'root:x:0:\nsystemd-journal:x:999:\n');
    await run('systemd-sysusers', [`--root=${folder}`, join(folder, 'rovi.sysusers')]);
    await run('systemd-tmpfiles', ['--create', '--boot', `--root=${folder}`, join(folder, 'rovi.tmpfiles')]);
    const { user, group } = readCatalog(await committed(catalog), catalog);
    const groups = await readFile(join(folder, 'etc/group'), 'utf8');
    const { stdout } = await run('stat', [
      '-c',
      '%a %g',
      join(folder, 'run/rovi'),
      join(folder, 'run/rovi/stack.lock'),
    ]);
    const gid = (name: string) => new RegExp(`^${name}:x:(\\d+):`, 'm').exec(groups)?.[1];
    expect(stdout).toBe(`2750 ${String(gid(group))}\n600 ${String(gid(user))}\n`);
    expect(groups).toMatch(new RegExp(`^systemd-journal:x:999:${user}$`, 'm'));
  });
});

describe('systemd, of services that nobody thought of', () => {
  // systemd-analyze loads hundreds of units in all.
  it('finds no fault in the units of any catalog', { timeout: 400_000 }, async () => {
    const catalogs = fc.sample(
      catalogOfServices.filter(({ services }) => Object.keys(services).length > 0),
      { numRuns: 40 },
    );
    let count = 0;
    for (const [index, catalog] of catalogs.entries()) {
      // Programs, accounts and engines are not what is looked at here.
      const files = generate(catalog, { prefix: '/usr/local' }).map(
        ({ path, text }) =>
          [path, text.replaceAll(/-- \/usr\/bin\/env -- "?\/\S+/g, '-- /usr/bin/env')] as const,
      );
      const units = await layOut(`any-${String(index)}`, new Map(files));
      expect(await verify(units), JSON.stringify(catalog.services)).toBe('');
      count += units.length;
    }
    expect(count).toBeGreaterThan(100);
  });
});

describe('the hardening', () => {
  // With the ROS face or TCP the gateway's unit has the machine's network.
  const bounds = { conductor: 1.9, withoutRos: 1.2, nodes: 3.9 };

  it('stays within its bounds, and the page gives its figures', async () => {
    const shipped = await layOut('shipped', await committedFiles());
    const launch = await layOut('launch', await generatedFrom('examples/ros-gateway.yaml'));
    const withoutRos = await layOut(
      'without-ros',
      new Map(
        generate(
          readCatalog(
            (await committed('rovi.yaml'))
              .replace(/^ {2}face: true$/m, '  face: false')
              .replace(/^ {2}listen:\n {4}- .*$/m, '  listen: []'),
            'rovi.yaml',
          ),
        ).map(({ path, text }) => [path, text]),
      ),
    );
    const services = await layOut('services', await generatedFrom('examples/omega1.yaml'));
    const video = services.filter((unit) => unit.endsWith('rovi-video_server.service'));
    expect(video).toHaveLength(1);
    const page = await committed('docs/security.md');
    const version = /systemd (\d+)/.exec((await run('systemd-analyze', ['--version'])).stdout)?.[1];
    const closed = withoutRos.filter((unit) => unit.endsWith('rovi-gateway.service'));
    for (const unit of [...shipped, ...launch, ...closed, ...video]) {
      if (unit.endsWith('.target')) continue;
      const figure = await exposure(unit);
      const gateway = unit.endsWith('rovi-gateway.service');
      const [row, bound] = video.includes(unit)
        ? ['service of a user other than root', bounds.nodes]
        : !gateway
          ? ['every stack', bounds.nodes]
          : launch.includes(unit)
            ? ['gateway, a launch', bounds.nodes]
            : closed.includes(unit)
              ? [
                  'gateway, `run: conductor`, `ros: { face: false }`, `http: { listen: [] }`',
                  bounds.withoutRos,
                ]
              : ['gateway, `run: conductor`', bounds.conductor];
      expect(figure, unit).toBeLessThanOrEqual(bound);
      if (page.includes(`systemd ${String(version)}`))
        expect(page).toContain(`| ${row} | ${figure.toFixed(1)} |`);
    }
  });
});
