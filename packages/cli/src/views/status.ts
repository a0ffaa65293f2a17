import type { FaceStatus, Operation, Snapshot, StackDetail, StackStatus } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { wrapParts } from './lines.js';
import { ageText, bytesText, durationText, localTimes, momentText } from './moment.js';
import { operationSummary } from './operation.js';
import { maintenanceText, servicesText } from './services-table.js';
import { stacksText } from './stacks-table.js';
import { fleetParts, mqttParts } from './mqtt.js';
import { faceParts } from './ros.js';
import { stateGlyph, verdictPaint } from './state-glyph.js';
import { estopText, ticketParts } from './ticket-desk.js';

export interface StatusView {
  readonly snapshot: Snapshot;
  /** Milliseconds since the epoch: what ages are counted from. */
  readonly now: number;
  readonly colour: Colors;
  /** Columns there are; Infinity where nothing has to be cut. */
  readonly width: number;
  /** Figures of the active stack; null where they are not known. */
  readonly figures: Figures | null;
  /** The last operation, running or ended; null where there was none or it is not known. */
  readonly operation: Operation | null;
  /** The account the gateway runs as; null where that is not known. */
  readonly user: string | null;
  /** Set while the gateway is away: everything shown is from before that moment (milliseconds since the epoch). */
  readonly lostAt: number | null;
  /** The host that was asked; null for this machine. */
  readonly host: string | null;
  /** Who told the state. */
  readonly source: 'gateway' | 'systemctl';
}

/** What the active stack uses. `cpu_percent` (of one core) needs two looks; null before the second. */
export interface Figures {
  readonly detail: StackDetail;
  readonly cpu_percent: number | null;
}

/** The whole state for people: gateway and bus, maintenance, the active stack large, every stack and service on a line, the last operation. */
export function statusText(given: StatusView): string {
  const { snapshot, figures, operation, user } = given;
  const view = { ...given, ...printableData({ snapshot, figures, operation, user }) };
  const services =
    view.snapshot.services.length + view.snapshot.external.length === 0 ? '' : servicesText(view);
  const maintenance = maintenanceText(view.snapshot.maintenance, view);
  const text = [
    estopText(view.snapshot, view),
    headText(view),
    maintenance,
    activeText(view),
    stacksText(view),
    services,
    operationText(view),
  ]
    .filter((part) => part !== '')
    .join('\n');
  if (view.lostAt === null) return text;
  const age = durationText(view.now - view.lostAt).replace(/\.\d s$/, ' s');
  const warning = `link lost, ${age} old: the gateway does not answer, and what is shown may be wrong`;
  // Grey, not coloured: a green dot for something nobody has seen for an hour would be a lie.
  return `${view.colour.magenta(`? ${warning}`)}\n${view.colour.dim(withoutColour(text))}`;
}

function withoutColour(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

function headText(view: StatusView): string {
  const { snapshot, colour, now, user } = view;
  const { gateway, bus } = snapshot;
  const up = gateway?.active_state === 'active';
  const gatewayParts =
    gateway === null
      ? [colour.magenta('? not read yet')]
      : [
          `${up ? colour.green('●') : colour.red('✗')} ${gateway.active_state} (${gateway.sub_state}) since ${momentText(gateway.since, now)}`,
          gateway.main_pid === null ? '' : `PID ${String(gateway.main_pid)}`,
        ];
  if (view.source === 'gateway') gatewayParts.push(`version ${snapshot.version}`);
  if (user !== null) gatewayParts.push(`user ${user}`);
  const busText =
    view.source === 'systemctl'
      ? colour.yellow('gateway not reachable: read from systemd directly, processes are not known')
      : bus.connected
        ? `${colour.green('●')} connected since ${momentText(bus.since, now)}`
        : colour.red(`✗ lost ${ageText(bus.since, now)}: ${bus.error ?? 'no reason given'}`);
  const lines = [
    ...(view.host === null ? [] : [['host   ', [colour.yellow(colour.bold(view.host))]] as const]),
    ['robot  ', [colour.bold(snapshot.robot)]],
    ['gateway', gatewayParts.filter((part) => part !== '')],
    ['systemd', [busText]],
    ...snapshot.faces.flatMap((face) => faceLine(face, now, colour)),
    ['tickets', ticketParts(snapshot.tickets, colour)],
  ] as const;
  return lines
    .flatMap(([label, parts]) =>
      wrapParts(parts, ' · ', view.width - 8).map(
        (line, index) => `${colour.dim(index === 0 ? label : '       ')} ${line}\n`,
      ),
    )
    .join('');
}

/** The line of a face that this program knows. */
function faceLine(face: FaceStatus, now: number, colour: Colors): [label: string, parts: string[]][] {
  if (face.name === 'http') return [['HTTP   ', [httpText(face, colour)]]];
  if (face.name === 'mqtt') return [['MQTT   ', mqttParts(face, now, colour)]];
  if (face.name === 'fleet') return [['FLEET  ', fleetParts(face, now, colour)]];
  if (face.name === 'fleet-console') return [['CONSOLE', fleetParts(face, now, colour)]];
  return face.name === 'ros' ? [['ROS    ', faceParts(face, now, colour)]] : [];
}

/** Which TCP addresses are served, and which are not and why. */
function httpText({ state, text }: FaceStatus, colour: Colors): string {
  return state === 'on' ? `${colour.green('●')} ${text}` : colour.red(`✗ ${text}`);
}

function activeText(view: StatusView): string {
  const { snapshot, colour, now, figures } = view;
  const stack = snapshot.stacks.find(({ name }) => name === snapshot.active);
  if (stack === undefined) {
    return snapshot.known
      ? `  ${colour.bold('no stack is active')}\n`
      : `  ${colour.magenta(colour.bold('? which stack is active is not known'))}\n`;
  }
  const { glyph, paint } = stateGlyph(stack.state, colour);
  const { unit } = stack;
  const facts = [
    `since ${momentText(unit.since, now)}`,
    unit.main_pid === null ? '' : `PID ${String(unit.main_pid)}`,
    ...figureTexts(figures?.detail.stack.name === stack.name ? figures : null, view.source),
    stack.crashes === 0
      ? ''
      : colour.yellow(
          `${String(stack.crashes)} crash${stack.crashes === 1 ? '' : 'es'} since the gateway started`,
        ),
    unit.job === null ? '' : colour.yellow(`job ${unit.job.type} pending`),
    unit.invocation_id === null ? '' : colour.dim(`invocation ${unit.invocation_id}`),
  ].filter((fact) => fact !== '');
  const lines = [
    `${paint(glyph)} ${colour.bold(paint(stack.name.toUpperCase()))}  ${paint(colour.bold(stack.state))}  ${colour.dim(stack.description)}`,
    verdictPaint(stack.verdict.level, colour)(localTimes(stack.verdict.text, now)),
    ...wrapParts(facts, ' · ', view.width - 2),
    ...wrapParts(processTexts(stack, colour), '   ', view.width - 2),
  ];
  return `${lines.map((line) => `${paint('┃')} ${line}`).join('\n')}\n`;
}

function figureTexts(figures: Figures | null, source: StatusView['source']): string[] {
  if (figures === null) return source === 'systemctl' ? [] : ['CPU –', 'memory –'];
  const { cpu_seconds: cpu, memory_bytes: memory } = figures.detail.resources;
  const percent = figures.cpu_percent === null ? '' : `${figures.cpu_percent.toFixed(1)} %, `;
  return [
    cpu === null ? 'CPU not known' : `CPU ${percent}${durationText(cpu * 1000)} used`,
    memory === null ? 'memory not known' : `memory ${bytesText(memory)}`,
  ];
}

function processTexts(stack: StackStatus, colour: Colors): string[] {
  return stack.expected.map(({ name, present, pid }) => {
    if (present === null) return colour.magenta(`? ${name}`);
    if (!present) return colour.red(`✗ ${name} missing`);
    return `${colour.green('✓')} ${name}${pid === null ? '' : colour.dim(` ${String(pid)}`)}`;
  });
}

function operationText({ operation, colour, now }: StatusView): string {
  if (operation === null) return '';
  const label = operation.outcome === 'running' ? 'running operation' : 'last operation';
  return `${colour.dim(label)} ${operationSummary(operation, now, colour)}\n`;
}
