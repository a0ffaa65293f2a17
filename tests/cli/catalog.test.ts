import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REPOSITORY, rovictl } from './rovictl.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rovi-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const run = (...args: string[]) => rovictl(args, { cwd: folder });
const file = (name: string) => readFile(join(folder, name), 'utf8');

const catalog = `version: 1
workspace: /home/rovi/ws
env_file: /home/rovi/ws/.env.robot
stacks:
  nav:
    description: Navigation
    launch: { package: rovi_bringup, file: rovi.launch.py, arguments: { stack: nav } }
`;

describe('rovictl validate', () => {
  it('accepts the shipped catalog', async () => {
    const { code, stdout } = await run('validate', join(REPOSITORY, 'rovi.yaml'));
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /is valid: robot rovi, user rovi, 5 stacks: teleop, mapping, localization, nav, camera\n$/,
    );
  });

  it('names the services too', async () => {
    const { stdout } = await run('validate', join(REPOSITORY, 'examples/alicia.yaml'));
    expect(stdout).toMatch(
      /is valid: robot alicia, user alicia, no stacks; 6 services: mqtt_broker, device_/,
    );
  });

  it('names file, line, path and what was expected for every fault, and exits with 6', async () => {
    const bad = catalog
      .replace('rovi.launch.py', '../evil.py')
      .replace('description: Navigation', 'description: "a\\nExecStart=/bin/sh"');
    await writeFile(join(folder, 'rovi.yaml'), bad);
    const { code, stdout, stderr } = await run('validate');
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
    expect(stderr).toContain('[catalog-invalid]');
    expect(stderr).toMatch(
      /rovi\.yaml:6:\d+: stacks\.nav\.description: expected one line without control characters/,
    );
    expect(stderr).toMatch(
      /rovi\.yaml:7:\d+: stacks\.nav\.launch\.file: expected the file name of a launch file/,
    );
  });

  it('says that there is no such file, in one line and a mend', async () => {
    const { code, stderr } = await run('validate', 'nowhere.yaml');
    expect(code).toBe(6);
    expect(stderr).toBe(
      'rovictl: nowhere.yaml cannot be read: there is no such file [catalog-unreadable]\n  mend: Name a catalog, or run this in the folder that holds rovi.yaml.\n',
    );
  });
});

describe('rovictl generate', () => {
  beforeEach(() => writeFile(join(folder, 'rovi.yaml'), catalog));

  it('writes everything an installer needs, with a manifest that names each file', async () => {
    const { code } = await run('generate', '--prefix', '/opt/rovi', '--user', 'robot', '--out', 'out');
    expect(code).toBe(0);
    const manifest = (await file('out/install.manifest'))
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    expect(manifest.every(([mode]) => mode === '0644')).toBe(true);
    expect(manifest.map(([, path]) => path).sort()).toEqual(
      [
        'env/stacks/nav.args',
        'polkit/49-rovi.rules',
        'rovi.yaml',
        'units/rovi-gateway.service',
        'units/rovi-nav.service',
        'units/rovi-services.target',
        'units/rovi.sysusers',
        'units/rovi.tmpfiles',
      ].sort(),
    );
    expect(manifest.find(([, path]) => path === 'rovi.yaml')?.[2]).toBe('/etc/rovi/rovi.yaml');
    expect(await file('out/units/rovi-nav.service')).toMatch(
      /User=robot[\s\S]*\/opt\/rovi\/lib\/rovi\/run_stack\.sh/,
    );
    expect(await file('out/rovi.yaml')).toContain('user: robot');
  });

  it('writes nothing from a bad catalog', async () => {
    await writeFile(join(folder, 'rovi.yaml'), catalog.replace('nav:', 'Nav!:'));
    expect(await run('generate', '--out', 'out')).toMatchObject({ code: 6 });
    expect(await run('generate')).toMatchObject({ code: 6 });
    expect(await readdir(folder)).toEqual(['rovi.yaml']);
  });

  it('refuses a user that would not be a plain account name', async () => {
    expect(await run('generate', '--user', 'a b', '--out', 'out')).toMatchObject({ code: 6 });
    expect(await run('generate', '--user', 'root', '--out', 'out')).toMatchObject({ code: 6 });
    expect(await readdir(folder)).toEqual(['rovi.yaml']);
  });

  it('finds drift: exit 7 and a unified diff, and mends it', async () => {
    await run('generate');
    expect(await run('generate', '--check')).toMatchObject({ code: 0 });
    await writeFile(
      join(folder, 'units/rovi-nav.service'),
      (await file('units/rovi-nav.service')).replace('Restart=no', 'Restart=always'),
    );
    await writeFile(join(folder, 'units/rovi-gone.service'), '[Unit]\n');
    await rm(join(folder, 'units/rovi.tmpfiles'));
    const { code, stdout, stderr } = await run('generate', '--check');
    expect(code).toBe(7);
    expect(stdout).toMatch(
      /--- units\/rovi-nav\.service \(on disk\)\n\+\+\+ units\/rovi-nav\.service \(generated\)\n@@ .*@@\n[\s\S]*-Restart=always\n\+Restart=no\n/,
    );
    expect(stdout).toContain('--- units/rovi-gone.service');
    expect(stdout).toContain('+++ units/rovi.tmpfiles (generated)');
    expect(stderr).toMatch(/^rovictl: 3 of \d+ generated files differ from rovi\.yaml\n {2}mend: /);
    expect(await run('generate')).toMatchObject({ code: 0 });
    expect(await run('generate', '--check')).toMatchObject({ code: 0 });
    expect(await readdir(join(folder, 'units'))).not.toContain('rovi-gone.service');
  });

  it('finds no drift in what the repository has committed', async () => {
    const { code, stdout } = await rovictl(['generate', '--check', '--catalog', 'rovi.yaml'], {
      cwd: REPOSITORY,
    });
    expect({ code, stdout }).toMatchObject({ code: 0 });
  });
});
