import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { Broker, until } from './broker.js';
import { mqttRig } from './rig.js';

const run = promisify(execFile);

/** A certificate authority in `folder`, with what it has signed for `name`: `<name>.crt` and `<name>.key`. */
async function authority(folder: string, ca: string, name: string, subject = '127.0.0.1'): Promise<void> {
  const at = (file: string) => join(folder, file);
  const openssl = (...words: string[]) => run('openssl', words);
  await openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${ca}`, '-keyout', at(`${ca}.key`), '-out', at(`${ca}.crt`)],
  );
  await openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`],
    ...['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)],
  );
  const kind = /^[0-9.]+$/.test(subject) ? 'IP' : 'DNS';
  await writeFile(at(`${name}.ext`), `subjectAltName=${kind}:${subject}\n`);
  await openssl(
    ...[
      'x509',
      '-req',
      '-days',
      '2',
      '-in',
      at(`${name}.csr`),
      '-CA',
      at(`${ca}.crt`),
      '-CAkey',
      at(`${ca}.key`),
    ],
    ...['-CAcreateserial', '-extfile', at(`${name}.ext`), '-out', at(`${name}.crt`)],
  );
}

/** A broker with TLS, whose certificate the authority `ca` signed for `subject`. */
const tlsBroker = (subject: string, more: (folder: string) => readonly string[] = () => []) =>
  Broker.start({
    prepare: async (folder) => {
      await authority(folder, 'ca', 'broker', subject);
      await authority(folder, 'robots', 'gateway');
      await authority(folder, 'other', 'stranger');
    },
    lines: (folder) => [
      'allow_anonymous true',
      `cafile ${folder}/robots.crt`,
      `certfile ${folder}/broker.crt`,
      `keyfile ${folder}/broker.key`,
      ...more(folder),
    ],
  });

const secure = (broker: Broker) => `mqtts://127.0.0.1:${String(broker.port)}`;

test('a password is read at each connection: missing, empty, wrong, then right', async () => {
  await using broker = await Broker.start({
    prepare: (folder) =>
      run('mosquitto_passwd', ['-b', '-c', join(folder, 'users'), 'rovi', 'right']).then(() => undefined),
    lines: (folder) => ['allow_anonymous false', `password_file ${folder}/users`],
  });
  const file = join(broker.folder, 'password');
  await using rig = await mqttRig({ broker: broker.url, username: 'rovi', password_file: file });
  const missing = await rig.waitFor('failing', /^cannot read /);
  expect(missing.text).toBe(
    `cannot read ${file} (mqtt.password_file): ENOENT: no such file or directory, open '${file}'`,
  );
  expect(missing.mend).toContain('read again at the next attempt');
  await writeFile(file, '\n');
  await rig.waitFor('failing', /^the first line of .* is empty$/);
  await writeFile(file, 'wrong\n');
  const wrong = await rig.waitFor('failing', /^the broker refused us: /);
  expect(wrong.text).toBe('the broker refused us: Not authorized');
  await writeFile(file, 'right\nnot of it\n');
  await rig.waitFor('on');
  expect(JSON.stringify([rig.faces, rig.lines])).not.toMatch(/right|wrong/);
});

test('TLS with an authority of our own; without it the broker is not believed', async () => {
  await using broker = await tlsBroker('127.0.0.1');
  const ca = join(broker.folder, 'ca.crt');
  {
    await using rig = await mqttRig({ broker: secure(broker) });
    const failing = await rig.waitFor('failing');
    expect(failing.text).toMatch(/^TLS with 127\.0\.0\.1:\d+ failed: unable to verify the first certificate/);
    expect(failing.mend).toContain('certificate');
  }
  {
    await using rig = await mqttRig({
      broker: secure(broker),
      tls: { ca: join(broker.folder, 'other.crt') },
    });
    await rig.waitFor('failing', /^TLS with /);
  }
  await using rig = await mqttRig({ broker: secure(broker), tls: { ca } });
  await rig.waitFor('on');
  const bus = await broker.subscribe(['rovi/services/#'], ['--cafile', ca]);
  rig.tell({ type: 'service_started', text: 'over TLS' });
  const [event] = await bus.until('rovi/services/events', 'one', ({ length }) => length === 1);
  expect(event).toMatchObject({ event_type: 'service_started', event_data: { text: 'over TLS' } });
});

test('a certificate for another host is not believed', async () => {
  await using broker = await tlsBroker('broker.example');
  await using rig = await mqttRig({ broker: secure(broker), tls: { ca: join(broker.folder, 'ca.crt') } });
  await rig.waitFor('failing', /^TLS with .* does not match certificate's altnames/);
});

test('a broker that wants a certificate gets ours; one it does not know, or that is gone or broken, is told', async () => {
  await using broker = await tlsBroker('127.0.0.1', () => ['require_certificate true']);
  const at = (name: string) => join(broker.folder, name);
  const entry = (name: string) => ({
    broker: secure(broker),
    tls: { ca: at('ca.crt'), certificate: at(`${name}.crt`), key: at(`${name}.key`) },
  });
  {
    await using rig = await mqttRig(entry('stranger'));
    await rig.waitFor('failing');
    expect(rig.faces.some(({ state }) => state === 'on')).toBe(false);
  }
  await using rig = await mqttRig(entry('gateway'));
  await rig.waitFor('on');
  // Read anew at the next connection.
  await rm(at('gateway.key'));
  await broker.down();
  await broker.up();
  await rig.waitFor('failing', /^cannot read .*gateway\.key \(mqtt\.tls\.key\)/);
  await writeFile(at('gateway.key'), 'no key at all');
  await rig.waitFor('failing', /^TLS with /);
});

test('a broker without TLS at the port of one with it', async () => {
  await using broker = await Broker.start();
  await using rig = await mqttRig({ broker: secure(broker) });
  await rig.waitFor('failing');
  expect(rig.faces.some(({ state }) => state === 'on')).toBe(false);
});

test('the access list of docs/mqtt.md is all that the gateway needs', async () => {
  const docs = await readFile(join(REPOSITORY, 'docs/mqtt.md'), 'utf8');
  const list =
    /^user omega1\n(?:topic .*\n)+/m.exec(docs)?.[0].replace('robot/omega1', 'robot/testbed') ?? '';
  expect(list.split('\n')).toHaveLength(8);
  await using broker = await Broker.start({
    prepare: async (folder) => {
      await run('mosquitto_passwd', ['-b', '-c', join(folder, 'users'), 'omega1', 'right']);
      await run('mosquitto_passwd', ['-b', join(folder, 'users'), 'listener', 'right']);
      await writeFile(join(folder, 'acl'), `${list}\nuser listener\ntopic readwrite #\n`);
      await writeFile(join(folder, 'password'), 'right\n');
    },
    lines: (folder) => ['allow_anonymous false', `password_file ${folder}/users`, `acl_file ${folder}/acl`],
  });
  const as = ['-u', 'listener', '-P', 'right'];
  const registered = { event_type: 'service_registered', service_data: { service_name: 'tts' } };
  await broker.publish('alicia/discovery/services', JSON.stringify(registered), [...as, '-r']);
  await broker.publish('alicia/stacks/state/gone', '{}', [
    ...[...as, '-r', '-D', 'publish', 'user-property', 'robot', 'testbed'],
  ]);
  const bus = await broker.subscribe(['alicia/#'], as);
  await using rig = await mqttRig({
    ...{ broker: broker.url, prefix: 'alicia', username: 'omega1' },
    password_file: join(broker.folder, 'password'),
  });
  rig.tell({ type: 'orchestration_error' });
  await bus.until('alicia/services/orchestration_errors', 'one', ({ length }) => length === 1);
  await bus.until('alicia/robot/testbed/state', 'online', ({ length }) => length === 1);
  await bus.until('alicia/services/state/camera', 'there', ({ length }) => length === 1);
  await until('the old topic to be cleared', () =>
    bus.received.some(({ topic, payload }) => topic === 'alicia/stacks/state/gone' && payload === ''),
  );
  await until('tts', () => rig.conductor.snapshot().external.length === 1);
  expect(rig.lines.filter(({ level }) => level === 'warn')).toEqual([]);
});
