import type { Probe } from './probe.js';
import { bad, good, unseen } from './probe.js';

/** Whether another service is ready, or a stack runs whole. */
export const dependencyProbe: Probe<'dependency'> = {
  type: 'dependency',
  look({ service }, { isReady }) {
    const ready = isReady(service);
    if (ready === null) return Promise.resolve(unseen(`it is not known whether ${service} is ready`));
    return Promise.resolve(ready ? good(`${service} is ready`) : bad(`${service} is not ready`));
  },
};
