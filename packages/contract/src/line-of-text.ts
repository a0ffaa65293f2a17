import { z } from 'zod';

/**
 * Text on one line that a unit file can hold once it is quoted, at most `max` long: no control characters, and none of
 * the code points that systemd does not take for UTF-8 text (surrogates, noncharacters such as U+FFFE).
 */
export const lineOfText = (max: number) =>
  z
    .string()
    .max(max, `expected at most ${max} characters`)
    .regex(
      /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]*$/u,
      'expected one line without control characters',
    )
    .refine((text) => !text.trimEnd().endsWith('\\'), {
      message: 'expected text that does not end in a back-slash',
    });
