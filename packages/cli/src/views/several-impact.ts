import type { Impact } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { labelOf } from './impact.js';
import { localTimes, momentText } from './moment.js';
import { stateGlyph } from './state-glyph.js';
import { tableText } from './table.js';

/** What a command would hit on one robot. */
export interface ImpactThere {
  readonly host: string;
  readonly robot: string;
  readonly impact: Impact;
}

/** What a command would hit on several robots, in one picture: how much in all, then a row for each unit. */
export function severalImpactText(
  command: string,
  given: readonly ImpactThere[],
  { now, colour }: { readonly now: number; readonly colour: Colors },
): string {
  const hits = printableData(given);
  const rows = hits.flatMap(({ host, robot, impact }) => {
    const where = [colour.bold(host), robot];
    if (impact.affects.length === 0) {
      return [[colour.dim('○'), ...where, colour.dim(localTimes(impact.text, now))]];
    }
    return impact.affects.map(({ effect, name, unit, state, since, processes }) => {
      const { glyph, paint } = stateGlyph(state, colour);
      const ends = effect !== 'starts';
      return [
        paint(glyph),
        ...where,
        ends ? colour.yellow(effect) : effect,
        impact.service === null ? name : labelOf(unit, impact.affects),
        paint(state),
        momentText(since, now),
        ends ? String(processes) : '–',
      ];
    });
  });
  const heads = ['', 'HOST', 'ROBOT', 'EFFECT', 'UNIT', 'STATE', 'SINCE', 'PROCESSES'];
  return `${colour.bold(command)}: ${radius(hits)}\n${tableText(
    heads.map((word) => colour.dim(word)),
    rows,
  )}`;
}

/** `stops 2 units on 2 of 3 robots; restarts 3 on 3; beside the target: bus on yard, dock`. */
function radius(hits: readonly ImpactThere[]): string {
  const parts = (['stops', 'restarts', 'starts'] as const).flatMap((effect) => {
    const units = hits.map(({ impact }) => impact.affects.filter((one) => one.effect === effect).length);
    const count = units.reduce((sum, one) => sum + one, 0);
    if (count === 0) return [];
    const robots = units.filter((one) => one > 0).length;
    return [`${effect} ${counted(count, 'unit')} on ${counted(robots, 'robot')}`];
  });
  const others = onHosts(hits, (impact) => impact.affects.filter(isBeside(impact)).map(({ name }) => name));
  if (others.length > 0) parts.push(`beside the target it hits ${others.join('; ')}`);
  parts.push(...onHosts(hits, ({ beyond }) => beyond).map((text) => `affects ${text}`));
  return parts.length === 0 ? 'nothing changes' : parts.join('; ');
}

/** `bus on yard, dock`: each name once, with the hosts on which it is hit. */
function onHosts(hits: readonly ImpactThere[], namesOf: (impact: Impact) => readonly string[]): string[] {
  const found = new Map<string, string[]>();
  for (const { host, impact } of hits)
    for (const name of new Set(namesOf(impact))) found.set(name, [...(found.get(name) ?? []), host]);
  return [...found].map(([name, hosts]) => `${name} on ${hosts.join(', ')}`);
}

function isBeside({ stack, service }: Impact): (one: Impact['affects'][number]) => boolean {
  return ({ name, effect }) => name !== (stack ?? service) && effect !== 'starts';
}

function counted(count: number, word: string): string {
  return `${String(count)} ${word}${count === 1 ? '' : 's'}`;
}
