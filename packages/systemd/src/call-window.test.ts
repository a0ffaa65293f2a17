import { describe, expect, it } from 'vitest';
import { CallWindow } from './call-window.js';

/** A window, and what was sent through it. */
function windowWith(patient: number) {
  const window = new CallWindow();
  const sent: string[] = [];
  const enter = (name: string, urgent = false): void =>
    window.enter({ urgent, send: () => sent.push(name) > 0 });
  for (let index = 0; index < patient; index += 1) enter(`read ${index}`);
  return { window, sent, enter };
}

describe('the window of calls', () => {
  it('holds back what is patient, in order, until there are answers', () => {
    const { window, sent } = windowWith(100);
    expect(sent).toHaveLength(64);
    for (let index = 0; index < 36; index += 1) window.leave();
    expect(sent).toEqual(Array.from({ length: 100 }, (_, index) => `read ${index}`));
  });

  it('sends an urgent one at once, and never so many that the bus would refuse', () => {
    const { window, sent, enter } = windowWith(1_000);
    for (let index = 0; index < 200; index += 1) enter(`stop ${index}`, true);
    expect(sent).toHaveLength(120);
    expect(sent[64]).toBe('stop 0');
    for (let index = 0; index < 144; index += 1) window.leave();
    expect(sent.slice(64, 264)).toEqual(Array.from({ length: 200 }, (_, index) => `stop ${index}`));
  });

  it('gives no room to what need not be sent any more', () => {
    const { window, sent, enter } = windowWith(64);
    window.enter({ urgent: false, send: () => false });
    enter('last');
    window.leave();
    expect(sent.at(-1)).toBe('last');
  });
});
