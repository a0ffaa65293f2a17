/** A robot without stacks: the services of examples/omega1.yaml are all there is, and the page shows nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { InstalledRobot } from '../installed-robot.js';
import { everywhere, look } from './looks.js';
import { Visits } from './visits.js';

const installed = new InstalledRobot('web-omega1', {
  catalog: readFileSync(join(REPOSITORY, 'examples/omega1.yaml'), 'utf8'),
  prepare: async (robot) => {
    await robot.exec(['cp', '-r', '/opt/rovi-src/examples/omega1', '/opt/omega1']);
  },
});
const visits = new Visits(installed);

test('how a robot without stacks looks', { timeout: 240_000 }, async () => {
  await installed.api.beginMaintenance('lighting_server', { reason: 'the LEDs are replaced' });
  const looks = await everywhere(visits);
  await look(looks, 'omega1', async (page) => {
    await page.getByText('6 of 8 running').waitFor();
    const services = page.getByRole('region', { name: 'Services', exact: true });
    await expect.poll(() => services.getByText('healthy', { exact: true }).count()).toBe(6);
    await services.getByText('In maintenance').waitFor();
    expect(await page.getByText('Active stack').count()).toBe(0);
  });
});
