/**
 * Why a call over the bus came to nothing, before it is translated for people (`translateBusFailure`):
 * - `reply`: the other side answered with a D-Bus error, named by `errorName`
 * - `timeout`: no answer within the deadline; the call may have had its effect all the same
 * - `lost`: the connection ended before the answer; the call may have had its effect all the same
 * - `unavailable`: there is no connection, nothing was sent
 */
export class BusFailure extends Error {
  readonly kind: 'reply' | 'timeout' | 'lost' | 'unavailable';
  readonly errorName: string;

  constructor(kind: BusFailure['kind'], message: string, errorName = '', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BusFailure';
    this.kind = kind;
    this.errorName = errorName;
  }
}
