import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { json, jsonLine, presentable, printable, printableData } from './control-codes.js';
import { operationsText, operationText } from './views/operation.js';
import { EventLines } from './views/event-line.js';
import { NOON, sampleNav, sampleOperation, sampleSnapshot, sampleUnit } from './views/sample-state.js';
import { stacksText } from './views/stacks-table.js';
import { statusText } from './views/status.js';

const EVIL =
  '\u001b]0;OWNED\u0007\u001b[2J\u001b[31mEVIL\u001b[0m\u009b2J\u007f\u202e\u2066\u200f\u061c\r\n\u0000';
// eslint-disable-next-line no-control-regex
const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

describe('text for a terminal', () => {
  it('keeps this program’s colours, tabs and newlines, and nothing else', () => {
    const colour = pc.createColors(true);
    const own = `${colour.bold(colour.red('a'))}\t${colour.dim('b')}\n${colour.magenta(colour.green('c'))}`;
    expect(presentable(own, true)).toBe(own);
    expect(presentable(own, false)).toBe('a\tb\nc');
    expect(presentable('\u001b[2J\u001b[8mx\r\u009b\u202e\u007f', true)).toBe('�[2J�[8mx����');
  });

  it('has others’ text in one line and without their colours', () => {
    expect(printable(EVIL)).toBe('�]0;OWNED�EVIL�2J��������');
    expect(printableData({ a: [EVIL, 1, null, { b: '\u001b' }] })).toEqual({
      a: [printable(EVIL), 1, null, { b: '�' }],
    });
  });

  it.each([json, jsonLine])('as JSON has every such character escaped, and means the same', (print) => {
    const text = print({ [EVIL]: EVIL });
    expect(text).not.toMatch(harmful);
    expect(JSON.parse(text)).toEqual({ [EVIL]: EVIL });
    expect(text).toContain('\\u009b2J\\u007f\\u202e');
  });
});

describe('views of what a hostile server sends', () => {
  const colour = pc.createColors(false);
  const unit = sampleUnit(EVIL, { active_state: EVIL, sub_state: EVIL, invocation_id: EVIL });
  const stack = {
    ...sampleNav,
    name: `nav${EVIL}`,
    unit: { ...unit, job: { id: 1, type: EVIL } },
    expected: [{ name: EVIL, present: true, pid: 3 }],
  };
  const operation = {
    ...sampleOperation,
    id: EVIL,
    stack: EVIL,
    from: EVIL,
    message: EVIL,
    problem: { code: 'internal', message: EVIL, mend: EVIL, context: { missing: [EVIL] } },
  } as const;
  const snapshot = sampleSnapshot({ gateway: unit, active: stack.name, stacks: [stack], operation });
  const view = { snapshot, now: NOON, colour, width: Infinity };

  it.each([
    [
      'status',
      statusText({
        ...view,
        figures: null,
        operation,
        user: EVIL,
        lostAt: null,
        host: null,
        source: 'gateway',
      }),
    ],
    ['stack list', stacksText(view)],
    ['operations', operationsText([operation], NOON, colour)],
    ['operation', operationText(operation, NOON, colour)],
    ['snapshot', new EventLines(colour).next({ type: 'snapshot', seq: 1, at: snapshot.at, snapshot }, NOON)],
    [
      'stack',
      new EventLines(colour).next(
        { type: 'stack', seq: 1, at: snapshot.at, active: null, known: true, stack },
        NOON,
      ),
    ],
    [
      'gateway',
      new EventLines(colour).next(
        { type: 'gateway', seq: 1, at: snapshot.at, active: null, known: true, gateway: unit },
        NOON,
      ),
    ],
    [
      'operation event',
      new EventLines(colour).next({ type: 'operation', seq: 1, at: snapshot.at, operation }, NOON),
    ],
  ])('%s shows no control code of theirs', (_, text) => {
    expect(text).not.toMatch(harmful);
    expect(text).toContain('EVIL');
  });
});
