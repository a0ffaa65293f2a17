import { describe, expect, it } from 'vitest';
import { rawExchange, readAnswer, refusal, rig } from './rig.js';

/** A raw GET. */
async function get(socketPath: string, path: string) {
  const answer = await rawExchange(
    socketPath,
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  return readAnswer(answer);
}

describe('the ROS face over HTTP', () => {
  it('tells how it is and what it offers, as the state does', async () => {
    await using robot = await rig();
    const status = await robot.client.ros();
    expect(status.face).toMatchObject({ name: 'ros', text: expect.any(String) as string });
    expect(status.topics.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['/diagnostics', '/rovi/state', '/rovi/events', '/rovi/units/nav/state']),
    );
    expect(status.services).toContainEqual({
      name: '/rovi/stacks/nav/start',
      type: 'std_srvs/srv/Trigger',
    });
    expect(robot.log.faults()).toEqual([]);
  });

  it('answers probes, also that ROS is off', async () => {
    await using robot = await rig();
    for (const probe of [
      { kind: 'available' },
      { kind: 'node', name: '/amcl' },
      { kind: 'topic', name: '/scan', window_ms: 100, min_rate: 0 },
    ] as const) {
      expect(await robot.client.rosProbe(probe)).toMatchObject({
        ok: false,
        text: expect.stringMatching(/^the ROS face is \w+: /) as string,
      });
    }
  });

  it.each([
    ['nothing', ''],
    ['an unknown kind', '?kind=everything'],
    ['no name', '?kind=node'],
    ['a relative name', '?kind=topic&name=scan'],
    ['a window without end', '?kind=topic&name=/scan&window_ms=1e9'],
    ['a window that is no number', '?kind=topic&name=/scan&window_ms=x'],
    ['a word too many', '?kind=available&shell=1'],
    ['a name twice', '?kind=node&name=/a&name=/b'],
  ])('refuses a probe for %s', async (_, query) => {
    await using robot = await rig();
    const { status, body } = await get(robot.socketPath, `/api/ros/probe${query}`);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ code: 'bad-request' });
    expect(robot.log.faults()).toEqual([]);
  });

  it('is started anew by POST only', async () => {
    await using robot = await rig();
    expect(await robot.client.rosRestart()).toMatchObject({ face: { name: 'ros' } });
    expect((await get(robot.socketPath, '/api/ros/restart')).status).toBe(405);
    expect(await refusal(robot.client.rosProbe({ kind: 'node', name: 'a b' }))).toMatchObject({
      code: 'bad-request',
    });
  });
});
