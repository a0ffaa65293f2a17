import type { Seen } from '../probe.js';
import { bad, good, unseen } from '../probe.js';

/** What of `i2c-bus` is used: a bus, opened. Its calls run on threads; one that hangs does so in the kernel. */
export interface I2cBus {
  /** What the adapter can do. The first call that opens the device file: before it a bus that is not there looks open. */
  i2cFuncs(): Promise<{ readonly smbusReceiveByte: boolean }>;
  /** Reads one byte without naming a register. Rejects with the kernel's errno as `code`. */
  receiveByte(address: number): Promise<number>;
  close(): Promise<void>;
}

export type OpenI2cBus = (bus: number) => Promise<I2cBus>;

/** How a kernel driver of an adapter says that nobody acknowledged the address. */
const silence = ['ENXIO', 'EREMOTEIO', 'EIO', 'ENODEV'];

/**
 * Looks whether the bus is there, and whether a device acknowledges the address: one byte is read from it, as `i2cdetect -r`
 * does. Nothing is ever written.
 */
export async function lookAtI2c(
  open: OpenI2cBus,
  { bus: number, address }: { readonly bus: number; readonly address: number | undefined },
): Promise<Seen> {
  const path = `/dev/i2c-${number}`;
  const bus = await open(number);
  try {
    const { smbusReceiveByte } = await bus.i2cFuncs();
    if (address === undefined) return good(`${path} is there`);
    if (!smbusReceiveByte) return unseen(`the adapter of ${path} cannot read single bytes`);
    return await ask(bus, path, address);
  } catch (error) {
    const code = codeOf(error);
    if (['ENOENT', 'ENODEV', 'ENXIO'].includes(code)) return bad(`${path} is not there`);
    return unseen(`${path} cannot be opened: ${code}`);
  } finally {
    await bus.close().catch(() => undefined);
  }
}

async function ask(bus: I2cBus, path: string, address: number): Promise<Seen> {
  const where = `0x${address.toString(16).padStart(2, '0')} on ${path}`;
  try {
    await bus.receiveByte(address);
    return good(`${where} answers`);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EBUSY') return unseen(`${where} is in use by a driver of the kernel`);
    if (code === 'ETIMEDOUT') return bad(`${where}: the bus hangs (${code})`);
    return silence.includes(code)
      ? bad(`nothing answers at ${where} (${code})`)
      : unseen(`${where}: ${code}`);
  }
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : message;
}
