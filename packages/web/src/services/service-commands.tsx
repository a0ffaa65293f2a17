import { ActionIcon, Button } from '@mantine/core';
import {
  IconMinus,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlus,
  IconRepeat,
  IconRotate,
} from '@tabler/icons-react';
import type { SupervisedService } from '@rovi/contract';
import { useCommander, useCommanderState } from '../command/commander-context.js';
import type { ServiceWish } from '../command/wish.js';
import { unitOf } from '../command/wish.js';
import { useIsLive, useMayCommand, useRobotState } from '../live/robot-context.js';
import { maintenanceOf } from '../maintenance/maintenance-of.js';
import { isAtRest, isInstalled } from './service-facts.js';

const looks = {
  start: { text: 'Start', Icon: IconPlayerPlay, color: 'cyan' },
  restart: { text: 'Restart', Icon: IconRotate, color: 'gray' },
  'rolling-restart': { text: 'Restart one by one', Icon: IconRepeat, color: 'gray' },
  stop: { text: 'Stop', Icon: IconPlayerStop, color: 'red' },
} as const;

/**
 * What may be commanded of one service in its state, with a stepper where there may be several; nothing for a viewer.
 * `large`: all of it, with words.
 */
export function ServiceCommands({ service, large = false }: { service: SupervisedService; large?: boolean }) {
  const allowed = useMayCommand();
  const commander = useCommander();
  const live = useIsLive();
  const { name } = service;
  const sending = useCommanderState(({ sending: wishes }) => wishes.some((wish) => unitOf(wish) === name));
  const maintained = useRobotState(
    ({ view }) => view !== null && maintenanceOf(name, view.snapshot.maintenance) !== null,
  );
  // Another command than a stop would be refused meanwhile.
  const busy = useRobotState(
    ({ view }) => view?.snapshot.service_operations.some((operation) => operation.service === name) ?? false,
  );
  if (!allowed) return null;
  const rests = isAtRest(service);
  const several = service.instances.filter(({ state }) => state === 'RUNNING').length > 1;
  if (!isInstalled(service)) return <span className="soft small">{service.text}</span>;
  const kinds = kindsOf(service, { rests, rolling: large && several });
  return (
    <span className="unit-commands">
      {service.max > 1 && !rests && <Stepper service={service} disabled={sending || maintained || busy} />}
      {kinds.map((kind) => {
        const { text, Icon, color } = looks[kind];
        const label = `${text} ${name}`;
        const forbidden = kind !== 'rolling-restart' && !service.allow.includes(kind);
        const unable = forbidden || ((!live || maintained || busy) && kind !== 'stop');
        const hint = forbidden
          ? `${label}: the catalog does not allow it to operators (allow: ${service.allow.join(', ') || 'nothing'})`
          : maintained && kind !== 'stop'
            ? `${label}: not while it is in maintenance`
            : label;
        const wish = (): void => void commander.wish({ kind, service: name } satisfies ServiceWish);
        if (large)
          return (
            <Button
              key={kind}
              variant={kind === 'start' ? 'filled' : 'default'}
              aria-label={label}
              title={forbidden ? hint : undefined}
              leftSection={<Icon size={20} aria-hidden />}
              disabled={unable}
              onClick={wish}
            >
              {text}
            </Button>
          );
        return (
          <ActionIcon
            key={kind}
            variant="light"
            color={color}
            aria-label={label}
            title={hint}
            disabled={unable}
            onClick={wish}
          >
            <Icon size={22} aria-hidden />
          </ActionIcon>
        );
      })}
    </span>
  );
}

/** What is offered. Of a unit of the system that may be restarted but not started, the restart also while it is at rest. */
function kindsOf(
  { allow }: SupervisedService,
  { rests, rolling }: { readonly rests: boolean; readonly rolling: boolean },
): (keyof typeof looks)[] {
  if (!rests) return [...(rolling ? (['rolling-restart'] as const) : []), 'restart', 'stop'];
  return !allow.includes('start') && allow.includes('restart') ? ['restart'] : ['start'];
}

function Stepper({ service, disabled }: { service: SupervisedService; disabled: boolean }) {
  const commander = useCommander();
  const live = useIsLive();
  const { name, wanted, min, max } = service;
  const scale = (instances: number) => () =>
    void commander.wish({ kind: 'scale', service: name, instances } satisfies ServiceWish);
  const unable = disabled || !live;
  return (
    <span className="stepper" role="group" aria-label={`Instances of ${name}: ${min} to ${max}`}>
      <ActionIcon
        variant="default"
        aria-label={`One instance of ${name} less`}
        title={`Scale ${name} to ${wanted - 1}`}
        disabled={unable || wanted <= min}
        onClick={scale(wanted - 1)}
      >
        <IconMinus size={20} aria-hidden />
      </ActionIcon>
      <output className="figures" aria-label={`Instances of ${name} that are meant to run`}>
        {wanted}
      </output>
      <ActionIcon
        variant="default"
        aria-label={`One instance of ${name} more`}
        title={`Scale ${name} to ${wanted + 1}`}
        disabled={unable || wanted >= max}
        onClick={scale(wanted + 1)}
      >
        <IconPlus size={20} aria-hidden />
      </ActionIcon>
    </span>
  );
}
