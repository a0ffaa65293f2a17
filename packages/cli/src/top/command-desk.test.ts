import type { RoviClient } from '@rovi/client';
import { sampleImpact } from '@rovi/client/sample-fleet';
import { expect, it, vi } from 'vitest';
import { CommandDesk, type Question } from './command-desk.js';
import type { CommandedHost } from './command-hit.js';
import { sampleHost } from './sample-host.js';
import { rowsOf, type UnitRow } from './unit-row.js';

/** A host that says what a command would hit when it is let. */
function slowHost(name: string) {
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const impact = () => answered.then(() => sampleImpact(`token of ${name}`));
  const at: CommandedHost = {
    state: sampleHost(name),
    client: () => Promise.resolve({ impact } as unknown as RoviClient),
    host: null,
    machine: null,
  };
  const row = rowsOf(at.state).find(({ kind }) => kind === 'stack') as UnitRow;
  return { at, row, answer };
}

it('puts the question of what was asked for last, however late the host of the one before answers', async () => {
  const questions: Question[] = [];
  const desk = new CommandDesk({ onChange: () => undefined, onQuestion: (one) => questions.push(one) });
  const yard = slowHost('yard');
  const hall = slowHost('hall');
  desk.end(yard.at, yard.row, 'stop');
  desk.end(hall.at, hall.row, 'stop');
  yard.answer();
  await vi.waitFor(() => {
    expect(desk.activities.find(({ title }) => title.endsWith('yard'))?.state).toBe('done');
  });
  expect(questions).toEqual([]);
  hall.answer();
  await vi.waitFor(() => {
    expect(questions.map(({ ask }) => ask)).toEqual(['stop teleop on hall?']);
  });
  expect(desk.activities.map(({ text }) => text)).toEqual([
    'not asked, for something else was asked for since: nothing was done',
  ]);
});
