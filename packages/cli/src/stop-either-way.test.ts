import { RoviError, type Operation } from '@rovi/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { stopEitherWay, type StopWays } from './stop-either-way.js';
import { sampleOperation } from './views/sample-state.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new Promise<never>(() => undefined);
const refused = (code: ConstructorParameters<typeof RoviError>[0]): Promise<Operation> =>
  Promise.reject(new RoviError(code, `gateway says ${code}`));

function ways(part: Partial<StopWays>): StopWays & { said: string[]; systemctl: ReturnType<typeof vi.fn> } {
  const said: string[] = [];
  return {
    gateway: never,
    root: false,
    say: (text) => said.push(text),
    awaited: () => 'the gateway: stop rovi-nav.service',
    advice: 'Use the e-stop.',
    signal: new AbortController().signal,
    said,
    ...part,
    systemctl: vi.fn(part.systemctl ?? (() => Promise.resolve('stopped'))),
  };
}

describe('a stop', () => {
  it('is the gateway’s where that is quick', async () => {
    const given = ways({ gateway: Promise.resolve(sampleOperation), root: true });
    expect(await stopEitherWay(given)).toEqual({ by: 'gateway', operation: sampleOperation });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(given.systemctl).not.toHaveBeenCalled();
    expect(given.said).toEqual([]);
  });

  it.each([
    'gateway-unreachable',
    'socket-denied',
    'bus-unavailable',
    'bus-timeout',
    'polkit-unavailable',
    'authorization-required',
    'not-authorized',
    'stop-failed',
    'operation-cancelled',
    'internal',
  ] as const)('goes past a gateway that answers %s', async (code) => {
    const given = ways({ gateway: refused(code) });
    expect(await stopEitherWay(given)).toEqual({ by: 'systemctl', message: 'stopped' });
    expect(given.said.join('')).toContain(`gateway says ${code}`);
  });

  it.each(['stack-unknown', 'stop-incomplete', 'bad-request'] as const)('believes %s', async (code) => {
    const given = ways({ gateway: refused(code) });
    await expect(stopEitherWay(given)).rejects.toMatchObject({ code });
    expect(given.systemctl).not.toHaveBeenCalled();
  });

  it('fails as systemctl failed', async () => {
    const systemctl = (): Promise<string> => Promise.reject(new RoviError('stop-incomplete', 'PID 7'));
    await expect(stopEitherWay(ways({ gateway: refused('bus-timeout'), systemctl }))).rejects.toMatchObject({
      code: 'stop-incomplete',
    });
  });

  it('of root does not wait for the gateway longer than 2 s', async () => {
    const given = ways({ root: true });
    const stopped = stopEitherWay(given);
    await vi.advanceTimersByTimeAsync(1_900);
    expect(given.systemctl).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(await stopped).toEqual({ by: 'systemctl', message: 'stopped' });
    expect(given.said.join('')).toMatch(/not stopped after 2 s: waiting for the gateway: stop rovi-nav/);
  });

  it('of root is the gateway’s where that proves it first, or systemctl cannot', async () => {
    const { promise, resolve } = withResolvers<Operation>();
    const slow = stopEitherWay(ways({ root: true, gateway: promise, systemctl: () => never }));
    const alone = stopEitherWay(
      ways({
        root: true,
        gateway: promise,
        systemctl: () => Promise.reject(new RoviError('unit-missing', 'x')),
      }),
    );
    await vi.advanceTimersByTimeAsync(4_000);
    resolve(sampleOperation);
    expect(await slow).toMatchObject({ by: 'gateway' });
    expect(await alone).toMatchObject({ by: 'gateway' });
  });

  it('of root begins systemctl once, and fails with its error where both fail', async () => {
    const { promise, reject } = withResolvers<Operation>();
    const given = ways({
      root: true,
      gateway: promise,
      systemctl: () => Promise.reject(new RoviError('stop-failed', 'systemctl')),
    });
    const failed = expect(stopEitherWay(given)).rejects.toMatchObject({ message: 'systemctl' });
    await vi.advanceTimersByTimeAsync(4_000);
    reject(new RoviError('bus-timeout', 'gateway'));
    await failed;
    expect(given.systemctl).toHaveBeenCalledTimes(1);
  });

  it('that takes long says what it waits for, first for the gateway, then for systemctl', async () => {
    const { promise, reject } = withResolvers<Operation>();
    const given = ways({ gateway: promise, systemctl: () => never });
    void stopEitherWay(given);
    await vi.advanceTimersByTimeAsync(5_100);
    expect(given.said).toEqual([
      'rovictl: still waiting for the gateway: stop rovi-nav.service\n  mend: Use the e-stop.\n',
    ]);
    reject(new RoviError('polkit-unavailable', 'no polkit'));
    await vi.advanceTimersByTimeAsync(5_100);
    expect(given.said.at(-1)).toMatch(/waiting for systemctl.*polkit\n {2}mend: Use the e-stop\.\n$/);
  });

  it('begins nothing after Ctrl-C', async () => {
    const over = new AbortController();
    over.abort();
    const given = ways({ signal: over.signal, gateway: refused('internal') });
    await expect(stopEitherWay(given)).rejects.toMatchObject({ code: 'internal' });
    expect(given.systemctl).not.toHaveBeenCalled();
  });
});

function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
