import type { Probe } from './probe.js';
import { bad, good, unseen } from './probe.js';

/** Whether systemd calls the unit active, and what is alive in its control group. Costs nothing: both are signalled. */
export const processProbe: Probe<'process'> = {
  type: 'process',
  look({ process: name }, { active, processes, unit }) {
    if (active === null) return Promise.resolve(unseen(`systemd cannot be asked about ${unit}`));
    if (!active) return Promise.resolve(bad(`${unit} is not active`));
    if (processes === null) return Promise.resolve(unseen('its processes have not been read yet'));
    const figures = { processes: processes.length };
    const alive = processes.length === 1 ? '1 process' : `${processes.length} processes`;
    if (name !== undefined) {
      const found = processes.find(({ names }) => names.includes(name));
      return Promise.resolve(
        found === undefined
          ? bad(`no process ${name} among ${alive}`, figures)
          : good(`${name} is alive, pid ${found.pid}`, figures),
      );
    }
    return Promise.resolve(
      processes.length === 0 ? bad(`${unit} has no processes`, figures) : good(`${alive} alive`, figures),
    );
  },
};
