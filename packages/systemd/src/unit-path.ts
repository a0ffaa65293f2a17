const UNITS = '/org/freedesktop/systemd1/unit/';

/** The object path systemd gives a unit: every byte but ASCII letters and digits (and a leading digit) as `_xx`. */
export function unitPath(unit: string): string {
  let escaped = '';
  for (const byte of Buffer.from(unit, 'utf8')) {
    const letter = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
    const digit = byte >= 0x30 && byte <= 0x39 && escaped !== '';
    escaped += letter || digit ? String.fromCharCode(byte) : `_${byte.toString(16).padStart(2, '0')}`;
  }
  return UNITS + (escaped === '' ? '_' : escaped);
}
