import { OFFER_MS, RoviError, snapshotSchema } from '@rovi/contract';
import type { FleetAskBody, FleetImpact, FleetReply, Snapshot } from '@rovi/contract';
import { ALL_SILENT } from './all-silent.js';
import { ASK_MS, robotOffline } from './fleet-errand.js';
import type { FleetMail, Asked, Behalf } from './fleet-mail.js';
import type { Standing } from './fleet-table.js';

/** Robots that are asked at the same time. */
const AT_ONCE = 100;

/** What robots are asked without anything being done. */
export class FleetQuestions {
  readonly #mail: FleetMail;
  readonly #standing: (robot: string) => Standing | null;

  constructor(mail: FleetMail, standing: (robot: string) => Standing | null) {
    this.#mail = mail;
    this.#standing = standing;
  }

  /** What the command would hit on each robot, in their order. Rejects where no robot can be asked. */
  async impacts(body: FleetAskBody, behalf: Behalf): Promise<FleetImpact[]> {
    this.#mail.ready();
    const impacts: FleetImpact[] = [];
    const queue = [...body.robots.entries()];
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, robot] = next;
        impacts[index] = await this.#impact(robot, body, behalf);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, body.robots.length) }, worker));
    return impacts;
  }

  /** The robot's snapshot. Rejects as {@link FleetConsole.look} says. */
  async look(robot: string, behalf: Behalf): Promise<Snapshot> {
    const reply = await this.#answer(robot, { kind: 'look' }, behalf);
    const snapshot = reply.kind === 'look' ? snapshotSchema.safeParse(reply.snapshot) : null;
    if (snapshot?.success === true) return snapshot.data;
    throw new RoviError('robot-silent', `${robot} has answered with something else than its state`, {
      mend: 'Compare the versions of Rovi on this gateway and on the robot.',
    });
  }

  async #impact(robot: string, { command }: FleetAskBody, behalf: Behalf): Promise<FleetImpact> {
    try {
      // The offer is let go, and another is asked for when it is meant: until then it should not stand for long.
      const asked: Asked = { kind: 'ask', command, reason: '', offer_ms: OFFER_MS.min };
      const reply = await this.#answer(robot, asked, behalf);
      const impact = reply.kind === 'offer' ? reply.impact : null;
      // What would be refused is a no already: it is not to be shown as what changes nothing.
      if (impact !== null && impact.refusal !== null) return { robot, impact: null, problem: impact.refusal };
      return { robot, impact, problem: null };
    } catch (error) {
      return { robot, impact: null, problem: RoviError.from(error).toProblem() };
    }
  }

  /** The first answer. Rejects with why there is none, or with what the robot refuses. */
  // async, so that what is thrown rejects
  async #answer(robot: string, asked: Asked, behalf: Behalf): Promise<FleetReply> {
    this.#mail.ready();
    const standing = this.#standing(robot);
    if (standing === null) throw robotUnknown(robot);
    if (standing.presence !== 'online') throw robotOffline(robot, standing);
    return await new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        clearTimeout(deadline);
        letter.close();
        finish();
      };
      const letter = this.#mail.send({
        robot,
        asked,
        behalf,
        expiry: Math.ceil(ASK_MS / 1_000),
        replied: (reply) =>
          end(() =>
            reply.kind === 'refused' ? reject(RoviError.fromProblem(reply.problem)) : resolve(reply),
          ),
        undelivered: (problem) => end(() => reject(problem)),
      });
      const deadline = setTimeout(() => {
        const message = `${robot} has not answered within ${String(ASK_MS / 1_000)} s`;
        end(() =>
          reject(
            new RoviError('robot-silent', message, {
              mend: `Look whether ${robot} is still there. ${ALL_SILENT}`,
            }),
          ),
        );
      }, ASK_MS);
    });
  }
}

/** What is said of a robot that was never heard of. */
export function robotUnknown(robot: string): RoviError {
  return new RoviError('robot-unknown', `no robot "${robot}" has told the broker of itself`, {
    mend: '`rovictl fleet status` lists the robots.',
  });
}
