import type { StackCommandKind } from '@rovi/contract';
import { commandText } from '../format/words.js';

/** A command on stacks. `stack` is null for stop-all. */
export interface StackWish {
  readonly kind: StackCommandKind;
  readonly stack: string | null;
}

/** A command on one service; `instances`: how many are meant to run. */
export type ServiceWish =
  | { readonly kind: 'start' | 'stop' | 'restart' | 'rolling-restart'; readonly service: string }
  | { readonly kind: 'scale'; readonly service: string; readonly instances: number };

/** A command on its way from a person to the robot. */
export type Wish = StackWish | ServiceWish;

/** The name of the unit that it is about; null for stop-all. */
export function unitOf(wish: Wish): string | null {
  return 'service' in wish ? wish.service : wish.stack;
}

/** The command as a title: `Switch to nav`, `Scale api to 3`. */
export function wishText(wish: Wish): string {
  const text = commandText(wish.kind, unitOf(wish));
  return wish.kind === 'scale' ? `${text} to ${wish.instances}` : text;
}
