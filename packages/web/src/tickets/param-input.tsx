import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { boundsText } from './params-fields.js';
import type { ParamField } from './params-fields.js';

/** Asks for one param of a command, with its unit and bounds. */
export function ParamInput({
  field,
  value,
  fault,
  onChange,
}: {
  field: ParamField;
  value: string;
  fault: string | null;
  onChange: (value: string) => void;
}) {
  const { kind, label, unit, description, required, choices } = field;
  const bounds = boundsText(field);
  const common = {
    label: unit === '' ? label : `${label} (${unit})`,
    size: 'md',
    required,
    error: fault,
    // Of what the unit says already, nothing is said twice.
    description: [description === unit ? '' : description, bounds === '' ? '' : `${capital(bounds)}.`]
      .filter((text) => text !== '')
      .join(' '),
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as (
      'label' | 'input' | 'description' | 'error'
    )[],
  } as const;
  if (kind === 'flag') {
    return (
      <Checkbox
        size="md"
        label={label}
        description={description}
        checked={value === 'true'}
        onChange={({ currentTarget: { checked } }) => onChange(String(checked))}
      />
    );
  }
  if (kind === 'choice') {
    return (
      <NativeSelect
        {...common}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        data={required || value !== '' ? [...(value === '' ? [''] : []), ...choices] : ['', ...choices]}
      />
    );
  }
  return (
    <TextInput
      {...common}
      inputMode={kind === 'number' || kind === 'integer' ? 'decimal' : 'text'}
      autoCapitalize="off"
      autoCorrect="off"
      spellCheck={false}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
