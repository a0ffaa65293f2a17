import type { ServiceInstance, Snapshot, SupervisedService } from '@rovi/contract';
import { printableData } from '../control-codes.js';
import { localTimes } from './moment.js';
import { maintenanceText } from './services-table.js';
import { allowedText, checkText, supervisionLines } from './service.js';
import type { ServiceView } from './service.js';

type WhyView = Omit<ServiceView, 'width'>;

/** Why a service is as it is: maintenance, what it lacks, how its last run ended, failed checks, what comes next; and what to do. */
export function serviceWhyText(given: WhyView): string {
  const view = { ...given, ...printableData({ service: given.service, snapshot: given.snapshot }) };
  const { service, colour, now, snapshot } = view;
  const reasons = [
    ...(service.maintenance === null
      ? []
      : [maintenanceText([service.maintenance], { now, colour }).trimEnd()]),
    ...service.instances.flatMap((instance) => instanceReasons(instance, view)),
    ...lackingOf(service, snapshot).map(
      ({ name, state, text }) => `it requires ${name}, which is ${state}: ${localTimes(text, now)}`,
    ),
  ];
  const sign = service.level === 'ok' ? colour.green('✓') : colour.red('✗');
  const head = `${sign} ${colour.bold(service.name)} ${localTimes(service.text, now)}\n${systemLine(service)}`;
  if (reasons.length === 0 && service.level === 'ok')
    return `${head}  nothing is wrong with it that anybody can tell\n`;
  const steps = stepsFor(service, snapshot);
  return [
    head,
    ...reasons.map((reason) => `  ${reason}\n`),
    `  ${colour.cyan('what to do:')}\n`,
    ...steps.map((step, index) => `  ${String(index + 1)}. ${step}\n`),
  ].join('');
}

/** What Rovi does not do for a unit of the system; empty for its own. */
function systemLine(service: SupervisedService): string {
  if (service.managed === 'rovi') return '';
  const unit = service.instances[0]?.unit.unit ?? '';
  const held = service.maintenance === null ? '' : ': systemd and root can start it, maintenance or not';
  return `  it is ${unit}, a unit of the system that Rovi neither makes nor restarts; ${allowedText(service)}${held}\n`;
}

function instanceReasons(instance: ServiceInstance, view: WhyView): string[] {
  const prefix = view.service.max === 1 ? '' : `instance ${String(instance.id)}: `;
  const { failure, health, supervision, level, text } = instance;
  const cause = failure ?? supervision.cause;
  return [
    ...(level === 'ok' || (prefix === '' && text === view.service.text)
      ? []
      : [`${prefix}${localTimes(text, view.now)}`]),
    ...(cause === null || text.includes(cause.text) ? [] : [`${prefix}its last run ended: ${cause.text}`]),
    ...health.checks
      .filter(({ passing }) => passing === false)
      .map((check) => `${prefix}${checkText(check, view)}`),
    ...supervisionLines(supervision, view).map((line, index) => `${index === 0 ? prefix : ''}${line}`),
  ];
}

/** What it requires that keeps it from being started. */
function lackingOf(
  service: SupervisedService,
  { services }: Pick<Snapshot, 'services'>,
): SupervisedService[] {
  // What is merely stopped, a start of this one starts.
  return services.filter(
    ({ name, state }) =>
      service.requires.includes(name) && ['FAILED', 'UNKNOWN', 'MAINTENANCE'].includes(state),
  );
}

function stepsFor(service: SupervisedService, snapshot: Pick<Snapshot, 'services'>): string[] {
  const { name, instances, maintenance, managed, allow } = service;
  if (
    managed === 'system' &&
    instances.some(({ unit }) => !['loaded', 'unknown'].includes(unit.load_state))
  ) {
    return [`Ask an admin: \`sudo rovictl doctor\` says what is the matter with the unit.`];
  }
  const lacking = lackingOf(service, snapshot);
  const gaveUp = instances.some(({ supervision }) => supervision.phase === 'gave-up');
  const waits = instances.some(({ supervision }) => ['backoff', 'cooldown'].includes(supervision.phase));
  return [
    ...(maintenance === null
      ? []
      : [
          `End the maintenance when the work is done: \`rovictl maintenance end${maintenance.target === null ? '' : ` ${maintenance.target}`}\`.`,
        ]),
    ...lacking.map((one) => `See what is wrong with ${one.name}: \`rovictl service why ${one.name}\`.`),
    ...(service.level === 'ok'
      ? []
      : [
          `Read what it said: \`rovictl service logs ${name} --invocation latest\`, and \`--stderr\` for its complaints alone.`,
        ]),
    ...(instances.some(({ container, failure }) => container !== null && failure?.exit_status === 125)
      ? [
          'Exit code 125 is Podman itself: `sudo rovictl doctor` says whether an image is missing. Nothing is fetched at a start.',
        ]
      : []),
    ...(waits ? ['It is tried again by itself at the time above.'] : []),
    ...(gaveUp ? ['Nothing tries it again by itself: mend the cause, then start it.'] : []),
    ...(service.state === 'RUNNING' || maintenance !== null
      ? []
      : allow.includes('start')
        ? [`When that is mended: \`rovictl service start ${name}\`.`]
        : [`When that is mended, an admin starts it: operators may not.`]),
  ];
}
