import type { Key } from 'node:readline';

/** What can be done while the table is on the screen. */
export type Action =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'start'
  | 'stop'
  | 'restart'
  | 'logs'
  | 'details'
  | 'estop'
  | 'stop-all'
  | 'sort'
  | 'filter'
  | 'unwell'
  | 'help'
  | 'clear'
  | 'retry'
  | 'suspend'
  | 'quit';

/** The keys of each action, and its words in the help; those with a `short` one are always on the last line. */
export const keyMap: readonly {
  readonly action: Action;
  readonly keys: readonly string[];
  readonly help?: string;
  readonly short?: string;
}[] = [
  { action: 'up', keys: ['up', 'k'], help: 'and down, j, pageup, pagedown, g, G: move' },
  { action: 'down', keys: ['down', 'j'] },
  { action: 'page-up', keys: ['pageup', 'ctrl-b'] },
  { action: 'page-down', keys: ['pagedown', 'ctrl-f'] },
  { action: 'first', keys: ['home', 'g'] },
  { action: 'last', keys: ['end', 'G'] },
  { action: 'start', keys: ['s'], help: 'start; asks if another stack must stop', short: 'start' },
  { action: 'stop', keys: ['x'], help: 'stop; shows what stops with it, and asks', short: 'stop' },
  { action: 'restart', keys: ['r'], help: 'restart; shows what it hits, and asks', short: 'restart' },
  { action: 'logs', keys: ['l'], help: 'its journal, as it comes', short: 'logs' },
  { action: 'details', keys: ['enter', 'd'], help: 'why it is so; its last operations', short: 'details' },
  { action: 'filter', keys: ['/'], help: 'only rows with these words', short: 'filter' },
  { action: 'unwell', keys: ['a'], help: 'only what is not well; again: all', short: 'not well' },
  { action: 'sort', keys: ['S'], help: 'sort: robot, name, state, cpu, memory', short: 'sort' },
  { action: 'estop', keys: ['E'], help: "e-stop of its host's tickets, at once", short: 'e-stop' },
  { action: 'stop-all', keys: ['X'], help: 'stop every stack of its host, at once', short: 'stop-all' },
  { action: 'retry', keys: ['R'], help: 'try lost hosts again now' },
  { action: 'clear', keys: ['esc'], help: 'clear filter and messages' },
  { action: 'suspend', keys: ['ctrl-z'], help: 'back to the shell; `fg` goes on' },
  { action: 'help', keys: ['?'], help: 'this', short: 'help' },
  { action: 'quit', keys: ['q', 'ctrl-c'], help: 'end', short: 'quit' },
];

const actions = new Map(keyMap.flatMap(({ action, keys }) => keys.map((key) => [key, action] as const)));

/** What a key does on the table; null for none. */
export function actionOf(key: Key, text: string | null): Action | null {
  return actions.get(keyName(key, text)) ?? null;
}

/** A key as the map writes it: what it types, else its name. */
export function keyName({ name, ctrl, sequence }: Key, text: string | null): string {
  if (ctrl === true) return `ctrl-${name ?? ''}`;
  if (name === 'escape') return 'esc';
  if (name === 'return' || name === 'enter') return 'enter';
  return text !== null && text !== ' ' ? text : (name ?? sequence ?? '');
}
