import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { buildProgram, everyCommand, verbWords } from './program.js';
import { processTerminal } from './terminal.js';
import { verbPlace, verbPlaces } from './verb-places.js';

const terminal = processTerminal();
const program = buildProgram(terminal, '0');
const verbs = [...everyCommand(program)]
  .filter((command) => (command as unknown as { _actionHandler: unknown })._actionHandler !== null)
  .map(verbWords);

it('every verb has a place for when another host is meant, and every place a verb', () => {
  expect(Object.keys(verbPlaces).sort()).toEqual([...verbs].sort());
});

it('a verb that nobody decided about is refused on another host', () => {
  for (const verb of ['brand-new', 'toString', '__proto__', '']) expect(verbPlace(verb)).toBe('here');
});

it('several hosts are for the verbs that know how, and for no others', async () => {
  const refused = [...everyCommand(program)].filter((command) => verbPlace(verbWords(command)) === 'remote');
  expect(refused.length).toBeGreaterThan(20);
  for (const command of refused) {
    const words = command.registeredArguments
      .filter(({ required }) => required)
      .map((argument) => argument.argChoices?.[0] ?? '7');
    const options = command.options
      .filter(({ mandatory }) => mandatory)
      .flatMap(({ long }) => [long ?? '', 'x']);
    const verb = verbWords(command).split(' ');
    for (const expression of ['a,b', '@outdoor', 'all', 'local,local']) {
      const fresh = buildProgram(terminal, '0');
      for (const one of everyCommand(fresh)) one.configureOutput({ writeErr: () => undefined });
      await expect(
        fresh.parseAsync(['--host', expression, ...verb, ...options, ...words], { from: 'user' }),
        verb.join(' '),
      ).rejects.toThrow(/works on one host, and ".*" can be several/);
    }
  }
});

/** What works on this machine itself, and who may use it. Whoever is added here takes a `ThisMachine`, or is of a verb that is `here`. */
const localWork: Readonly<Record<string, readonly string[]>> = {
  'systemctl.js': [
    'doctor/loaded-units.ts',
    'doctor/running-gateway.ts',
    // Of validate and doctor, which are `here`.
    'external-units.ts',
    'gateway-fallback.ts',
    'unit-invocation.ts',
  ],
  'journalctl.js': ['stack-logs.ts'],
  'unit-invocation.js': ['stack-logs.ts'],
  'this-machine.js': [
    'gateway-fallback.ts',
    'program.ts',
    'service-command.ts',
    'verb-context.ts',
    'verb.ts',
  ],
};

it.each(Object.entries(localWork))('%s is used by those alone that ask for leave', (module, users) => {
  const folder = new URL('.', import.meta.url);
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') &&
      !file.endsWith('.test.ts') &&
      new RegExp(`(?:from |import\\()'[./]*/${module.replace('.', '\\.')}'`).test(
        readFileSync(new URL(file, folder), 'utf8'),
      ),
  );
  expect(found.sort()).toEqual([...users].sort());
});
