import { Button, Modal } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop, IconRotate } from '@tabler/icons-react';
import type { Impact } from '@rovi/contract';
import { useEffect, useRef } from 'react';
import { Note } from '../format/note.js';
import { StateBadge } from '../format/state-badge.js';
import { sentence } from '../format/words.js';
import { useIsLive } from '../live/robot-context.js';
import { useCommander, useCommanderState } from './commander-context.js';
import { wishText } from './wish.js';

const effects = {
  stops: { text: 'stops', Icon: IconPlayerStop },
  starts: { text: 'starts', Icon: IconPlayerPlay },
  restarts: { text: 'restarts', Icon: IconRotate },
};

/** Asks before a command that hits more than its target, with what the robot says it would hit. */
export function ConfirmDialog() {
  const commander = useCommander();
  const live = useIsLive();
  const question = useCommanderState((state) => state.question);
  const sending = useCommanderState((state) => state.sending.some((wish) => wish === question?.wish));
  const focus = useLastFocus();
  const title = question === null ? '' : `${wishText(question.wish)}?`;
  return (
    <Modal
      opened={question !== null}
      onClose={() => commander.cancel()}
      returnFocus={false}
      onExitTransitionEnd={() => focus.current?.focus()}
      title={title}
      size="lg"
      // Below the header, which stays in reach.
      yOffset={88}
      // Mantine's head of a dialog is a <header>, which would be a second banner of the page.
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Do not', size: 44 }}
    >
      {question !== null && (
        <div className="question">
          {question.changed && (
            <Note tone="warn" title="The situation changed since it was shown">
              <p>Nothing was done. This is what the command would do now.</p>
            </Note>
          )}
          {!live && (
            <Note tone="unknown" title="The link is lost">
              <p>The robot may have moved on. It refuses where this no longer holds.</p>
            </Note>
          )}
          <p className="question-text">{sentence(`This ${question.impact.text}`)}</p>
          <Affected impact={question.impact} />
          <Order impact={question.impact} />
          <div className="actions actions-end">
            <Button variant="default" onClick={() => commander.cancel()} data-autofocus>
              Do not
            </Button>
            <Button color="red" loading={sending} onClick={() => void commander.confirm()}>
              {wishText(question.wish)}
            </Button>
          </div>
        </div>
      )}
    </Modal>
  );
}

/**
 * Where a person was before a dialog. Not what has the focus when it opens: the button that was pressed is disabled by
 * then, and browsers take the focus from a disabled button sooner or later.
 */
function useLastFocus() {
  const last = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const note = ({ target }: FocusEvent): void => {
      if (target instanceof HTMLElement && target.closest('[role="dialog"]') === null) last.current = target;
    };
    document.addEventListener('focusin', note);
    return () => document.removeEventListener('focusin', note);
  }, []);
  return last;
}

function counted(processes: number): string {
  return processes === 1 ? '1 process ends.' : `${processes} processes end.`;
}

/** Of services, in which order: only where there is one, for what is in one wave goes at the same time. */
function Order({ impact: { waves } }: { impact: Impact }) {
  if (waves.length < 2) return null;
  return (
    <details className="order">
      <summary>In this order</summary>
      <ol>
        {waves.map(({ effect, units }) => (
          <li key={`${effect} ${units.join(' ')}`}>
            {effect === 'stops' ? 'Stops' : 'Starts'} {units.join(', ')}
          </li>
        ))}
      </ol>
    </details>
  );
}

function Affected({ impact }: { impact: Impact }) {
  return (
    <ul className="affected">
      {impact.affects.map(({ name, effect, state, level, text, processes }) => {
        const { text: word, Icon } = effects[effect];
        return (
          <li key={`${effect} ${name}`}>
            <Icon size={22} aria-hidden />
            <span>
              <strong>{name}</strong> {word}
              <br />
              <span className="soft small">
                {sentence(`now ${text}`)}
                {processes > 0 && effect !== 'starts' ? ` ${counted(processes)}` : ''}
              </span>
            </span>
            <StateBadge state={state} level={level} />
          </li>
        );
      })}
    </ul>
  );
}
