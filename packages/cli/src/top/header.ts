import type { Colors } from 'picocolors/types.js';
import { printable } from '../control-codes.js';
import { shownLength } from '../views/lines.js';
import { stateGlyph } from '../views/state-glyph.js';
import type { HostState } from './host-state.js';
import type { RowOrder } from './row-order.js';
import { cutTo } from './text-width.js';
import { shortDuration } from './unit-table.js';

export interface HeaderLook {
  readonly now: number;
  readonly colour: Colors;
  readonly width: number;
  /** Lines there may be at most, at least 2. */
  readonly lines: number;
}

/** What the table shows of what there is. */
export interface Shown extends RowOrder {
  readonly units: number;
  readonly shown: number;
  readonly unwellUnits: number;
}

/** How every host is, the ones that somebody has to look at first, then what the table shows. */
export function headerLines(hosts: readonly HostState[], shown: Shown, look: HeaderLook): string[] {
  const { colour } = look;
  const reached = hosts.filter(({ link }) => link.state === 'live').length;
  const counts = hosts.length === 1 ? '' : `${String(reached)} of ${String(hosts.length)} hosts reached · `;
  const units = `${String(shown.units)} units, ${String(shown.unwellUnits)} not well`;
  const kept = [
    ...(shown.filter === '' ? [] : [`filter "${printable(shown.filter)}"`]),
    ...(shown.unwell ? ['only what is not well'] : []),
    ...(shown.filter === '' && !shown.unwell ? [] : [`${String(shown.shown)} shown`]),
    ...(shown.sort === 'robot' ? [] : [`by ${shown.sort}`]),
  ];
  const title = [
    colour.bold('rovictl top'),
    reached === hosts.length ? `${counts}${units}` : colour.yellow(`${counts}${units}`),
    ...kept.map((one) => colour.cyan(one)),
  ];
  const ordered = [...hosts].sort((one, other) => trouble(other) - trouble(one));
  const room = look.lines - 1;
  const fits = ordered.length <= room ? ordered : ordered.slice(0, Math.max(1, room - 1));
  const rest = ordered.slice(fits.length);
  const width = Math.max(...hosts.map(({ name }) => name.length));
  return [
    joined(title, look.width),
    ...fits.map((host) => joined(hostParts(host, width, look), look.width)),
    ...(rest.length === 0 || room < 2 ? [] : [colour.dim(restText(rest))]),
  ];
}

/** What most needs a look has the largest number. */
function trouble({ link, view }: HostState): number {
  if (view?.snapshot.tickets?.estop.active === true) return 3;
  if (link.state === 'lost') return 2;
  return view?.snapshot.bus.connected === false ? 1 : 0;
}

function restText(rest: readonly HostState[]): string {
  const away = rest.filter(({ link }) => link.state !== 'live').length;
  return `  and ${String(rest.length)} more hosts, ${away === 0 ? 'all reached' : `${String(away)} not reached`}`;
}

/** The most important first: what does not fit is left out from the end. */
function hostParts(host: HostState, width: number, { now, colour }: HeaderLook): string[] {
  const { link, view, heardAt } = host;
  const name = colour.bold(host.name.padEnd(width));
  if (link.state === 'connecting') return [`${colour.yellow('◐')} ${name}`, colour.yellow('connecting …')];
  if (link.state === 'lost') {
    const seen =
      heardAt === null ? 'never reached' : `link lost, last seen ${shortDuration(now - heardAt)} ago`;
    const next = Math.max(0, Math.ceil((link.retryAt - now) / 1000));
    return [
      `${colour.red('✗')} ${name}`,
      colour.red(seen),
      ...(view?.snapshot.tickets?.estop.active === true ? [colour.red('■ E-STOP when last seen')] : []),
      colour.red(problemText(host.name, link.problem.message)),
      colour.dim(next === 0 ? 'trying again …' : `again in ${String(next)} s`),
    ];
  }
  if (view === null) return [`${colour.yellow('◐')} ${name}`];
  return [`${colour.green('●')} ${name}`, ...liveParts(host, now, colour)];
}

/** Errors name their host; the line has named it already. */
function problemText(name: string, message: string): string {
  const text = printable(message);
  return text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
}

function liveParts({ view, changedAt }: HostState, now: number, colour: Colors): string[] {
  if (view === null) return [];
  const { snapshot } = view;
  const { tickets, bus, robot } = snapshot;
  const estop = tickets?.estop;
  return [
    ...(estop?.active === true
      ? [colour.red(colour.bold(`■ E-STOP by ${printable(estop.actor?.name ?? 'somebody')}`))]
      : []),
    ...(bus.connected ? [] : [colour.magenta('? systemd lost: nothing here is known')]),
    activeText(snapshot, colour),
    ...(tickets === null
      ? []
      : tickets.available
        ? [ticketText(tickets.counts, colour)]
        : [colour.yellow('no tickets')]),
    ...(snapshot.maintenance.some(({ target }) => target === null) ? [colour.cyan('⚒ maintenance')] : []),
    colour.dim(`robot ${printable(robot)}`),
    colour.dim(
      changedAt === null ? 'link alive' : `link alive, last event ${shortDuration(now - changedAt)} ago`,
    ),
  ];
}

function activeText(
  { active, known, stacks, bus }: NonNullable<HostState['view']>['snapshot'],
  colour: Colors,
): string {
  const stack = stacks.find(({ name }) => name === active);
  if (!known || !bus.connected) return colour.magenta('active stack not known');
  if (stack === undefined) return 'no stack active';
  const { glyph, paint } = stateGlyph(stack.state, colour);
  const verdict = stack.verdict.level === 'ok' ? '' : `: ${printable(stack.verdict.text)}`;
  return paint(`${glyph} ${printable(stack.name)} ${stack.state}${verdict}`);
}

function ticketText(counts: { readonly executing: number; readonly queued: number }, colour: Colors): string {
  if (counts.executing === 0 && counts.queued === 0) return colour.dim('no tickets waiting');
  return colour.yellow(`tickets ${String(counts.executing)} executing, ${String(counts.queued)} queued`);
}

/** As many parts as fit; the last one that does not is cut where there is room for some of it. */
function joined(parts: readonly string[], width: number): string {
  let line = '';
  for (const part of parts) {
    const longer = line === '' ? part : `${line}  ${part}`;
    if (shownLength(longer) <= width) {
      line = longer;
      continue;
    }
    const room = width - shownLength(line) - 2;
    return room < 12 ? line : `${line}  ${cutColoured(part, room)}`;
  }
  return line;
}

/** Painted as a whole, it is cut within its colour. */
function cutColoured(part: string, room: number): string {
  // eslint-disable-next-line no-control-regex
  const found = /^((?:\u001b\[[0-9;]*m)*)(.*?)((?:\u001b\[[0-9;]*m)*)$/s.exec(part);
  return found === null ? '' : `${found[1] ?? ''}${cutTo(found[2] ?? '', room)}${found[3] ?? ''}`;
}
