import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { REPOSITORY } from '@rovi/testbed';
import { FULL, QUICK } from './plan.js';
import type { Plan } from './plan.js';
import { FULL_ROS, QUICK_ROS } from './ros/ros-plan.js';
import type { RosPlan } from './ros/ros-plan.js';

export const USAGE = `npm run bench -- [options]
  --quick         small numbers, one robot: to see that it works
  --sizes A,B     catalog sizes (10,100,1000)
  --ros           only the ROS face, which is else measured after the rest where a ROS 2 is sourced
  --ros-sizes A,B catalog sizes of the ROS face (5,100,1000)
  --json FILE     write everything that was measured, each sample
  --from FILE     measure nothing: show an earlier run, as --json wrote it
  --docs FILE     write the page (docs/performance.md where all is measured, else nowhere); the page of the ROS face
                  is written beside it (performance-ros.md)
`;

export interface BenchArguments {
  readonly plan: Plan;
  readonly rosPlan: RosPlan;
  /** Measure nothing but the ROS face. */
  readonly rosOnly: boolean;
  /** An earlier run to show instead of measuring. */
  readonly from: string | undefined;
  readonly json: string | undefined;
  readonly docs: string | undefined;
}

/** Reads the command line. Throws where it cannot be understood. */
export function readArguments(argv: readonly string[]): BenchArguments | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      sizes: { type: 'string' },
      ros: { type: 'boolean', default: false },
      'ros-sizes': { type: 'string' },
      from: { type: 'string' },
      json: { type: 'string' },
      docs: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const base = values.quick ? QUICK : FULL;
  const baseRos = values.quick ? QUICK_ROS : FULL_ROS;
  const sizes = readSizes('--sizes', values.sizes, 10) ?? base.sizes;
  const rosSizes = readSizes('--ros-sizes', values['ros-sizes'], 2) ?? baseRos.sizes;
  const asked = values.quick || values.sizes !== undefined || values['ros-sizes'] !== undefined;
  const whole = !asked && values.from === undefined;
  return {
    plan: { ...base, sizes },
    rosPlan: { ...baseRos, sizes: rosSizes },
    rosOnly: values.ros,
    from: values.from,
    json: values.json,
    docs: values.docs ?? (whole ? join(REPOSITORY, 'docs/performance.md') : undefined),
  };
}

function readSizes(option: string, text: string | undefined, least: number): number[] | undefined {
  const sizes = text?.split(',').map(Number);
  if (sizes?.some((size) => !Number.isInteger(size) || size < least || size > 1100) === true) {
    throw new Error(`${option}: expected whole numbers from ${least} to 1100, separated by commas`);
  }
  return sizes;
}
