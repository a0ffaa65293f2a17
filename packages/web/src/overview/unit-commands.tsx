import { ActionIcon } from '@mantine/core';
import { IconArrowsExchange, IconPlayerPlay, IconPlayerStop, IconRotate } from '@tabler/icons-react';
import type { StackCommandKind } from '@rovi/contract';
import { useCommander } from '../command/commander-context.js';
import { useIsLive, useMayCommand } from '../live/robot-context.js';
import { ServiceCommands } from '../services/service-commands.js';
import type { UnitRow } from './unit-rows.js';

const looks = {
  start: { text: 'Start', Icon: IconPlayerPlay, color: 'cyan' },
  switch: { text: 'Switch to', Icon: IconArrowsExchange, color: 'cyan' },
  restart: { text: 'Restart', Icon: IconRotate, color: 'gray' },
  stop: { text: 'Stop', Icon: IconPlayerStop, color: 'red' },
} as const;

/** What may be commanded of one unit in its state. Stop is there for all that is not at rest. */
export function UnitCommands({ row }: { row: UnitRow }) {
  const commander = useCommander();
  const allowed = useMayCommand();
  const live = useIsLive();
  if (row.service !== null) return <ServiceCommands service={row.service} />;
  if (row.commands.length === 0) return <span className="soft small">runs by itself</span>;
  if (!allowed) return <span className="soft small">not as viewer</span>;
  return (
    <span className="unit-commands">
      {offered(row).map((kind) => {
        const { text, Icon, color } = looks[kind];
        const label = `${text} ${row.name}`;
        return (
          <ActionIcon
            key={kind}
            variant="light"
            color={color}
            aria-label={label}
            title={label}
            disabled={!live && kind !== 'stop'}
            onClick={() => void commander.wish({ kind, stack: row.name })}
          >
            <Icon size={22} aria-hidden />
          </ActionIcon>
        );
      })}
    </span>
  );
}

function offered({ state, held, commands }: UnitRow): Exclude<StackCommandKind, 'stop-all'>[] {
  const rest = state === 'STOPPED' || state === 'FAILED';
  const wanted = rest ? ([held ? 'switch' : 'start'] as const) : (['restart', 'stop'] as const);
  return wanted.filter((kind) => commands.includes(kind));
}
