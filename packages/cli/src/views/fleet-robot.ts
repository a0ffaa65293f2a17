import { isAway, standingOf, type SeenRobot } from '@rovi/client';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { matterText, seenText, standingGlyph } from './fleet.js';
import { healthPaint, stateGlyph, verdictPaint } from './state-glyph.js';
import { tableText } from './table.js';

/**
 * One robot as its last report has it: with `answered` in one line, above what it says itself now; else whole, and as
 * what it is: a report of then, in grey where the robot is away.
 */
export function robotReportText(
  given: SeenRobot,
  { now, colour, answered }: { readonly now: number; readonly colour: Colors; readonly answered: boolean },
): string {
  const robot = printableData(given);
  const { report } = robot;
  const standing = standingOf(robot);
  const { glyph, paint } = standingGlyph(standing, colour);
  const matter = matterText(robot, null);
  const name = `${paint(glyph)} ${colour.bold(robot.robot)} ${paint(standing)}`;
  if (answered) return `${name}: this is its own answer of now, by its clock\n\n`;
  const head = `${name}${matter === '' ? '' : `: ${matter}`}\n`;
  if (report === null) return head;
  const body = [
    `its last report, ${seenText(robot, now)}, version ${report.version}:\n`,
    `  active ${report.known ? (report.active ?? 'none') : 'not known'}: ${verdictPaint(report.level, colour)(report.text)}\n`,
    tableText(
      ['', '  STACK', 'STATE'].map((word) => colour.dim(word)),
      report.stacks.map(({ name: stack, state }) => row(stack, state, colour)),
    ),
    report.services.length === 0
      ? ''
      : tableText(
          ['', '  SERVICE', 'STATE', 'HEALTH'].map((word) => colour.dim(word)),
          report.services.map(({ name: service, state, health }) => [
            ...row(service, state, colour),
            health === 'none' ? '–' : healthPaint(health, colour)(health),
          ]),
        ),
    report.cut ? 'it has more units than it tells of\n' : '',
    report.commands ? '' : 'it takes no commands from the fleet\n',
  ].join('');
  // What was is not painted as what is.
  // eslint-disable-next-line no-control-regex
  return `${head}${isAway(standing) ? colour.dim(body.replace(/\u001b\[[0-9;]*m/g, '')) : body}`;
}

function row(name: string, state: Parameters<typeof stateGlyph>[0], colour: Colors): string[] {
  const { glyph, paint } = stateGlyph(state, colour);
  return [paint(glyph), name, paint(state)];
}
