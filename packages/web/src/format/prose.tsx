import { sentence } from './words.js';

/** A sentence from the robot; what it has between back-ticks is a command, a file or a name. */
export function Prose({ text }: { text: string }) {
  const parts = sentence(text).split('`');
  return parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
