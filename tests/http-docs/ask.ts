import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';

/** A request as a client of any kind would send it. */
export interface Question {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Over TCP, where root is an admin. */
  readonly asAdmin?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The media type without its parameters. */
  readonly type: string;
  /** The body; of an event stream only its first event. */
  readonly text: string;
}

/** The answer to one request on a connection of its own to a socket's path or a port; of an event stream, as far as the first event. */
export function ask(
  where: string | number,
  { method = 'GET', path, headers = {}, body }: Question,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request({
      ...(typeof where === 'string' ? { socketPath: where } : { host: '127.0.0.1', port: where }),
      method,
      path,
      headers: { ...headers },
      agent: false,
    });
    asked.setTimeout(10_000, () => asked.destroy(new Error(`no answer to ${method} ${path}`)));
    asked.on('error', reject);
    asked.on('response', (response) => {
      const type = (response.headers['content-type'] ?? '').split(';')[0] ?? '';
      let text = '';
      const done = (): void =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, type, text });
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (type !== 'text/event-stream' || !text.includes('\n\n')) return;
        done();
        asked.destroy();
      });
      response.on('end', done);
      response.on('error', reject);
    });
    asked.end(body);
  });
}
