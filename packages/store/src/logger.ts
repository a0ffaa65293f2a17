/** The part of a pino logger that a store uses: fields first, then a constant message. */
export interface Logger {
  readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void;
}
