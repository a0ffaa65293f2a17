import { Button } from '@mantine/core';
import { IconAlertOctagon } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Note } from '../format/note.js';
import { actorText, momentText, sentence } from '../format/words.js';
import { useIsLive, useMayCommand, useRobotState, useRobotTime } from '../live/robot-context.js';
import { ESTOP_MEANS } from './estop-button.js';
import { useEstop, useEstopState, useEstopSwitch } from './estop-context.js';

/**
 * On every view while the e-stop of tickets is active: who, when and why, what it does not end, and how it is lifted.
 * Whoever pressed is brought to it.
 */
export function EstopBanner() {
  const estop = useEstop();
  const estopSwitch = useEstopSwitch();
  const live = useIsLive();
  const allowed = useMayCommand();
  const now = useRobotTime();
  const running = useRobotState(({ view }) => view?.snapshot.active ?? null);
  const pressed = useEstopState(({ answer }) => answer);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // It is above all else, where somebody who has scrolled does not see it appear.
    if (pressed?.estop.active === true) place.current?.scrollIntoView({ block: 'nearest' });
  }, [pressed]);
  if (estop?.active !== true) return null;
  const { since, actor, reason, stored } = estop;
  return (
    <div ref={place} className="estop-banner">
      <Note
        tone={live ? 'bad' : 'unknown'}
        Icon={IconAlertOctagon}
        title={live ? 'E-stopped' : 'E-stopped when it was last heard'}
      >
        <p>
          By {actorText(actor?.name ?? 'unknown')}
          {since !== null && (
            <>
              {' '}
              at <time dateTime={since}>{momentText(since, now ?? Date.parse(since))}</time>
            </>
          )}
          {reason === '' ? ', without a reason.' : `: ${sentence(reason)}`} No ticket begins until it is
          reset.
        </p>
        {!stored && <p>It could not be written down: a restart of the gateway would forget it.</p>}
        {running !== null && live && (
          <p>
            <strong>
              {running} runs on: what it drives by itself ends with{' '}
              {allowed ? 'Stop, above' : 'Stop, of an operator'}.
            </strong>
          </p>
        )}
        <p className="soft small">{ESTOP_MEANS}</p>
        {allowed && (
          <div className="actions">
            <Button variant="default" disabled={!live} onClick={() => estopSwitch.ask()}>
              Reset the e-stop…
            </Button>
          </div>
        )}
      </Note>
    </div>
  );
}
