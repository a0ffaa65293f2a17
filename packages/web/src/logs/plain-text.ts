import stripAnsi from 'strip-ansi';

// eslint-disable-next-line no-control-regex -- these are what must not reach the page
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * What a program wrote as text that is only text: colours for terminals are left out, every other control code, and
 * what turns the direction of writing, is spelt out. Tabs and line breaks stay.
 */
export function plainText(message: string): string {
  const lines = message.includes('\r\n') ? message.replaceAll('\r\n', '\n') : message;
  const bare = lines.includes('\u001b') || lines.includes('\u009b') ? stripAnsi(lines) : lines;
  return bare.replace(INVISIBLE, spelt);
}

/** A picture of the code where Unicode has one, else its number. */
function spelt(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
