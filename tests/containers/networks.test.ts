import { expect, test } from 'vitest';
import { ContainerRobot, IMAGE } from './container-robot.js';

const here = new ContainerRobot('container-networks');
const SERVE = ['sh', '-c', 'exec httpd -f -p "$ROVI_PORT_HTTP" -h /site'];
const fetchFrom = async (port: number): Promise<string> =>
  here.robot.waitFor(`an answer at ${port}`, async () => {
    const { stdout } = await here.robot.exec([
      'busybox',
      'wget',
      '-q',
      '-O',
      '-',
      `http://127.0.0.1:${port}/who`,
    ]);
    return stdout.trim();
  });

test('on the robot’s own network a container serves at its port, from a volume of the robot', async () => {
  await here.robot.writeFile('/srv/site/who', 'host network');
  await here.install('site', {
    container: { image: IMAGE, command: SERVE, volumes: ['/srv/site:/site:ro'], labels: { part: 'a b' } },
    ports: [{ name: 'http', port: 8081 }],
    timeouts: { stop: 1 },
  });
  await here.start('rovi-site.service');
  expect(await fetchFrom(8081)).toBe('host network');
  const label = ['podman', 'inspect', '--format', '{{.Config.Labels.part}}', 'rovi-site'];
  expect((await here.robot.exec(label)).stdout).toBe('a b\n');
  const write = ['podman', 'exec', 'rovi-site', 'touch', '/site/mark'];
  expect((await here.robot.exec(write, { check: false })).code).not.toBe(0);
  await here.robot.exec(['systemctl', 'stop', 'rovi-site.service']);
  expect(await here.remains()).toEqual([]);
});

test('on a network of its own only what is published is reached, and all of it goes with the container', async () => {
  await here.install('site', {
    container: { image: IMAGE, command: SERVE, volumes: ['/srv/site:/site:ro'], networks: ['podman'] },
    restart: 'never',
    ports: [{ name: 'http', port: 8082, container: 80, address: '127.0.0.1' }],
    timeouts: { stop: 1 },
  });
  await here.start('rovi-site.service');
  expect(await fetchFrom(8082)).toBe('host network');
  const listening = await here.robot.exec(['podman', 'exec', 'rovi-site', 'netstat', '-ltn']);
  expect(listening.stdout).toMatch(/:::80\b|0\.0\.0\.0:80\b/);
  // Also when its monitor is killed, and systemd with the rest of it.
  await here.robot.exec(['kill', '-9', await here.property('rovi-site.service', 'MainPID')]);
  await here.robot.waitFor(
    'its end',
    async () => (await here.property('rovi-site.service', 'ActiveState')) === 'failed',
  );
  expect(await here.remains()).toEqual([]);
});

test('without a network it has none', async () => {
  await here.install('lonely', {
    container: { image: IMAGE, command: ['sleep', '1000'], networks: ['none'] },
    timeouts: { stop: 1 },
  });
  await here.start('rovi-lonely.service');
  const links = await here.robot.exec(['podman', 'exec', 'rovi-lonely', 'ls', '/sys/class/net']);
  expect(links.stdout).toBe('lo\n');
  await here.robot.exec(['systemctl', 'stop', 'rovi-lonely.service']);
});

test('instances of a template are containers of their own, each with its port, and stop alone', async () => {
  await here.install('many', {
    container: { image: IMAGE, command: SERVE, volumes: ['/srv/site:/site:ro'], networks: ['podman'] },
    instances: { min: 1, max: 3 },
    ports: [{ name: 'http', port: 8090, container: 80 }],
    timeouts: { stop: 1 },
  });
  await here.robot.exec(['systemctl', 'start', 'rovi-many@1.service', 'rovi-many@2.service']);
  expect(await here.containers()).toEqual(['rovi-many.1', 'rovi-many.2']);
  expect([await fetchFrom(8090), await fetchFrom(8091)]).toEqual(['host network', 'host network']);
  await here.robot.exec(['systemctl', 'stop', 'rovi-many@1.service']);
  expect(await here.containers()).toEqual(['rovi-many.2']);
  expect(await fetchFrom(8091)).toBe('host network');
  await here.robot.exec(['systemctl', 'stop', 'rovi-many@2.service']);
  expect(await here.remains()).toEqual([]);
});
