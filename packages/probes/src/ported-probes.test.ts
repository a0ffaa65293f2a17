import type {
  JobOutcome,
  MqttLink,
  RosProbe as Question,
  RosProbeResult,
  UnitManager,
} from '@rovi/conductor';
import type { RosStatus } from '@rovi/contract';
import { probeKindSchema, RoviError } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { ContainerProbe } from './container-probe.js';
import { MqttProbe } from './mqtt-probe.js';
import { ProbeRegistry } from './probe-registry.js';
import { targetOf, within } from './probe-target.fixture.js';
import { RosProbe } from './ros-probe.js';

describe('mqtt', () => {
  function linked() {
    const time = { now: 0 };
    const ages = new Map<string, number>();
    const watched: string[] = [];
    const link = {
      connected: true as boolean,
      lastMessage: (topic: string) => {
        const at = ages.get(topic);
        return at === undefined ? null : { ageMs: time.now - at };
      },
      watch: (topic: string) => void watched.push(topic),
    } satisfies MqttLink;
    const probes = new ProbeRegistry().add(new MqttProbe(link, () => time.now));
    const look = (spec: object) =>
      probes.probe(probeKindSchema.parse({ type: 'mqtt', ...spec }), targetOf(), within(100));
    return { time, ages, watched, link, look };
  }

  it('is good while the broker is connected', async () => {
    const { link, look } = linked();
    expect(await look({})).toMatchObject({ ok: true, text: 'the MQTT broker is connected' });
    link.connected = false;
    expect(await look({})).toMatchObject({ ok: false, text: 'the MQTT broker is not connected' });
  });

  it('says nothing of a topic while the broker is away, nor of what was missed meanwhile', async () => {
    const { time, ages, link, look } = linked();
    const topic = { topic: 'battery/state', max_age: 5 };
    ages.set('battery/state', 0);
    expect(await look(topic)).toMatchObject({ ok: true });
    link.connected = false;
    time.now = 60_000;
    expect(await look(topic)).toMatchObject({ ok: null, text: 'the MQTT broker is not connected' });
    link.connected = true;
    expect(await look(topic)).toMatchObject({ ok: null, text: 'last message on battery/state 60 s ago' });
    time.now = 65_001;
    expect(await look(topic)).toMatchObject({ ok: false });
  });

  it('looks at the age of the last message; silence counts when it has lasted for max_age', async () => {
    const { time, ages, watched, look } = linked();
    const topic = { topic: 'battery/state', max_age: 5 };
    expect(await look(topic)).toMatchObject({ ok: null, text: 'no message on battery/state in 0 s' });
    expect(watched).toContain('battery/state');
    time.now = 5_001;
    expect(await look(topic)).toMatchObject({ ok: false, text: 'no message on battery/state in 5 s' });
    ages.set('battery/state', 4_000);
    expect(await look(topic)).toEqual({
      ok: true,
      text: 'last message on battery/state 1 s ago',
      figures: { age_s: 1 },
    });
    time.now = 10_000;
    expect(await look(topic)).toMatchObject({
      ok: false,
      text: 'last message on battery/state 6 s ago, expected at most 5 s',
    });
  });

  it('without a broker in the catalog says nothing', async () => {
    const probes = new ProbeRegistry().add(new MqttProbe(null, () => 0));
    expect(await probes.probe({ type: 'mqtt', max_age: 60 }, targetOf(), within(100))).toMatchObject({
      ok: null,
      text: 'the catalog names no MQTT broker',
    });
  });
});

describe('ros', () => {
  function asked(answer: (question: Question) => Partial<RosProbeResult>) {
    const questions: Question[] = [];
    const face = { state: 'on' as RosStatus['face']['state'], text: 'serving' };
    const probes = new ProbeRegistry().add(
      new RosProbe({
        status: () => ({
          face: { name: 'ros', mend: '', since: '', pid: null, restarts: 0, detail: {}, ...face },
          topics: [],
          services: [],
        }),
        probe: (question) => {
          questions.push(question);
          return Promise.resolve({
            ok: true,
            text: 'there',
            rate: null,
            publishers: null,
            type: null,
            ...answer(question),
          });
        },
      }),
    );
    const look = (spec: object) =>
      probes.probe(probeKindSchema.parse({ type: 'ros', ...spec }), targetOf(), within(100));
    return { look, questions, face };
  }

  it('asks whether ROS is there, and for node and topic', async () => {
    const { look, questions } = asked(() => ({}));
    expect(await look({})).toMatchObject({ ok: true });
    expect(await look({ node: 'camera', topic: '/image', min_rate: 0.5 })).toMatchObject({ ok: true });
    await look({ topic: 'scan', min_rate: 100 });
    await look({ topic: 'scan', min_rate: 0.001 });
    expect(questions).toEqual([
      { kind: 'available' },
      { kind: 'node', name: '/camera' },
      { kind: 'topic', name: '/image', window_ms: 4_000, min_rate: 0.5 },
      { kind: 'topic', name: '/scan', window_ms: 1_000, min_rate: 100 },
      { kind: 'topic', name: '/scan', window_ms: 30_000, min_rate: 0.001 },
    ]);
  });

  it('is bad by the first that is missing, with the rate', async () => {
    const { look, questions } = asked(({ kind }) => ({
      ok: false,
      text: `no ${kind}`,
      rate: kind === 'topic' ? 3.14159 : null,
    }));
    expect(await look({ node: 'camera', topic: 'image' })).toMatchObject({ ok: false, text: 'no node' });
    expect(questions).toHaveLength(1);
    expect(await look({ topic: 'image' })).toEqual({
      ok: false,
      text: 'no topic',
      figures: { rate_hz: 3.14 },
    });
  });

  it('says nothing where ROS is off, also where it goes while it is asked', async () => {
    const rig = asked(() => {
      rig.face.state = 'failing';
      rig.face.text = 'its process ended';
      return { ok: false, text: 'did not answer' };
    });
    const gone = { ok: null, text: 'ROS cannot be asked, its face is failing: its process ended' };
    expect(await rig.look({ node: 'camera' })).toMatchObject(gone);
    expect(await rig.look({})).toMatchObject(gone);
    expect(rig.questions).toHaveLength(1);
  });
});

describe('container', () => {
  const target = targetOf({ container: { name: 'rovi-bus', healthUnit: 'rovi-bus-health.service' } });
  const asking = (outcome: () => Promise<JobOutcome>) => {
    const started: string[] = [];
    const units: Pick<UnitManager, 'startUnit'> = {
      startUnit: (unit) => {
        started.push(unit);
        return outcome();
      },
    };
    const look = (whom = target) =>
      new ProbeRegistry().add(new ContainerProbe(units)).probe({ type: 'container' }, whom, within(1_000));
    return { look, started };
  };
  const outcome = (result: JobOutcome['result'], unitResult: string, execMainStatus: number) => () =>
    Promise.resolve({ result, reading: { result: unitResult, execMainStatus } as JobOutcome['reading'] });

  // How `podman healthcheck run` and its unit end: the table of decision 0022, seen with Podman 4.3.1.
  it.each([
    [outcome('done', 'success', 0), true, 'the engine calls rovi-bus healthy'],
    [outcome('failed', 'exit-code', 1), false, 'the engine calls rovi-bus unhealthy'],
    [outcome('failed', 'timeout', 15), false, 'the check of rovi-bus hung and was ended'],
    [outcome('failed', 'timeout', 0), false, 'the check of rovi-bus hung and was ended'],
    [
      outcome('failed', 'exit-code', 125),
      null,
      'rovi-bus-health.service could not ask the engine: failed (exit code 125)',
    ],
    [
      outcome('failed', 'exit-code', 203),
      null,
      'rovi-bus-health.service could not ask the engine: failed (exit code 203)',
    ],
    [
      outcome('canceled', 'success', 0),
      null,
      'rovi-bus-health.service could not ask the engine: canceled (success)',
    ],
  ])('%#', async (ended, ok, text) => {
    const { look, started } = asking(ended);
    expect(await look()).toMatchObject({ ok, text });
    expect(started).toEqual(['rovi-bus-health.service']);
  });

  it('says nothing where systemd does not let it, or there is no container', async () => {
    const { look } = asking(() => Promise.reject(new RoviError('not-authorized', 'polkit refused')));
    expect(await look()).toMatchObject({ ok: null, text: 'the probe failed: polkit refused' });
    expect(await look(targetOf())).toMatchObject({ ok: null, text: 'video is no container' });
  });
});
