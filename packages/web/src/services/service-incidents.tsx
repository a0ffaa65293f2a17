import { Link } from 'wouter';
import { ToneIcon } from '../format/state-badge.js';
import { momentText, sentence } from '../format/words.js';
import { useRobotTime } from '../live/robot-context.js';
import { incidentWord, isFailure } from '../timeline/happenings.js';
import { useTimeline } from '../timeline/use-timeline.js';

const SHOWN = 5;

/** What happened to a service last, newest first. */
export function ServiceIncidents({ name, several }: { name: string; several: boolean }) {
  const { timeline, problem } = useTimeline();
  const now = useRobotTime();
  const incidents = (timeline?.incidents ?? []).filter(({ incident }) => incident.service === name);
  return (
    <section aria-labelledby="incidents" className="card service-part">
      <h2 id="incidents">Last incidents</h2>
      {incidents.length === 0 ? (
        <p className="soft">
          {problem !== null
            ? sentence(problem.message)
            : timeline === null
              ? 'Reading…'
              : 'None since the gateway began.'}
        </p>
      ) : (
        <ul className="incidents">
          {incidents.slice(0, SHOWN).map(({ seq, at, incident }) => {
            const tone = isFailure(incident.type) ? 'bad' : 'rest';
            return (
              <li key={seq} data-tone={tone}>
                <ToneIcon tone={tone === 'bad' ? 'bad' : 'good'} size={18} />
                <span>
                  <strong>{incidentWord(incident.type)}</strong>
                  {incident.instance === null || !several ? '' : `, instance ${incident.instance}`}:{' '}
                  {sentence(incident.text)}{' '}
                  <time className="soft figures" dateTime={at}>
                    {momentText(at, now ?? Date.parse(at))}
                  </time>
                </span>
              </li>
            );
          })}
        </ul>
      )}
      <p className="small">
        <Link href="/timeline">All on the timeline</Link>
      </p>
    </section>
  );
}
