import type { ExternalVerb } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { codeOf, serviceRig } from './service-rig.fixture.js';

const ENGINE = 'podman.service';
const engine = (allow: readonly ExternalVerb[] = ['start', 'stop', 'restart'], critical = true) => ({
  critical,
  restart: 'never' as const,
  external: { unit: ENGINE, allow, affects: 'all containers' },
});
/** web needs the engine, api would like it. */
const robot = (allow?: readonly ExternalVerb[], critical?: boolean) => ({
  engine: engine(allow, critical),
  web: { requires: ['engine'] },
  api: { wants: ['engine'] },
});

describe('a unit of the system', () => {
  it('is commanded by its own name', async () => {
    const { through, confirmed, model } = await serviceRig(robot());
    expect(await through({ kind: 'start', service: 'engine' })).toMatchObject({ outcome: 'succeeded' });
    expect(await confirmed({ kind: 'restart', service: 'engine' })).toMatchObject({ outcome: 'succeeded' });
    expect(await confirmed({ kind: 'stop', service: 'engine' })).toMatchObject({ outcome: 'succeeded' });
    expect(model.sent.map(({ verb, unit }) => `${verb} ${unit}`)).toEqual(
      ['start', 'restart', 'stop'].map((verb) => `${verb} ${ENGINE}`),
    );
  });

  it('that is critical is stopped and restarted only after a yes, alone too; what is at rest needs none', async () => {
    const { through, run, executor } = await serviceRig(robot());
    expect(executor.impact({ kind: 'stop', service: 'engine' }).confirm).toBe(false);
    await through({ kind: 'start', service: 'engine' });
    for (const kind of ['stop', 'restart'] as const) {
      const impact = executor.impact({ kind, service: 'engine' });
      expect(impact.confirm).toBe(true);
      expect(impact.text).toMatch(/; affects all containers$/);
      expect(impact).toMatchObject({ beyond: ['all containers'], refusal: null });
      expect(codeOf(() => run({ kind, service: 'engine' }))).toBe('confirmation-required');
    }
    expect(executor.impact({ kind: 'start', service: 'engine' }).confirm).toBe(false);
  });

  it('that is not critical is asked for only where others stop with it', async () => {
    const { through, executor } = await serviceRig(robot(undefined, false));
    await through({ kind: 'start', service: 'engine' });
    expect(executor.impact({ kind: 'stop', service: 'engine' }).confirm).toBe(false);
    await through({ kind: 'start', service: 'web' });
    expect(executor.impact({ kind: 'stop', service: 'engine' }).confirm).toBe(true);
  });

  it.each<[readonly ExternalVerb[], readonly ExternalVerb[]]>([
    [[], ['start', 'stop', 'restart']],
    [['start'], ['stop', 'restart']],
    [['stop'], ['start', 'restart']],
    [['restart'], ['start', 'stop']],
  ])('with allow %j refuses %j before anything is sent', async (allow, refused) => {
    const { run, model, executor } = await serviceRig(robot(allow));
    const before = model.sent.length;
    for (const kind of refused) {
      expect(
        codeOf(() => run({ kind, service: 'engine' })),
        kind,
      ).toBe('command-not-allowed');
      const impact = executor.impact({ kind, service: 'engine' });
      expect(impact).toMatchObject({ affects: [], beyond: [], confirm: false });
      expect(impact.refusal?.code).toBe('command-not-allowed');
      expect(impact.text).toMatch(/^nothing: refused, for operators may not /);
    }
    expect(model.sent).toHaveLength(before);
  });

  it('is restarted by one job of systemd also when it is at rest: its start may not be allowed', async () => {
    const { through, model } = await serviceRig(robot(['restart']));
    expect(await through({ kind: 'restart', service: 'engine' })).toMatchObject({
      outcome: 'succeeded',
      warnings: ['engine was not running'],
    });
    expect(model.sent.map(({ verb }) => verb)).toEqual(['restart']);
  });

  it('is not restarted while others run that need it, where that would take a stop and a start that are not allowed', async () => {
    const { through, run, model } = await serviceRig(robot(['restart', 'start']));
    await through({ kind: 'start', service: 'web' });
    expect(codeOf(() => run({ kind: 'restart', service: 'engine' }))).toBe('command-not-allowed');
    expect(model.sent.map(({ verb }) => verb)).toEqual(['start', 'start']);
  });

  it('is brought up for what needs it, where it may be started', async () => {
    const { through, model } = await serviceRig(robot(['start']));
    expect(await through({ kind: 'start', service: 'web' })).toMatchObject({ outcome: 'succeeded' });
    expect(model.sent.map(({ unit }) => unit)).toEqual([ENGINE, 'rovi-web.service']);
  });

  it('is not brought up otherwise: what requires it is refused, what only wants it goes on without', async () => {
    const { run, through, model } = await serviceRig(robot(['stop', 'restart']));
    expect(codeOf(() => run({ kind: 'start', service: 'web' }))).toBe('command-not-allowed');
    expect(await through({ kind: 'start', service: 'api' })).toMatchObject({
      outcome: 'succeeded',
      warnings: [
        'engine, which api wants, is not started: engine does not run, and operators may not start it',
      ],
    });
    expect(model.sent.map(({ unit }) => unit)).toEqual(['rovi-api.service']);
  });

  it('has nothing against those that need it once it runs, by whomever', async () => {
    const { through, confirmed } = await serviceRig(robot(['restart']));
    await through({ kind: 'restart', service: 'engine' });
    expect(await through({ kind: 'start', service: 'web' })).toMatchObject({ outcome: 'succeeded' });
    expect(await confirmed({ kind: 'stop', service: 'web' })).toMatchObject({ outcome: 'succeeded' });
  });

  it('has one instance, and no other number', async () => {
    const { run } = await serviceRig(robot());
    expect(codeOf(() => run({ kind: 'scale', service: 'engine', instances: 2 }))).toBe('scale-refused');
  });
});
