/** What health checks are asked at, on 127.0.0.1. Words: a port for TCP, one for HTTP. */
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';

const [tcp, http] = process.argv.slice(2).map(Number);
createServer((socket) => socket.on('error', () => undefined).resume()).listen(tcp, '127.0.0.1');
createHttp((_, answer) => void answer.end('{"status":"ok"}')).listen(http, '127.0.0.1');
