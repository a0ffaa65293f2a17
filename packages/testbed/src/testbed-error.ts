/** The testbed could not do its part: a host without the tools, a robot that did not boot, a deadline that passed. */
export class TestbedError extends Error {
  override readonly name = 'TestbedError';
}
