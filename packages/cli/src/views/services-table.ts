import type { ExternalService, Snapshot, SupervisedService } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { fittingTable } from './fitting-table.js';
import { ageText, clockText, localTimes } from './moment.js';
import { healthPaint, stateGlyph, verdictPaint } from './state-glyph.js';
import type { TableView } from './stacks-table.js';

/** Every service on a line, then the external ones. Narrow terminals lose SINCE, RESTARTS, INSTANCES, HEALTH, in that order. */
export function servicesText(given: TableView): string {
  const view = { ...given, snapshot: printableData(given.snapshot) };
  const { services, external } = view.snapshot;
  const own = services.length === 0 ? view.colour.dim('the catalog has no services\n') : ownText(view);
  return external.length === 0 ? own : `${own}\n${externalText(external, view)}`;
}

function ownText(view: TableView): string {
  const { snapshot, colour, now } = view;
  return fittingTable<SupervisedService>(
    {
      columns: [
        { head: '', expendable: 0, cell: ({ state }) => painted(state, colour, 'glyph') },
        {
          head: 'SERVICE',
          expendable: 0,
          cell: ({ name, critical, managed }) =>
            `${critical ? colour.bold(name) : name}${managed === 'system' ? colour.dim(' (system)') : ''}`,
        },
        { head: 'STATE', expendable: 0, cell: ({ state }) => painted(state, colour, 'word') },
        { head: 'HEALTH', expendable: 4, cell: ({ health }) => healthPaint(health, colour)(wordOf(health)) },
        { head: 'INSTANCES', expendable: 3, cell: instancesText },
        { head: 'RESTARTS', expendable: 2, cell: (service) => String(restartsOf(service)) },
        { head: 'SINCE', expendable: 1, cell: (service) => sinceText(service, now) },
      ],
      last: {
        head: 'TEXT',
        text: ({ text }) => localTimes(text, now),
        paint: ({ level }) => verdictPaint(level, colour),
      },
      rows: snapshot.services,
    },
    view,
  );
}

function painted(state: SupervisedService['state'], colour: Colors, what: 'glyph' | 'word'): string {
  const { glyph, paint } = stateGlyph(state, colour);
  return paint(what === 'glyph' ? glyph : state);
}

const wordOf = (health: SupervisedService['health']): string => (health === 'none' ? '–' : health);

/** `2/3`: those that run, and those that are meant to. */
function instancesText({ instances, wanted, max }: SupervisedService): string {
  if (max === 1) return '–';
  return `${String(instances.filter(({ state }) => state === 'RUNNING').length)}/${String(wanted)}`;
}

function restartsOf({ instances }: SupervisedService): number {
  return instances.reduce((sum, { restarts }) => sum + restarts, 0);
}

/** When the longest run of it began, else when the state did. */
function sinceText({ state, level, instances, as_of: asOf }: SupervisedService, now: number): string {
  // A unit of the system that is not there is known not to be: nobody has seen it.
  if (state === 'UNKNOWN' && level === 'stale')
    return asOf === null ? 'never seen' : `last seen ${ageText(asOf, now)}`;
  const moments = instances.flatMap(({ started_at: started, unit }) => started ?? unit.since ?? []).sort();
  return moments[0] === undefined ? '–' : clockText(moments[0], now);
}

function externalText(external: readonly ExternalService[], view: TableView): string {
  const { colour, now } = view;
  return fittingTable<ExternalService>(
    {
      columns: [
        { head: 'EXTERNAL', expendable: 0, cell: ({ name }) => name },
        { head: 'HEALTH', expendable: 0, cell: ({ health }) => healthPaint(health, colour)(wordOf(health)) },
        { head: 'LAST SEEN', expendable: 1, cell: ({ last_seen: seen }) => ageText(seen, now) },
      ],
      last: {
        head: 'DESCRIPTION',
        text: ({ description, version }) => [description, version].filter((part) => part !== '').join(', '),
        paint: () => (text) => text,
      },
      rows: external,
    },
    view,
  );
}

/** One line for each maintenance there is; empty where there is none. */
export function maintenanceText(
  maintenance: Snapshot['maintenance'],
  { now, colour }: Pick<TableView, 'now' | 'colour'>,
): string {
  return printableData(maintenance)
    .map(({ target, reason, actor, since, until }) => {
      const what = target === null ? 'the whole robot' : target;
      const end = until === null ? 'until somebody ends it' : `until ${clockText(until, now)}`;
      const sign = colour.cyan(`⚒ ${what} in maintenance`);
      return `${sign} ${end}: ${reason} ${colour.dim(`(${actor.name}, ${ageText(since, now)})`)}\n`;
    })
    .join('');
}
