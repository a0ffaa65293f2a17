import { Button, NativeSelect } from '@mantine/core';
import { IconAlertOctagon, IconPlayerStopFilled } from '@tabler/icons-react';
import type { FleetCommand } from '@rovi/contract';
import { useState } from 'react';
import { useFleet, useWhyNot } from './fleet-context.js';
import { ACTIONS, commandOf } from './fleet-actions.js';
import type { ActionName } from './fleet-actions.js';
import { robotsText } from './robots-text.js';

/** What can be commanded to these robots; each is asked first what it would hit. */
export function ActionBar({
  robots,
  stacks,
  services,
  onClear,
}: {
  robots: readonly string[];
  /** Those that any of the robots has told of. */
  stacks: readonly string[];
  services: readonly string[];
  /** Absent where the robots were not chosen. */
  onClear?: () => void;
}) {
  const { commander } = useFleet();
  const whyNot = useWhyNot();
  const [action, setAction] = useState<ActionName>('switch');
  const [unit, setUnit] = useState('');
  const units = ACTIONS[action].on === 'stack' ? stacks : services;
  const chosen = units.includes(unit) ? unit : (units[0] ?? '');
  const wish = (command: FleetCommand): void => void commander.wish(command, robots);
  const count = robotsText(robots.length);
  return (
    <section className="fleet-actions card" aria-label="Command robots">
      <div className="fleet-chosen">
        <p role="status">
          <strong>{onClear === undefined ? 'Command this robot' : `${count} selected`}</strong>
          {whyNot !== null && <span className="soft"> {whyNot}</span>}
        </p>
        {onClear !== undefined && (
          <Button variant="default" onClick={onClear}>
            Select none
          </Button>
        )}
      </div>
      <NativeSelect
        label="What to do"
        value={action}
        disabled={whyNot !== null}
        onChange={({ currentTarget: { value } }) => setAction(value as ActionName)}
        data={Object.entries(ACTIONS).map(([value, { label }]) => ({ value, label }))}
      />
      <NativeSelect
        label={ACTIONS[action].on === 'stack' ? 'Stack' : 'Service'}
        value={chosen}
        disabled={whyNot !== null || units.length === 0}
        onChange={({ currentTarget: { value } }) => setUnit(value)}
        data={units.length === 0 ? [{ value: '', label: 'None' }] : [...units]}
      />
      <div className="actions">
        <Button disabled={whyNot !== null || chosen === ''} onClick={() => wish(commandOf(action, chosen))}>
          {`${ACTIONS[action].label} ${chosen}`.trim()}…
        </Button>
        <Button
          color="red"
          disabled={whyNot !== null}
          leftSection={<IconPlayerStopFilled size={20} aria-hidden />}
          onClick={() => wish({ kind: 'stop-all' })}
        >
          {onClear === undefined ? 'Stop everything…' : `Stop everything on ${count}…`}
        </Button>
        <Button
          color="red"
          variant="outline"
          disabled={whyNot !== null}
          leftSection={<IconAlertOctagon size={20} aria-hidden />}
          onClick={() => wish({ kind: 'estop' })}
        >
          {onClear === undefined ? 'E-stop…' : `E-stop ${count}…`}
        </Button>
      </div>
    </section>
  );
}
