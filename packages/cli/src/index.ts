export { buildProgram } from './program.js';
export { EXIT, exitCodeHelp, exitCodeOf } from './exit-codes.js';
