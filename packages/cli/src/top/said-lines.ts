import pc from 'picocolors';
import type { Terminal } from '../terminal.js';

/** A terminal for a command that runs behind the screen: what it says is heard line by line, without colours. */
export function saidLines(hear: (line: string) => void): Terminal {
  const colour = pc.createColors(false);
  const say = (text: string): void => {
    for (const line of text.split('\n')) if (line.trim() !== '') hear(line.trim());
  };
  return {
    out: say,
    err: say,
    outRaw: say,
    errRaw: say,
    colour,
    errColour: colour,
    live: false,
    errLive: false,
    width: () => Infinity,
    rows: () => Infinity,
    errWidth: () => Infinity,
    errRows: () => Infinity,
  };
}
