import type { Robot } from '@rovi/testbed';
import { LineProcess } from '../line-process.js';
import type { Answer, AskedRequest, LoadFigures } from './asker.js';

/** How a load is put on: as many connections as ask at once, for so long, or until so many requests were sent. */
export interface Load {
  readonly connections: number;
  readonly ms: number;
  readonly requests?: number;
}

/** The bench's end of asker.ts: an HTTP client inside the robot, as root. */
export class Asker {
  readonly #process: LineProcess;

  constructor(robot: Robot) {
    this.#process = new LineProcess(robot, ['node', '/opt/rovi-src/bench/dist/http/asker.js'], 'root');
  }

  /** One request on a connection that is kept for the next. Whatever the status, it is an answer. */
  ask(request: AskedRequest): Promise<Answer> {
    return this.#process.ask<Answer>({ ask: request });
  }

  /** Rejects where one answer is no 200. */
  load(request: AskedRequest, load: Load): Promise<LoadFigures> {
    return this.#process.ask<LoadFigures>({ load: request, ...load });
  }

  /** Runs a program again and again, `connections` of them at once. Rejects where one fails. */
  spawn(argv: readonly string[], load: Load): Promise<LoadFigures> {
    return this.#process.ask<LoadFigures>({ spawn: argv, ...load });
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}
