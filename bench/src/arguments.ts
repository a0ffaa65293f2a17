import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { REPOSITORY } from '@rovi/testbed';
import { FULL, QUICK } from './plan.js';
import type { Plan } from './plan.js';

export const USAGE = `npm run bench -- [options]
  --quick         small numbers, one robot: to see that it works
  --sizes A,B     catalog sizes (10,100,1000)
  --json FILE     write everything that was measured, each sample
  --from FILE     measure nothing: show an earlier run, as --json wrote it
  --docs FILE     write the page (docs/performance.md where all is measured, else nowhere)
`;

export interface BenchArguments {
  readonly plan: Plan;
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
      from: { type: 'string' },
      json: { type: 'string' },
      docs: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const base = values.quick ? QUICK : FULL;
  const sizes = values.sizes?.split(',').map(Number) ?? base.sizes;
  if (sizes.some((size) => !Number.isInteger(size) || size < 10 || size > 1100)) {
    throw new Error('--sizes: expected whole numbers from 10 to 1100, separated by commas');
  }
  const whole = !values.quick && values.sizes === undefined && values.from === undefined;
  return {
    plan: { ...base, sizes },
    from: values.from,
    json: values.json,
    docs: values.docs ?? (whole ? join(REPOSITORY, 'docs/performance.md') : undefined),
  };
}
