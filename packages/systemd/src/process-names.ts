import { basename } from 'node:path';

/** The kernel cuts a process's name to so many bytes. */
const COMM_BYTES = 15;

const interpreters = /^(?:python[0-9.]*|bash|dash|sh|zsh|node|nodejs|perl[0-9.]*|ruby[0-9.]*)$/;

/** Options after which an interpreter runs text, not a file: such a process has no script. */
const inlineText: Readonly<Record<string, RegExp>> = {
  python: /^-[A-Za-z]*c/,
  shell: /^-[A-Za-z]*c/,
  node: /^(?:-[a-z]*[ep]|--eval|--print)(?:=|$)/,
  perl: /^-[A-Za-z]*[eE]/,
  ruby: /^-[A-Za-z]*e/,
};

/** Options whose value is the next argument. */
const withValue: Readonly<Record<string, RegExp>> = {
  python: /^-[WX]$/,
  shell: /^[-+][oO]$/,
  node: /^(?:-r|-C|--require|--import|--loader|--conditions)$/,
  perl: /^-I$/,
  ruby: /^-[rIC]$/,
};

/**
 * The names an expected process may be known by. Without a command line that is its comm. With one it is the base
 * name of `argv[0]`, if the process still bears it (its comm is that name, cut to 15 bytes), and the base name of the
 * script where `argv[0]` is an interpreter. A child between fork and exec thus bears its parent's names, never its own.
 */
export function processNames(comm: string, argv: readonly string[] | null): string[] {
  const program = argv === null ? '' : basename((argv[0] ?? '').replace(/^-/, ''));
  if (argv === null || program === '') return [comm];
  const names = new Set<string>();
  if (Buffer.from(program).subarray(0, COMM_BYTES).toString() === comm) names.add(program);
  if (interpreters.test(program)) {
    const script = scriptOf(program, argv.slice(1));
    if (script !== null) names.add(basename(script));
  }
  return [...names];
}

function scriptOf(program: string, rest: readonly string[]): string | null {
  const kind = /sh$/.test(program) ? 'shell' : program.replace(/js$|[0-9.]+$/, '');
  for (let index = 0; index < rest.length; index += 1) {
    const argument = rest[index] ?? '';
    if (argument === '--') return rest[index + 1] ?? null;
    if (!/^[-+]./.test(argument)) return argument === '' || argument === '-' ? null : argument;
    if (inlineText[kind]?.test(argument) === true) return null;
    if (withValue[kind]?.test(argument) === true) index += 1;
  }
  return null;
}
