import { z } from 'zod';

/** A duration in whole seconds between `min` and `max`. */
export const seconds = (min: number, max: number) =>
  z
    .int(`expected a whole number of seconds from ${min} to ${max}`)
    .min(min, `expected at least ${min} s`)
    .max(max, `expected at most ${max} s`);
