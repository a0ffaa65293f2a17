import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { I2cProbe } from './i2c-probe.js';
import { targetOf, within } from './probe-target.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'rovi-i2c-'));
const built = join(import.meta.dirname, '../dist/i2c/main.js');
/** A bus that no machine has. */
const NOWHERE = 251;

const begun: I2cProbe[] = [];
const probeOf = (...command: string[]): I2cProbe => {
  const probe = new I2cProbe(command);
  begun.push(probe);
  return probe;
};

/** A program in place of the I2C process; `answer` is what it does with each `question`. */
function standIn(name: string, answer: string): I2cProbe {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { createInterface } from 'node:readline';
     createInterface({ input: process.stdin }).on('line', (line) => {
       const question = JSON.parse(line);
       const say = (text) => console.log(JSON.stringify({ id: question.id, seen: { ok: true, text, figures: {} } }));
       ${answer}
     }).on('close', () => process.exit(0));`,
  );
  return probeOf(process.execPath, file);
}

const look = (probe: I2cProbe, bus: number, ms = 10_000) =>
  probe.look({ type: 'i2c', bus, address: 0x48 }, targetOf(), within(ms));

afterEach(() => {
  for (const probe of begun.splice(0)) probe.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the I2C process as built', () => {
  it('says of a bus that is not there that it is not there, or that i2c-bus is not installed', async () => {
    const seen = await look(probeOf(process.execPath, built), NOWHERE);
    const installed = existsSync(
      join(import.meta.dirname, '../../../node_modules/i2c-bus/build/Release/i2c.node'),
    );
    expect(seen).toEqual(
      installed
        ? { ok: false, text: `/dev/i2c-${NOWHERE} is not there`, figures: {} }
        : {
            ok: null,
            text: expect.stringMatching(/^i2c-bus (is not installed|does not load)/) as string,
            figures: {},
          },
    );
  });
});

describe('the I2C process', () => {
  it('is one for each bus, and answers many looks', async () => {
    const probe = standIn('echo', `say(\`bus \${question.bus} by \${process.pid}\`);`);
    const texts = await Promise.all([1, 1, 2].map(async (bus) => (await look(probe, bus)).text));
    expect(new Set(texts).size).toBe(2);
    expect(texts[0]).toBe(texts[1]);
  });

  it('that hangs is killed at the end of the look, delays no other bus, and is begun anew', async () => {
    const probe = standIn('hang', `if (question.bus === 1) for (;;); say(String(process.pid));`);
    const hung = look(probe, 1, 700);
    const began = performance.now();
    const first = await look(probe, 2);
    expect(first.ok).toBe(true);
    expect(await hung).toEqual({
      ok: null,
      text: '/dev/i2c-1 did not answer in time, its process was ended',
      figures: {},
    });
    // Long before the other looks would have ended.
    expect(performance.now() - began).toBeLessThan(9_000);
    expect(await look(probe, 2)).toEqual(first);
    expect(await look(probe, 1, 200)).toMatchObject({ ok: null });
  });

  it('that crashes, or cannot be run, says nothing about the device', async () => {
    expect(await look(standIn('crash', 'process.exit(1);'), 1)).toMatchObject({
      ok: null,
      text: 'the I2C process ended',
    });
    expect(await look(probeOf('/nowhere/node'), 1)).toMatchObject({
      ok: null,
      text: 'the I2C process cannot be run: spawn /nowhere/node ENOENT',
    });
  });

  it('that speaks nonsense is not heard', async () => {
    const probe = standIn(
      'noise',
      `console.log('null'); console.log('{"id":'); console.log('{"id":1}'); say('well');`,
    );
    expect(await look(probe, 1)).toMatchObject({ ok: true, text: 'well' });
  });
});
