import { Button, TextInput } from '@mantine/core';
import { IconArrowsExchange, IconFileText, IconPlayerPlay, IconSearch } from '@tabler/icons-react';
import type { StackStatus } from '@rovi/contract';
import { useState } from 'react';
import { Link } from 'wouter';
import { useCommander, useCommanderState } from '../command/commander-context.js';
import { unitOf } from '../command/wish.js';
import { StateBadge } from '../format/state-badge.js';
import { toneOf } from '../format/tone.js';
import { useIsLive, useMayCommand, useRobotState } from '../live/robot-context.js';
import { MaintenanceButton } from '../maintenance/maintenance-button.js';
import { MaintenanceBadge } from '../maintenance/maintenance-badge.js';
import { maintenanceOf } from '../maintenance/maintenance-of.js';
import { FailureExplained } from './failure-explained.js';

/** From here on a field to search in is of more use than in the way. */
const MANY = 12;

/** The stacks that could have the robot: started where none has it, else switched to. */
export function OtherStacks() {
  const stacks = useRobotState(({ view }) => view?.snapshot.stacks ?? null);
  const active = useRobotState(({ view }) => view?.snapshot.active ?? null);
  const [search, setSearch] = useState('');
  if (stacks === null) return null;
  const others = stacks.filter(({ name }) => name !== active);
  const found = others.filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(search.trim().toLowerCase()),
  );
  return (
    <section aria-labelledby="others">
      <div className="section-head">
        <h2 id="others">{active === null ? 'Stacks to start' : 'Stacks to switch to'}</h2>
        {others.length > MANY && (
          <TextInput
            aria-label="Search stacks"
            placeholder="Search"
            size="md"
            leftSection={<IconSearch size={18} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        )}
        <MaintenanceButton target={null} />
      </div>
      {found.length === 0 && (
        <p className="soft">{others.length === 0 ? 'There are no others.' : 'None is called so.'}</p>
      )}
      <ul className="stacks">
        {found.map((stack) => (
          <OtherStack key={stack.name} stack={stack} active={active} />
        ))}
      </ul>
    </section>
  );
}

function OtherStack({ stack, active }: { stack: StackStatus; active: string | null }) {
  const commander = useCommander();
  const live = useIsLive();
  const allowed = useMayCommand();
  const known = useRobotState(({ view }) => view?.snapshot.known ?? false);
  const { name, description, state, verdict } = stack;
  const maintained = useRobotState(
    ({ view }) => view !== null && maintenanceOf(name, view.snapshot.maintenance) !== null,
  );
  const sending = useCommanderState(({ sending: wishes }) => wishes.some((wish) => unitOf(wish) === name));
  const tone = live ? toneOf(state, verdict.level) : 'unknown';
  // Failed, or ended by itself: both are explained.
  const ended = state === 'FAILED' || (state === 'STOPPED' && verdict.level !== 'ok');
  const kind = active === null ? 'start' : 'switch';
  return (
    <li className="card stack" data-tone={tone} data-ended={ended}>
      <div className="stack-head">
        <h3>{name}</h3>
        <StateBadge state={state} level={verdict.level} />
      </div>
      <p className="soft">{description}</p>
      {ended && <FailureExplained stack={stack} />}
      <MaintenanceBadge target={name} />
      <div className="actions">
        {allowed && (
          <Button
            disabled={!live || !known || maintained}
            loading={sending}
            leftSection={
              kind === 'start' ? (
                <IconPlayerPlay size={20} aria-hidden />
              ) : (
                <IconArrowsExchange size={20} aria-hidden />
              )
            }
            onClick={() => void commander.wish({ kind, stack: name })}
          >
            {kind === 'start' ? `Start ${name}` : `Switch to ${name}`}
          </Button>
        )}
        {ended && (
          <Button
            variant="default"
            component={Link}
            href={`/logs/${name}`}
            leftSection={<IconFileText size={20} aria-hidden />}
          >
            Logs
          </Button>
        )}
      </div>
    </li>
  );
}
