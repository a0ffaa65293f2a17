import { Unavailable } from './unavailable.js';

/** The highest domain whose ports fit below 65536 (DDSI-RTPS: 7400 + 250 × domain). */
const HIGHEST = 232;

/**
 * The domain that ROS_DOMAIN_ID names; 0 where it is unset or empty. Throws {@link Unavailable} for what is none: rcl
 * ends the process with "error not set", or takes it for another.
 */
export function domainOf(text: string | undefined): number {
  const said = text ?? '';
  if (/^\d{0,3}$/.test(said) && Number(said) <= HIGHEST) return Number(said);
  throw new Unavailable(
    `ROS_DOMAIN_ID is ${JSON.stringify(said.slice(0, 40))}, which is no domain`,
    `Set it to a number from 0 to ${HIGHEST} (101 and below are safe from other programs' ports) in the environment file.`,
  );
}
