import { RoviError } from '@rovi/contract';
import type { TicketReply, TicketRequest } from './protocol.js';
import { writingCalls } from './protocol.js';
import { sqliteCode, sqliteProblem } from './sqlite-problem.js';
import type { TicketFile } from './ticket-file.js';
import type { TicketTables } from './ticket-tables.js';

/**
 * Answers all requests of one turn. What writes is committed together, in the order it came, so that many share one wait
 * for the disk; then what reads is answered, and sees it. A request that is refused undoes nothing but itself.
 */
export function answerAll(file: TicketFile, requests: readonly TicketRequest[]): TicketReply[] {
  const writes = requests.filter(({ call }) => writingCalls.has(call));
  const reads = requests.filter(({ call }) => !writingCalls.has(call));
  return [...commit(file, writes), ...reads.map((request) => answerRead(file, request))];
}

function commit(file: TicketFile, requests: readonly TicketRequest[]): TicketReply[] {
  if (requests.length === 0) return [];
  try {
    return file.write((tables, savepoint) =>
      requests.map((request) => {
        try {
          return { id: request.id, value: savepoint(() => answer(tables, request)) };
        } catch (error) {
          // What is wrong with the disk is everybody's.
          const code = sqliteCode(error);
          if (code !== '' && !code.startsWith('SQLITE_CONSTRAINT')) throw error;
          return problemReply(request, RoviError.from(error));
        }
      }),
    );
  } catch (error) {
    // What is small may have room where all of it had none.
    if (sqliteCode(error) === 'SQLITE_FULL' && requests.length > 1) {
      return requests.flatMap((request) => commit(file, [request]));
    }
    return requests.map((request) => problemReply(request, sqliteProblem(file.path, error)));
  }
}

function answerRead(file: TicketFile, request: TicketRequest): TicketReply {
  try {
    return { id: request.id, value: file.read((tables) => answer(tables, request)) };
  } catch (error) {
    return problemReply(request, sqliteProblem(file.path, error));
  }
}

function answer(tables: TicketTables, request: TicketRequest): unknown {
  switch (request.call) {
    case 'settle':
      return tables.settle(request);
    case 'create':
      return void tables.create(request.ticket);
    case 'move':
      return tables.move(request.move);
    case 'setEstop':
      return void tables.setEstop(request.estop);
    case 'prune':
      return tables.prune(request);
    case 'read':
      return tables.read(request.ticket);
    case 'list':
      return tables.list(request.query);
    case 'counts':
      return tables.counts();
    case 'estop':
      return tables.estop();
    case 'page':
      return tables.page(request.query, request);
  }
}

function problemReply({ id }: TicketRequest, error: RoviError): TicketReply {
  return { id, problem: error.toProblem() };
}
