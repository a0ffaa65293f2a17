import { Button, Modal, TextInput } from '@mantine/core';
import { fleetCommandText } from '@rovi/client/browser';
import type { BlastRadius } from '@rovi/client/browser';
import { useState } from 'react';
import { ESTOP_MEANS } from '../estop/estop-button.js';
import { Note } from '../format/note.js';
import { Prose } from '../format/prose.js';
import { sentence } from '../format/words.js';
import { stopsNow, targetsOf, typedFirst } from './fleet-commander.js';
import type { FleetQuestion } from './fleet-commander.js';
import { useFleet, useFleetCommanderState, useWhyNot } from './fleet-context.js';
import { robotsText } from './robots-text.js';

/** Asks before robots are commanded, with what they say that it would hit. */
export function QuestionDialog() {
  const { commander } = useFleet();
  const question = useFleetCommanderState((state) => state.question);
  return (
    <Modal
      opened={question !== null}
      onClose={() => commander.cancel()}
      title={question === null ? '' : titleOf(question)}
      size="lg"
      // Below the header, which stays in reach.
      yOffset={88}
      // Mantine's head of a dialog is a <header>, which would be a second banner of the page.
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Do not', size: 44 }}
    >
      {question !== null && <Question key={titleOf(question)} question={question} />}
    </Modal>
  );
}

function titleOf({ command, robots }: FleetQuestion): string {
  const text = fleetCommandText(command);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)} on ${robotsText(robots.length)}?`;
}

function Question({ question }: { question: FleetQuestion }) {
  const { commander } = useFleet();
  const sending = useFleetCommanderState((state) => state.sending);
  const whyNot = useWhyNot();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const { radius, robots, command } = question;
  const targets = targetsOf(question);
  const wanted = typedFirst(question);
  const ready = targets !== null && whyNot === null && (wanted === null || typed.trim() === wanted);
  return (
    <form
      className="question"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void commander.confirm(reason);
      }}
    >
      {command.kind === 'estop' ? (
        <p>
          {ESTOP_MEANS} Sent at once to all of them, each stays e-stopped until somebody resets it there.
          Stacks run on.
        </p>
      ) : radius === null ? (
        <p role="status">Asking {robotsText(robots.length)} what it would hit…</p>
      ) : (
        <Radius radius={radius} stops={stopsNow(command)} />
      )}
      {whyNot !== null && (
        <Note tone="unknown" title="Nothing can be commanded now">
          <p>{whyNot}</p>
        </Note>
      )}
      <TextInput
        label="Reason"
        description="Kept in each robot’s record; may be empty."
        maxLength={500}
        value={reason}
        onChange={({ currentTarget: { value } }) => setReason(value)}
      />
      {wanted !== null && (
        <TextInput
          label={`Type ${wanted}, the number of robots, to confirm`}
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          onChange={({ currentTarget: { value } }) => setTyped(value)}
        />
      )}
      <div className="actions actions-end">
        <Button variant="default" onClick={() => commander.cancel()} data-autofocus>
          Do not
        </Button>
        <Button color="red" type="submit" loading={sending} disabled={!ready}>
          {targets === null ? 'Nothing to command' : `Command ${robotsText(targets.length)}`}
        </Button>
      </div>
    </form>
  );
}

/** Groups of robots: on which the same would happen, and those that say no for the same reason. */
function Radius({ radius: { impacts, problems, targets }, stops }: { radius: BlastRadius; stops: boolean }) {
  return (
    <>
      <ul className="radius" aria-label="What it would hit">
        {impacts.map(({ robots, text, processes }) => (
          <li key={text} data-tone={processes === 0 ? 'busy' : 'warn'}>
            <strong>
              {robotsText(robots.length)}: {text}
            </strong>
            {processes > 0 && <p>{processes === 1 ? '1 process ends.' : `${processes} processes end.`}</p>}
            <Names names={robots} />
          </li>
        ))}
        {problems.map(({ robots, problem }) => (
          <li key={problem.code} data-tone="bad">
            <strong>
              {robotsText(robots.length)} {stops ? 'did not say what stops' : 'left out'}
            </strong>
            : <Prose text={sentence(problem.message)} /> <Prose text={problem.mend} />{' '}
            <code>{problem.code}</code>
            <Names names={robots} />
          </li>
        ))}
      </ul>
      {targets.length === 0 && !stops && (
        <Note tone="bad" title="No robot would do it">
          <p>Nothing was done.</p>
        </Note>
      )}
    </>
  );
}

/** Names of robots that are shown at once. */
const FEW = 6;

function Names({ names }: { names: readonly string[] }) {
  if (names.length <= FEW) return <p className="small soft radius-names">{names.join(', ')}</p>;
  return (
    <details className="radius-names small">
      <summary>
        {names.slice(0, 3).join(', ')} and {names.length - 3} more
      </summary>
      <p className="soft">{names.join(', ')}</p>
    </details>
  );
}
