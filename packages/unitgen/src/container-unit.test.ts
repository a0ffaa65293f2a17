import { containerName, serviceSchema } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerHealthUnit, containerMounts, containerService, isContainer } from './container-unit.js';
import type { ContainerService } from './container-unit.js';
import { hostileText } from './testing/arbitrary-catalog.js';
import { commandWords, parseUnit } from './testing/parse-unit.js';
import type { UnitLine } from './unit-file.js';

function service(entry: Record<string, unknown>): ContainerService {
  const parsed = serviceSchema.parse({ description: 'Message bus', ...entry });
  if (!isContainer(parsed)) throw new Error('not a container');
  return parsed;
}

function values(lines: readonly UnitLine[], directive: string): string[] {
  return lines.flatMap((line) => ('comment' in line || line[0] !== directive ? [] : [line[1]]));
}

/** What Podman is told by ExecStart=, without the journal's and Podman's own words in front. */
function told(name: string, entry: ContainerService): string[] {
  const [start = ''] = values(containerService(name, entry), 'ExecStart');
  const all = commandWords(start);
  return all.slice(all.indexOf('run') + 1);
}

const CONTAINER = { image: 'localhost/bus:1' };

describe('containerService', () => {
  it('runs the container in the control group of its unit, under one name', () => {
    const lines = containerService('bus', service({ container: CONTAINER }));
    expect(values(lines, 'ExecStart')).toEqual([
      '/usr/bin/systemd-cat --identifier=rovi-bus --priority=info --stderr-priority=notice ' +
        '/usr/bin/podman --runtime=crun --events-backend=none run --name=rovi-bus --replace --rm --detach ' +
        '--pull=never --cgroups=disabled --sdnotify=conmon --log-driver=passthrough --network=host ' +
        '--env=ROVI_SERVICE=bus --env=ROVI_INSTANCE=1 --no-healthcheck localhost/bus:1',
    ]);
    expect(values(lines, 'Type')).toEqual(['notify']);
    expect(values(lines, 'DevicePolicy')).toEqual(['closed']);
    expect(values(lines, 'ExecStopPost')).toEqual([
      '-/usr/bin/podman --runtime=crun --events-backend=none rm --force --ignore --volumes --time=0 rovi-bus',
    ]);
  });

  it('gives the container its time to stop, and Podman some more', () => {
    const lines = containerService('bus', service({ container: CONTAINER, timeouts: { stop: 7 } }));
    expect(values(lines, 'ExecStop').join()).toContain(' stop --ignore --time=7 rovi-bus');
    expect(values(lines, 'TimeoutStopSec')).toEqual(['17s']);
  });

  it('waits for a program that says itself when it is ready', () => {
    expect(told('bus', service({ container: CONTAINER, type: 'notify' }))).toContain('--sdnotify=container');
  });

  it('hands on volumes, devices, labels, variables and folders, word by word', () => {
    const entry = service({
      container: {
        image: 'localhost/bus:1',
        command: ['bus', '--name', 'a "b" $HOME 100%', ''],
        volumes: ['/srv/data:/data:ro', 'state:/state'],
        devices: ['/dev/video0'],
        labels: { 'org.example/part': 'a b' },
      },
      working_directory: '/data',
      environment: { GREETING: 'say "hi" for $5' },
      environment_file: '/etc/rovi/bus.env',
    });
    const words = told('bus', entry);
    for (const word of [
      '--volume=/srv/data:/data:ro',
      '--volume=state:/state',
      '--device=/dev/video0',
      '--label=org.example/part=a b',
      '--workdir=/data',
      '--env-file=/etc/rovi/bus.env',
      '--env=GREETING=say "hi" for $5',
    ]) {
      expect(words).toContain(word);
    }
    expect(words.slice(-5)).toEqual(['localhost/bus:1', 'bus', '--name', 'a "b" $HOME 100%', '']);
    expect(values(containerService('bus', entry), 'DeviceAllow')).toEqual(['/dev/video0 rw']);
    expect(containerMounts(entry)).toEqual([['RequiresMountsFor', '/var/lib/containers /srv/data']]);
  });

  it('publishes ports and answers to its name on a network of its own, not on the robot’s', () => {
    const ports = [{ name: 'http', port: 8080, container: 80, address: '127.0.0.1' }, '5353/udp'];
    const own = told('web', service({ container: { ...CONTAINER, networks: ['field', 'lab'] }, ports }));
    expect(own).toEqual(
      expect.arrayContaining([
        '--network=field',
        '--network=lab',
        '--network-alias=web',
        '--publish=127.0.0.1:8080:80/tcp',
        '--publish=0.0.0.0:5353:5353/udp',
        '--env=ROVI_PORT=80',
        '--env=ROVI_PORT_HTTP=80',
        '--env=ROVI_PORT_2=5353',
      ]),
    );
    for (const network of ['host', 'none']) {
      const shared = told('web', service({ container: { ...CONTAINER, networks: [network] }, ports }));
      expect(shared.filter((word) => /^--(publish|network-alias)/.test(word))).toEqual([]);
    }
    expect(told('web', service({ container: CONTAINER, ports }))).toContain('--env=ROVI_PORT_HTTP=8080');
    const six = service({
      container: { ...CONTAINER, networks: ['field'] },
      ports: [{ port: 80, address: '::1' }],
    });
    expect(told('web', six)).toContain('--publish=[::1]:80:80/tcp');
  });

  it('is a template where there may be several instances: its name and its ports are theirs', () => {
    const entry = service({
      container: { ...CONTAINER, networks: ['field'] },
      instances: { min: 1, max: 3 },
      ports: [{ name: 'http', port: 8080 }],
    });
    const lines = containerService('web', entry);
    const [start = ''] = values(lines, 'ExecStart');
    expect(start).toContain(' --env=ROVI_INSTANCE=%i ');
    expect(start).toContain('--publish=0.0.0.0:${ROVI_PORT_HTTP}:8080/tcp');
    for (const directive of ['ExecStart', 'ExecStop', 'ExecStopPost']) {
      const of3 = values(lines, directive).join().replaceAll('%i', '3');
      expect(of3).toContain(containerName('web', entry, 3));
      expect(of3).not.toContain('%');
    }
  });

  it('never lets a word of the catalog become another, whatever it holds', () => {
    const text = hostileText.filter((value) => {
      const { success } = serviceSchema.safeParse({
        description: 'x',
        container: { ...CONTAINER, command: [value], labels: { l: value } },
        environment: { A: value },
      });
      return success;
    });
    fc.assert(
      fc.property(text, text, text, (word, label, variable) => {
        const entry = service({
          container: { ...CONTAINER, command: ['x', word, 'y'], labels: { l: label }, healthcheck: [word] },
          environment: { A: variable },
          health: [{ probe: { type: 'container' } }],
        });
        const words = told('bus', entry);
        expect(words.slice(-4)).toEqual(['localhost/bus:1', 'x', word, 'y']);
        expect(words).toContain(`--label=l=${label}`);
        expect(words).toContain(`--env=A=${variable}`);
        expect(words).toContain(`--health-cmd=${JSON.stringify([word])}`);
      }),
    );
  });
});

describe('containerHealthUnit', () => {
  const asked = (more: Record<string, unknown> = {}): ContainerService =>
    service({
      container: { ...CONTAINER, healthcheck: ['test', '-e', '/tmp/a b'] },
      health: [
        { probe: { type: 'container' }, timeout: 2.5 },
        { probe: { type: 'process' }, timeout: 60 },
      ],
      ...more,
    });

  it('asks once, within the time of the check, and says nothing while all is well', () => {
    const unit = parseUnit(containerHealthUnit('bus', asked()) ?? '');
    const own = Object.fromEntries(unit['Service'] ?? []);
    expect(own).toMatchObject({ Type: 'oneshot', TimeoutStartSec: '2.5s', LogLevelMax: 'notice' });
    expect(commandWords(own['ExecStart'] ?? '').slice(-3)).toEqual(['healthcheck', 'run', 'rovi-bus']);
    expect(Object.fromEntries(unit['Unit'] ?? [])).toMatchObject({ StartLimitIntervalSec: '0' });
    expect(told('bus', asked())).toEqual(
      expect.arrayContaining(['--health-cmd=["test","-e","/tmp/a b"]', '--health-interval=disable']),
    );
  });

  it('leaves an image its own check', () => {
    const words = told('bus', asked({ container: CONTAINER }));
    expect(words.filter((word) => word.includes('health'))).toEqual([]);
  });

  it('is a template for several instances', () => {
    expect(containerHealthUnit('bus', asked({ instances: { min: 1, max: 2 } }))).toContain(
      'run rovi-bus.%i\n',
    );
  });

  it('is not there where nobody asks', () => {
    expect(containerHealthUnit('bus', service({ container: CONTAINER }))).toBeUndefined();
  });
});
