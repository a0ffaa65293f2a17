import { RoviError } from '@rovi/contract';
import type { FleetConsole } from './ports/fleet-console.js';

function off(): RoviError {
  return new RoviError('fleet-off', 'this gateway does not observe a fleet', {
    mend: 'Set `mqtt.fleet.observe: true` in its catalog, and run install.sh again.',
  });
}

const refuse = (): never => {
  throw off();
};

/** What a gateway says that observes no fleet: `fleet-off`, to everything. */
export const noFleet: FleetConsole = {
  status: refuse,
  follow: refuse,
  ask: () => Promise.reject(off()),
  run: refuse,
  runs: refuse,
  look: () => Promise.reject(off()),
};
