import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { RoviError } from '@rovi/contract';
import { Note } from '../format/note.js';
import { sentence } from '../format/words.js';
import type { FeedLink } from './log-feed.js';

/** That what is shown does not go on, and why; nothing while it does. */
export function LogBanner({ link, onRetry }: { link: FeedLink; onRetry: () => void }) {
  if (link.state !== 'lost' && link.state !== 'ended') return null;
  const again = link.state === 'lost';
  return (
    <Note tone={again ? 'warn' : 'bad'} title={again ? 'No new lines at the moment' : 'The lines end here'}>
      <p>
        {lossText(link.problem)}{' '}
        {again && 'It is tried again by itself, and goes on after the last line shown.'}
      </p>
      {link.state === 'ended' && link.problem.mend !== '' && <p>{sentence(link.problem.mend)}</p>}
      <div className="actions">
        <Button variant="default" leftSection={<IconRefresh size={20} aria-hidden />} onClick={onRetry}>
          Try now
        </Button>
      </div>
    </Note>
  );
}

/** Why a stream ended, in plain words. */
function lossText(problem: RoviError): string {
  if (problem.code === 'client-too-slow')
    return 'Lines came faster than this device or its network could take them.';
  if (problem.code === 'too-many-clients') return 'Too many others read logs on this robot.';
  if (problem.code === 'gateway-unreachable' && problem.context['reason'] === 'stopping')
    return 'The gateway is stopping, perhaps to start anew.';
  return sentence(problem.message);
}
