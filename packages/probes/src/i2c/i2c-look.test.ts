import { describe, expect, it } from 'vitest';
import type { I2cBus, OpenI2cBus } from './i2c-look.js';
import { lookAtI2c } from './i2c-look.js';

const errno = (code: string): Error => Object.assign(new Error(code), { code });

/** The interface of i2c-bus over devices that answer or fail with an errno; counts buses that are open. */
function busOf(answers: Readonly<Record<number, number | string>>, funcs: boolean | string = true) {
  const open = { count: 0 };
  const opener: OpenI2cBus = () => {
    open.count += 1;
    const bus: I2cBus = {
      i2cFuncs: () =>
        typeof funcs === 'string'
          ? Promise.reject(errno(funcs))
          : Promise.resolve({ smbusReceiveByte: funcs }),
      receiveByte: (address) => {
        const answer = answers[address] ?? 'ENXIO';
        return typeof answer === 'string' ? Promise.reject(errno(answer)) : Promise.resolve(answer);
      },
      close: () => {
        open.count -= 1;
        return Promise.resolve();
      },
    };
    return Promise.resolve(bus);
  };
  return { open, opener };
}

describe('a look at an I2C bus', () => {
  it.each([
    [busOf({}), undefined, true, '/dev/i2c-1 is there'],
    [busOf({ 0x48: 0 }), 0x48, true, '0x48 on /dev/i2c-1 answers'],
    [busOf({ 0x48: 255 }), 0x05, false, 'nothing answers at 0x05 on /dev/i2c-1 (ENXIO)'],
    [busOf({ 0x48: 'EREMOTEIO' }), 0x48, false, 'nothing answers at 0x48 on /dev/i2c-1 (EREMOTEIO)'],
    [busOf({ 0x48: 'ETIMEDOUT' }), 0x48, false, '0x48 on /dev/i2c-1: the bus hangs (ETIMEDOUT)'],
    [busOf({ 0x48: 'EBUSY' }), 0x48, null, '0x48 on /dev/i2c-1 is in use by a driver of the kernel'],
    [busOf({ 0x48: 'EOPNOTSUPP' }), 0x48, null, '0x48 on /dev/i2c-1: EOPNOTSUPP'],
    [busOf({ 0x48: 1 }, false), 0x48, null, 'the adapter of /dev/i2c-1 cannot read single bytes'],
    [busOf({}, 'ENOENT'), 0x48, false, '/dev/i2c-1 is not there'],
    [busOf({}, 'ENOENT'), undefined, false, '/dev/i2c-1 is not there'],
    [busOf({}, 'EACCES'), undefined, null, '/dev/i2c-1 cannot be opened: EACCES'],
  ] as const)('%#', async ({ opener, open }, address, ok, text) => {
    expect(await lookAtI2c(opener, { bus: 1, address })).toMatchObject({ ok, text });
    expect(open.count).toBe(0);
  });
});
