type Log = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** The part of a pino logger the adapters use: fields first, then a constant message. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}

const ignore: Log = () => undefined;

/** A logger that says nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
