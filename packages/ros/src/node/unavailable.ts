/** This machine, as it is, has no ROS that the process could serve. */
export class Unavailable extends Error {
  /** What to do about it. */
  readonly mend: string;

  constructor(text: string, mend: string) {
    super(text);
    this.name = 'Unavailable';
    this.mend = mend;
  }
}
