/**
 * The I2C process: a child of the gateway that asks one bus, for the gateway has no native module (decision 0023). It ends
 * when its stdin does, so it never outlives the gateway; one that hangs is killed.
 */
import { createInterface } from 'node:readline';
import { unseen } from '../probe.js';
import type { OpenI2cBus } from './i2c-look.js';
import { lookAtI2c } from './i2c-look.js';
import type { I2cAnswer, I2cQuestion } from './protocol.js';

/** How a bus is opened, or why none can be. */
async function loaded(): Promise<{ readonly open: OpenI2cBus } | { readonly why: string }> {
  try {
    const { default: library } = await import('i2c-bus');
    return { open: (bus) => library.openPromisified(bus) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    return { why: missing ? 'i2c-bus is not installed' : `i2c-bus does not load: ${message}` };
  }
}

const library = loaded();

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, bus, address } = JSON.parse(line) as I2cQuestion;
    void library
      .then((one) => ('open' in one ? lookAtI2c(one.open, { bus, address }) : unseen(one.why)))
      .then((seen) => {
        const answer: I2cAnswer = { id, seen };
        process.stdout.write(`${JSON.stringify(answer)}\n`);
      });
  })
  // Also with a call that hangs in the kernel on one of its threads.
  .on('close', () => process.exit(0));
