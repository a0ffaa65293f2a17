/** pino's words for its levels. */
const levels: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** A line of JSON, also behind the name of the process, which a launch puts before what it writes. */
const record = /^(?<before>\[[^\]]*\] )?(?:<\d>)?(?<json>\{.*\})\s*$/;

/**
 * A line of the gateway's log as a person reads it: level, message, then the fields as `name=value`. Empty fields, the
 * time (the journal has its own) and stack traces are left out: `--json` has them. Null for any other text.
 */
export function gatewayRecordText(line: string): string | null {
  const { before = '', json = '' } = record.exec(line)?.groups ?? {};
  const fields = objectOf(json);
  const { level, msg } = fields ?? {};
  if (fields === null || typeof level !== 'number') return null;
  const rest = Object.entries(fields).filter(([name]) => !['level', 'time', 'msg'].includes(name));
  const parts = [levels[level] ?? `level ${String(level)}`, typeof msg === 'string' ? msg : ''];
  return (
    before + [...parts, ...rest.flatMap(([name, value]) => fieldTexts(name, value))].filter(Boolean).join(' ')
  );
}

function fieldTexts(name: string, value: unknown): string[] {
  if (value === null || value === '') return [];
  if (typeof value === 'string')
    return [`${name}=${/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`];
  if (typeof value !== 'object' || Array.isArray(value)) return [`${name}=${JSON.stringify(value)}`];
  return Object.entries(value)
    .filter(([part]) => part !== 'stack')
    .flatMap(([part, one]) => fieldTexts(`${name}.${part}`, one));
}

function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
