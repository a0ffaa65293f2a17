import { isRecord, labelOf, unitOf } from './ticket-text.js';

/** One param of a command, as a form asks for it. */
export interface ParamField {
  readonly name: string;
  readonly label: string;
  readonly kind: 'number' | 'integer' | 'text' | 'flag' | 'choice' | 'json';
  /** Empty where it has none. */
  readonly unit: string;
  readonly description: string;
  readonly required: boolean;
  /** What stands in the field at first. */
  readonly initial: string;
  readonly least: number | null;
  readonly most: number | null;
  /** True: `least` itself is too little. */
  readonly above: boolean;
  /** True: `most` itself is too much. */
  readonly below: boolean;
  /** Only multiples of it; null where any will do. */
  readonly step: number | null;
  /** Of a choice. */
  readonly choices: readonly string[];
}

/** What a person entered: texts by name, and for flags `true` or `false`. */
export type ParamTexts = Readonly<Record<string, string>>;

/** The fields of a form for these params (JSON Schema of an object). */
export function fieldsOf(schema: Readonly<Record<string, unknown>>): ParamField[] {
  const { properties, required } = schema;
  if (!isRecord(properties)) return [];
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, given]) => {
    const one = isRecord(given) ? given : {};
    const description = typeof one['description'] === 'string' ? one['description'] : '';
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = one;
    const choices = Array.isArray(one['enum']) ? one['enum'].filter((each) => typeof each === 'string') : [];
    const initial = one['default'];
    return {
      name,
      label: labelOf(name),
      kind: kindOf(one['type'], choices.length),
      unit: unitOf(name, description),
      description,
      required: needed.includes(name) && initial === undefined,
      initial: initial === undefined ? '' : typeof initial === 'string' ? initial : JSON.stringify(initial),
      least: numberOr(exclusiveMinimum) ?? numberOr(minimum),
      most: numberOr(exclusiveMaximum) ?? numberOr(maximum),
      above: numberOr(exclusiveMinimum) !== null,
      below: numberOr(exclusiveMaximum) !== null,
      step: numberOr(one['multipleOf']),
      choices,
    };
  });
}

function kindOf(type: unknown, choices: number): ParamField['kind'] {
  if (choices > 0) return 'choice';
  if (type === 'number' || type === 'integer') return type;
  if (type === 'boolean') return 'flag';
  return type === 'string' ? 'text' : 'json';
}

/** A bound that is the largest safe integer is none: it is how JSON Schema writes "any integer". */
function numberOr(value: unknown): number | null {
  return typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null;
}

/** What may be entered, in a few words: `more than 0 m/s`, `from -360 to 360°`; empty where all may. */
export function boundsText({ least, most, above, below, step, unit }: ParamField): string {
  const with_ = unit === '' ? '' : unit === '°' ? '°' : ` ${unit}`;
  const multiple = step === null ? '' : `a multiple of ${step}${with_}`;
  if (least !== null && most !== null && !above && !below) {
    return `${multiple === '' ? '' : `${multiple}, `}from ${least} to ${most}${with_}`;
  }
  const parts = [
    multiple,
    least === null ? '' : `${above ? 'more than' : 'at least'} ${least}${with_}`,
    most === null ? '' : `${below ? 'less than' : 'at most'} ${most}${with_}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** A number as people write it, a comma for the point too; null where it is none. */
export function readNumber(text: string): number | null {
  const plain = text.trim().replace(',', '.');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}

/** The params that were entered, and what is wrong with them, by name. */
export function readParams(
  fields: readonly ParamField[],
  texts: ParamTexts,
): { readonly params: Record<string, unknown>; readonly faults: Readonly<Record<string, string>> } {
  const params: Record<string, unknown> = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const text = texts[field.name] ?? field.initial;
    if (text.trim() === '' && field.kind !== 'flag') {
      if (field.required) faults[field.name] = 'Needed.';
      continue;
    }
    const read = readValue(field, text);
    if ('fault' in read) faults[field.name] = read.fault;
    else params[field.name] = read.value;
  }
  return { params, faults };
}

function readValue(
  field: ParamField,
  text: string,
): { readonly value: unknown } | { readonly fault: string } {
  switch (field.kind) {
    case 'number':
    case 'integer': {
      const value = readNumber(text);
      if (value === null || (field.kind === 'integer' && !Number.isInteger(value)))
        return { fault: field.kind === 'integer' ? 'A whole number is needed.' : 'A number is needed.' };
      return within(field, value) ? { value } : { fault: `It must be ${boundsText(field)}.` };
    }
    case 'flag':
      return { value: text === 'true' };
    case 'text':
    case 'choice':
      return { value: text.trim() };
    case 'json':
      try {
        return { value: JSON.parse(text) as unknown };
      } catch {
        return { fault: 'JSON is needed.' };
      }
  }
}

function within({ least, most, above, below, step }: ParamField, value: number): boolean {
  if (step !== null && value % step !== 0) return false;
  if (least !== null && (above ? value <= least : value < least)) return false;
  return most === null || (below ? value < most : value <= most);
}
