/** A new id: the day (UTC) of the wall clock, milliseconds since the epoch, and 32 random bits. */
export function ticketId(now: number): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  const [bits = 0] = crypto.getRandomValues(new Uint32Array(1));
  return `tick-${day}-${bits.toString(16).padStart(8, '0')}`;
}
