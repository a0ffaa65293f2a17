import type { ProbeTarget, UnitManager } from '@rovi/conductor';
import type { Probe, Seen, SpecOf } from './probe.js';
import { bad, good, unseen } from './probe.js';

/** Longer than any check may take: the signal ends the wait before. */
const WAIT_MS = 310_000;
/** How `podman healthcheck run` says that the container's check failed; any other status is its own trouble. */
const EXIT_UNHEALTHY = 1;

/**
 * Asks the engine for the health of the container, through the unit that may ask it: the engine is root's (decision 0022).
 * A look that is ended leaves that unit to its own time limit.
 */
export class ContainerProbe implements Probe<'container'> {
  readonly type = 'container';
  readonly #units: Pick<UnitManager, 'startUnit'>;

  constructor(units: Pick<UnitManager, 'startUnit'>) {
    this.#units = units;
  }

  async look(
    _: SpecOf<'container'>,
    { container, service }: ProbeTarget,
    signal: AbortSignal,
  ): Promise<Seen> {
    if (container === null) return unseen(`${service} is no container`);
    const { result, reading } = await this.#units.startUnit(container.healthUnit, {
      deadlineMs: WAIT_MS,
      signal,
    });
    if (result === 'done') return good(`the engine calls ${container.name} healthy`);
    if (reading.result === 'timeout') return bad(`the check of ${container.name} hung and was ended`);
    const status = reading.execMainStatus;
    if (result === 'failed' && reading.result === 'exit-code' && status === EXIT_UNHEALTHY) {
      return bad(`the engine calls ${container.name} unhealthy`, { exit_status: status });
    }
    const why = reading.result === 'exit-code' ? `exit code ${status}` : reading.result;
    return unseen(`${container.healthUnit} could not ask the engine: ${result} (${why})`);
  }
}
