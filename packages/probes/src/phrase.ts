/** What a line of a list takes. */
const LENGTH = 200;

/** The text on one line, without characters that command a terminal, cut at 200 characters. */
export function phrase(text: string): string {
  const line = text
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= LENGTH ? line : `${characters.slice(0, LENGTH - 1).join('')}…`;
}
