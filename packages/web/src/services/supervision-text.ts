import type { Supervision, SupervisedService } from '@rovi/contract';
import type { Tone } from '../format/tone.js';
import { durationText } from '../format/words.js';

/** What is done about one instance, as a line of the page. */
export interface SupervisionLine {
  readonly key: string;
  readonly tone: Tone;
  /** `Crash loop: next try in 12 s, 2 of 3`. */
  readonly text: string;
}

/** What supervision does about each instance; empty while it has nothing to do. `now` is the robot's clock. */
export function supervisionLines(service: SupervisedService, now: number | null): SupervisionLine[] {
  return service.instances.flatMap((instance): SupervisionLine[] => {
    const { supervision, id } = instance;
    if (supervision.phase === 'watching') return [];
    const text = supervisionText(supervision, now);
    return [
      {
        key: String(id),
        tone: supervision.phase === 'gave-up' ? 'bad' : supervision.phase === 'trying' ? 'busy' : 'warn',
        text: service.max === 1 ? text : `Instance ${id}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`,
      },
    ];
  });
}

/** The same in words for one instance. Empty while it only watches. */
export function supervisionText(supervision: Supervision, now: number | null): string {
  const { phase, tries, tries_max: most } = supervision;
  switch (phase) {
    case 'watching':
      return '';
    case 'backoff':
      return `Unhealthy: restart ${inText(supervision, now)}, ${tries + 1} of ${most}`;
    case 'cooldown':
      return `Crash loop: next try ${inText(supervision, now)}, ${tries + 1} of ${most}`;
    case 'trying':
      return `Crash loop: try ${tries} of ${most} is under way`;
    case 'gave-up':
      return most === 0
        ? 'Given up: no further try'
        : `Given up after ${tries === 1 ? '1 try' : `${tries} tries`}: somebody has to start it`;
  }
}

function inText({ next_at: next }: Supervision, now: number | null): string {
  if (next === null || now === null) return 'soon';
  // A moment that has passed by the second is now.
  const left = Math.ceil((Date.parse(next) - now) / 1_000) * 1_000;
  return left <= 0 ? 'now' : `in ${durationText(left)}`;
}
