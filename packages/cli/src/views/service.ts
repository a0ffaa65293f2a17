import type {
  CheckStatus,
  ServiceInstance,
  Snapshot,
  StackState,
  SupervisedService,
  Supervision,
} from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { wrapParts } from './lines.js';
import { ageText, clockText, durationText, localTimes, momentText } from './moment.js';
import { maintenanceText } from './services-table.js';
import { healthPaint, stateGlyph, verdictPaint } from './state-glyph.js';

export interface ServiceView {
  readonly service: SupervisedService;
  /** For the states of what it depends on. */
  readonly snapshot: Pick<Snapshot, 'services'>;
  readonly now: number;
  readonly colour: Colors;
  readonly width: number;
}

/** Everything about one service: instances with checks and supervision, dependencies both ways, maintenance. */
export function serviceText(given: ServiceView): string {
  const view = { ...given, ...printableData({ service: given.service, snapshot: given.snapshot }) };
  const { service, colour, now } = view;
  const { glyph, paint } = stateGlyph(service.state, colour);
  const facts = [
    service.category,
    `priority ${String(service.priority)}`,
    service.critical ? 'critical' : '',
    ...(service.managed === 'rovi'
      ? [service.autostart ? 'started at boot' : 'not started at boot']
      : [`unit of the system: ${service.instances[0]?.unit.unit ?? ''}`, allowedText(service)]),
    service.max === 1
      ? ''
      : `${counted(service.wanted, 'instance', 'instances')} wanted, ${String(service.min)} to ${String(service.max)} allowed`,
  ].filter((fact) => fact !== '');
  const head = [
    `${paint(glyph)} ${colour.bold(paint(service.name.toUpperCase()))}  ${paint(colour.bold(service.state))}  ${colour.dim(service.description)}`,
    verdictPaint(service.level, colour)(localTimes(service.text, now)),
    ...wrapParts(facts, ' · ', view.width - 2),
  ];
  return [
    head.map((line) => `${paint('┃')} ${line}\n`).join(''),
    service.maintenance === null ? '' : maintenanceText([service.maintenance], { now, colour }),
    ...service.instances.map((instance) => instanceText(instance, view)),
    dependenciesText(view),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function instanceText(instance: ServiceInstance, view: ServiceView): string {
  const { colour, now, width, service } = view;
  const { glyph, paint } = stateGlyph(instance.state, colour);
  const { unit, ports, health } = instance;
  const facts = [
    instance.started_at === null
      ? `${instance.state.toLowerCase()} since ${momentText(unit.since, now)}`
      : `since ${momentText(instance.started_at, now)}`,
    unit.main_pid === null ? '' : `PID ${String(unit.main_pid)}`,
    ports.length === 0 ? '' : `port${ports.length === 1 ? '' : 's'} ${ports.join(', ')}`,
    instance.container === null ? '' : `container ${instance.container}`,
    instance.restarts === 0 ? '' : counted(instance.restarts, 'restart', 'restarts'),
    instance.crashes === 0 ? '' : counted(instance.crashes, 'crash', 'crashes'),
  ].filter((fact) => fact !== '');
  const lines = [
    ...(service.max === 1
      ? []
      : [
          `${paint(glyph)} ${colour.bold(`instance ${String(instance.id)}`)}  ${localTimes(instance.text, now)}`,
        ]),
    ...wrapParts(facts, ' · ', width - 2).map((line) => `  ${line}`),
    ...(health.status === 'none'
      ? []
      : [
          `  health ${healthPaint(health.status, colour)(health.status)}${health.text === '' ? '' : `: ${health.text}`}`,
        ]),
    ...health.checks.map((check) => `    ${checkText(check, view)}`),
    ...supervisionLines(instance.supervision, view).map((line) => `  ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

function counted(count: number, one: string, many: string): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

/** One check with its last look: result, how long it took, when. */
export function checkText(
  { name, passing, last }: CheckStatus,
  { colour, now }: Pick<ServiceView, 'colour' | 'now'>,
): string {
  const sign = passing === null ? colour.magenta('?') : passing ? colour.green('✓') : colour.red('✗');
  if (last === null) return `${sign} ${name}  ${colour.dim('not looked yet')}`;
  return `${sign} ${name}  ${last.text}  ${colour.dim(`took ${durationText(last.duration_ms)}, ${ageText(last.at, now)}`)}`;
}

/** What is done about crashes and failed checks, and when next; nothing while it only watches. */
export function supervisionLines(
  { phase, text, tries, tries_max: max, next_at: next, starts_left: left, lines }: Supervision,
  { colour, now }: Pick<ServiceView, 'colour' | 'now'>,
): string[] {
  if (phase === 'watching') return [];
  const facts = [
    `${phase}: ${localTimes(text, now)}`,
    `${String(tries)} of ${String(max)} tries made`,
    next === null ? '' : `next ${nextText(next, now)}`,
    `${counted(left, 'automatic start', 'automatic starts')} left in the window`,
  ].filter((fact) => fact !== '');
  const paint = phase === 'gave-up' ? colour.red : colour.yellow;
  return [paint(facts.join(' · ')), ...lines.map((line) => `${colour.dim('│')} ${line}`)];
}

function nextText(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  return ms <= 0 ? 'now' : `at ${clockText(at, now)}, in ${durationText(ms).replace(/\.\d s$/, ' s')}`;
}

/** What operators may do to a unit that Rovi did not make. */
export function allowedText({ allow }: Pick<SupervisedService, 'allow'>): string {
  return allow.length === 0 ? 'operators may only watch it' : `operators may ${allow.join(', ')}`;
}

/** What it needs and what needs it, each with its state. */
function dependenciesText({ service, snapshot, colour, width }: ServiceView): string {
  const states = new Map(snapshot.services.map(({ name, state }) => [name, state]));
  const named = (names: readonly string[]): string[] =>
    names.map((name) => stated(name, states.get(name), colour));
  const rows: [string, readonly string[]][] = [
    ['requires', service.requires],
    ['wants', service.wants],
    ['conflicts', service.conflicts],
    ['required by', service.required_by],
    ['wanted by', service.wanted_by],
  ];
  return rows
    .filter(([, names]) => names.length > 0)
    .flatMap(([label, names]) =>
      wrapParts(named(names), '  ', width - 14).map(
        (line, index) => `  ${colour.dim((index === 0 ? label : '').padEnd(11))} ${line}\n`,
      ),
    )
    .join('');
}

function stated(name: string, state: StackState | undefined, colour: Colors): string {
  const { glyph, paint } = stateGlyph(state ?? 'UNKNOWN', colour);
  return `${paint(glyph)} ${name}`;
}
