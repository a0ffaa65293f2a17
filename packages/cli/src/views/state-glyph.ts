import type { HealthWord, StackState, VerdictLevel } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';

type Paint = (text: string) => string;

/** The sign and the colour of a state. The word always stands beside them: colour alone tells nobody anything. */
export function stateGlyph(state: StackState, colour: Colors): { glyph: string; paint: Paint } {
  switch (state) {
    case 'RUNNING':
      return { glyph: '●', paint: colour.green };
    case 'STARTING':
      return { glyph: '◐', paint: colour.yellow };
    case 'STOPPING':
      return { glyph: '◑', paint: colour.yellow };
    case 'STOPPED':
      return { glyph: '○', paint: colour.dim };
    case 'MAINTENANCE':
      return { glyph: '⚒', paint: colour.cyan };
    case 'FAILED':
      return { glyph: '✗', paint: colour.red };
    case 'UNKNOWN':
      return { glyph: '?', paint: colour.magenta };
  }
}

/** The colour of a verdict. */
export function verdictPaint(level: VerdictLevel, colour: Colors): Paint {
  switch (level) {
    case 'ok':
      return (text) => text;
    case 'warn':
      return colour.yellow;
    case 'error':
      return colour.red;
    case 'stale':
      return colour.magenta;
  }
}

/** The colour of what health checks come to. */
export function healthPaint(health: HealthWord, colour: Colors): Paint {
  switch (health) {
    case 'healthy':
      return colour.green;
    case 'degraded':
    case 'starting':
      return colour.yellow;
    case 'unhealthy':
      return colour.red;
    case 'unknown':
      return colour.magenta;
    case 'none':
      return colour.dim;
  }
}
