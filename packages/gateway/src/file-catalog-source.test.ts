import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { catalogSchema } from '@rovi/contract';
import type { Catalog } from '@rovi/contract';
import { planReload } from '@rovi/conductor';
import { FileCatalogSource } from './file-catalog-source.js';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const stack = (over: object = {}) => ({
  description: 'Navigation',
  launch: { package: 'rovi_bringup', file: 'nav.launch.py' },
  ...over,
});
const service = (over: object = {}) => ({
  description: 'A camera',
  command: ['/usr/bin/camera'],
  ports: [{ name: 'http', port: 8081 }],
  ...over,
});
const catalog = (over: object = {}): Catalog =>
  catalogSchema.parse({
    version: 1,
    workspace: '/w',
    env_file: '/etc/rovi/env',
    stacks: { nav: stack() },
    services: { camera: service() },
    ...over,
  });

function planned(next: Catalog, first = catalog()) {
  const source = new FileCatalogSource('/nowhere', first);
  return planReload(first, next, (before, after) => source.changedFiles(before, after));
}

describe('a catalog that is read again', () => {
  it('changes nothing where it says the same', async () => {
    expect(await planned(catalog())).toEqual({
      catalog: catalog(),
      applied: [],
      needsInstall: [],
      needsRestart: [],
    });
  });

  it('has the operators of the fleet in force at once, whatever else of it waits for a restart', async () => {
    const key = (letter: string): string => `ed25519:${letter.repeat(42)}A=`;
    const ada = { name: 'ada', key: key('a') };
    const fleet = (over: object, mqtt: object = {}): Catalog =>
      catalog({ mqtt: { broker: 'mqtt://localhost', fleet: over, ...mqtt } });
    const first = fleet({ operators: [ada, { name: 'ben', key: key('b') }] });
    const withdrawn = await planned(fleet({ operators: [ada] }), first);
    expect(withdrawn).toMatchObject({
      applied: ['operators of the fleet: ada'],
      needsInstall: [],
      needsRestart: [],
    });
    expect(withdrawn.catalog.mqtt?.fleet?.operators.map(({ name }) => name)).toEqual(['ada']);
    const more = await planned(fleet({ operators: [], heartbeat: 60 }), first);
    expect(more).toMatchObject({
      applied: ['operators of the fleet: nobody'],
      needsRestart: ['`mqtt` is different'],
    });
    expect(more.catalog.mqtt?.fleet).toMatchObject({ operators: [], heartbeat: 20 });
    const gone = await planned(catalog({ mqtt: { broker: 'mqtt://localhost' } }), first);
    expect(gone.catalog.mqtt?.fleet?.operators).toEqual([]);
    expect(gone.needsRestart).toEqual(['`mqtt` is different']);
  });

  it('is in force for all that no file of root holds', async () => {
    const health = [{ probe: { type: 'tcp', port: 'http' }, interval: 5 }];
    const next = catalog({
      stacks: { nav: stack({ processes: ['planner_server'] }) },
      services: { camera: service({ health, category: 'sensors', crash_loop: { cooldown: 5, tries: 1 } }) },
    });
    const plan = await planned(next);
    expect(plan.applied).toEqual(['stack nav: processes', 'service camera: category, health, crash_loop']);
    expect(plan.needsInstall).toEqual([]);
    expect(plan.catalog).toEqual(next);
  });

  it('leaves in force what is generated, and names the file', async () => {
    const plan = await planned(
      catalog({
        stacks: { nav: stack({ timeouts: { stop: 40 } }) },
        services: { camera: service({ command: ['/usr/bin/other'] }) },
      }),
    );
    expect(plan.applied).toEqual([]);
    expect(plan.needsInstall).toEqual([
      'stack nav is different in /etc/systemd/system/rovi-nav.service',
      'service camera is different in /etc/systemd/system/rovi-camera.service',
    ]);
    expect(plan.catalog).toEqual(catalog());
  });

  it('takes in no unit that is new and lets go of none that is gone', async () => {
    const plan = await planned(catalog({ stacks: { nav: stack(), teleop: stack() }, services: {} }));
    expect(plan.needsInstall).toEqual([
      'stack teleop is new',
      'service camera is gone from the catalog; its unit is still installed',
    ]);
    expect(Object.keys(plan.catalog.stacks)).toEqual(['nav']);
    expect(Object.keys(plan.catalog.services)).toEqual(['camera']);
  });

  it('says what is taken at the start only', async () => {
    const plan = await planned(catalog({ robot: 'other', group: 'drivers' }));
    expect(plan.needsInstall).toEqual(['`group` is different']);
    expect(plan.needsRestart).toEqual(['`robot` is different']);
    expect(plan.catalog).toEqual(catalog());
  });

  it('with hundreds of other checks is taken over at once, and others have their turns meanwhile', async () => {
    const all = (interval: number, description = 'x') =>
      catalog({
        services: Object.fromEntries(
          Array.from({ length: 500 }, (_, index) => [
            `s${index}`,
            service({
              description: index === 250 ? description : 'x',
              requires: index === 0 ? [] : [`s${index - 1}`],
              health: [{ probe: { type: 'tcp', port: 'http' }, interval }],
            }),
          ]),
        ),
      });
    const pauses: number[] = [];
    // The best of three: what a busy machine adds is not the comparison's.
    while (pauses.length < 3 && (pauses.length === 0 || Math.min(...pauses) >= 5_000)) {
      let pause = 0;
      let last = performance.now();
      const beat = setInterval(() => {
        pause = Math.max(pause, performance.now() - last);
        last = performance.now();
      }, 5);
      const plan = await planned(all(5, 'other'), all(10));
      clearInterval(beat);
      pauses.push(pause);
      expect(plan.applied).toHaveLength(499);
      expect(plan.needsInstall).toEqual([
        'service s250 is different in /etc/systemd/system/rovi-s250.service',
      ]);
    }
    // The watchdog of the gateway is fed between any two comparisons; each of them generates the catalog once.
    expect(Math.min(...pauses)).toBeLessThan(5_000);
  });

  it('may turn a dependency round', async () => {
    const two = (a: string[], b: string[]) =>
      catalog({ services: { a: service({ requires: a }), b: service({ requires: b }) } });
    const plan = await planned(two([], ['a']), two(['b'], []));
    expect(plan.needsInstall).toEqual([
      'service a is different in its requires',
      'service b is different in its requires',
    ]);
    expect(plan.catalog).toEqual(two(['b'], []));
  });

  it('puts nothing in force that needs a service which is not installed', async () => {
    const first = catalog({ services: { a: service() } });
    const plan = await planned(
      catalog({ services: { a: service({ requires: ['n'] }), n: service() } }),
      first,
    );
    expect(plan.applied).toEqual([]);
    expect(plan.needsInstall).toEqual(['service a is different in its requires', 'service n is new']);
    expect(plan.catalog).toEqual(first);
  });

  it('is refused as a whole where it cannot be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rovi-reload-'));
    folders.push(folder);
    const path = join(folder, 'rovi.yaml');
    const source = new FileCatalogSource(path, catalog());
    await expect(source.read()).rejects.toMatchObject({ code: 'catalog-unreadable' });
    await writeFile(path, 'version: 1\nstacks: [\n');
    await expect(source.read()).rejects.toMatchObject({ code: 'catalog-invalid' });
  });

  it('is refused at once where it is no plain file, or one without end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rovi-reload-'));
    folders.push(folder);
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const device = join(folder, 'device');
    await symlink('/dev/zero', device);
    for (const path of [pipe, device, folder]) {
      await expect(new FileCatalogSource(path, catalog()).read()).rejects.toMatchObject({
        code: 'catalog-unreadable',
      });
    }
    const endless = join(folder, 'endless');
    await writeFile(endless, '');
    await truncate(endless, 100_000_000_000);
    await expect(new FileCatalogSource(endless, catalog()).read()).rejects.toMatchObject({
      code: 'catalog-invalid',
    });
  });
});
