import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { FormEvent } from 'react';
import { ProblemNote } from '../command/problem-note.js';
import { useRobot, useRobotState } from '../live/robot-context.js';
import { useMaintainer, useMaintainerState } from './maintainer-context.js';

const MINUTE = 60_000;
const LENGTHS = [
  { value: '', label: 'Until somebody ends it' },
  { value: String(15 * MINUTE), label: '15 minutes' },
  { value: String(60 * MINUTE), label: '1 hour' },
  { value: String(4 * 60 * MINUTE), label: '4 hours' },
  { value: String(8 * 60 * MINUTE), label: '8 hours' },
  { value: String(24 * 60 * MINUTE), label: '1 day' },
];
/** What the select calls the robot: no unit may be called so. */
const ROBOT = '*';

/** Puts a unit or the robot in maintenance: what, why, and for how long. */
export function MaintenanceDialog() {
  const maintainer = useMaintainer();
  const asked = useMaintainerState((state) => state.asked);
  return (
    <Modal
      opened={asked !== undefined}
      onClose={() => maintainer.close()}
      title="Begin maintenance"
      size="lg"
      yOffset={88}
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Close', size: 44 }}
    >
      {asked !== undefined && <Asked target={asked} />}
    </Modal>
  );
}

function Asked({ target: opened }: { target: string | null }) {
  const maintainer = useMaintainer();
  const { clock, store } = useRobot();
  const { sending, problem } = useMaintainerState((state) => state);
  const snapshot = useRobotState(({ view }) => view?.snapshot ?? null);
  const [target, setTarget] = useState(opened);
  const [reason, setReason] = useState('');
  const [length, setLength] = useState('');
  const [lacks, setLacks] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim() === '') return setLacks(true);
    // By the robot's clock: it is the robot that ends it.
    const now = clock.now() + (store.getState().clockOffset ?? 0);
    const until = length === '' ? null : new Date(now + Number(length)).toISOString();
    void maintainer.begin(target, reason.trim(), until);
  };
  const named = (units: readonly { readonly name: string }[]) =>
    units.map(({ name }) => ({ value: name, label: name }));
  return (
    <form className="question" onSubmit={submit} noValidate>
      <p>Nothing starts it until the maintenance has ended. What runs is not stopped by it.</p>
      {problem !== null && <ProblemNote title="It was refused" problem={problem} />}
      <NativeSelect
        label="What"
        size="md"
        value={target ?? ROBOT}
        onChange={({ currentTarget: { value } }) => setTarget(value === ROBOT ? null : value)}
        data={[
          { value: ROBOT, label: 'The whole robot' },
          { group: 'Stacks', items: named(snapshot?.stacks ?? []) },
          { group: 'Services', items: named(snapshot?.services ?? []) },
        ].filter((item) => !('items' in item) || item.items.length > 0)}
      />
      <TextInput
        label="Why"
        description="For all who want to start it meanwhile."
        size="md"
        required
        maxLength={500}
        value={reason}
        onChange={({ currentTarget: { value } }) => {
          setReason(value);
          setLacks(false);
        }}
        error={lacks ? 'Say why: others read it.' : null}
        data-autofocus
      />
      <NativeSelect
        label="For how long"
        size="md"
        value={length}
        onChange={({ currentTarget: { value } }) => setLength(value)}
        data={LENGTHS}
      />
      <div className="actions actions-end">
        <Button variant="default" onClick={() => maintainer.close()}>
          Do not
        </Button>
        <Button type="submit" loading={sending}>
          Begin maintenance
        </Button>
      </div>
    </form>
  );
}
