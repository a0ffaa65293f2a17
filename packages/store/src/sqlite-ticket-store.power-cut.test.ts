import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Estop, Ticket, TicketDetail } from '@rovi/contract';
import { mayTicketGo, ticketStatuses } from '@rovi/contract';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { actor, at, done, move, processesOf, storeAt, ticket, ticketCommand } from './tickets.fixture.js';
import type { TicketReply, TicketRequest } from './tickets/protocol.js';
import { replyOf } from './tickets/protocol.js';
import type { Step } from './traced-disk.fixture.js';
import { stepsOf, straceOf, TracedDisk } from './traced-disk.fixture.js';

/** `ROVI_POWER_CUTS=2000` for as many; without it as many as there is time for. */
const cuts = Number(process.env['ROVI_POWER_CUTS'] ?? 200);
const budget = process.env['ROVI_POWER_CUTS'] === undefined ? 25_000 : 3_600_000;

type Ask = TicketRequest extends infer One ? (One extends { id: number } ? Omit<One, 'id'> : never) : never;

/** The process of the tickets under strace: everything that was asked of it, and what it answered. */
class TracedProcess {
  readonly #child;
  readonly #requests: TicketRequest[];
  readonly #waiting = new Map<number, (reply: TicketReply) => void>();

  /** `requests` are those of all such processes, each at the place of its id. */
  constructor(path: string, record: string, requests: TicketRequest[]) {
    this.#requests = requests;
    const [program = '', ...words] = [...straceOf(record), ...ticketCommand, path];
    this.#child = spawn(program, words, { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const reply = replyOf(line);
      if (reply !== null) this.#waiting.get(reply.id)?.(reply);
    });
  }

  ask(ask: Ask): Promise<TicketReply> {
    const id = this.#requests.length;
    const request = { id, ...ask } as TicketRequest;
    this.#requests.push(request);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    await once(this.#child, 'close');
  }

  async kill(path: string): Promise<void> {
    const ended = once(this.#child, 'close');
    for (const pid of processesOf(path)) if (pid !== this.#child.pid) process.kill(pid, 'SIGKILL');
    await ended;
  }
}

const estopBy = (name: string, active: boolean): Estop => ({
  ...{ active, since: at(1), actor: { ...actor, name }, reason: name, stored: true },
});

/** Creates tickets, takes them through their lives and touches the e-stop, several requests at a time. */
async function work(process_: TracedProcess, turns: number, from: number): Promise<void> {
  const open: Ticket[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const asks: Promise<TicketReply>[] = [];
    const number = from + turn;
    const note = 'x'.repeat(randomInt(4) === 0 ? 6_000 : 50);
    const one = ticket(number, { metadata: { note } });
    asks.push(process_.ask({ call: 'create', ticket: one }));
    const moved = open.splice(randomInt(open.length + 1), 1 + randomInt(3));
    for (const { id, status } of moved) {
      const to = { pending: 'queued', queued: 'executing', executing: 'completed' }[String(status)];
      if (to === undefined) continue;
      // Two want it, one gets it.
      for (const rival of ['a', 'b']) {
        const step = move(0, status, to as Ticket['status'], { reason: `${id} ${to} ${rival}` });
        const outcome = status === 'executing' ? { outcome: done } : {};
        asks.push(process_.ask({ call: 'move', move: { ...step, id, ...outcome } }));
      }
    }
    if (turn % 9 === 0)
      asks.push(process_.ask({ call: 'setEstop', estop: estopBy(`e-${number}`, turn % 2 === 0) }));
    // What is asked in one turn is committed together, or not: as it comes.
    for (const reply of await Promise.all(asks)) {
      expect(reply).not.toHaveProperty('problem');
      if ('value' in reply && reply.value !== null && reply.value !== undefined)
        open.push(reply.value as Ticket);
    }
    open.push(one);
    if (open.length > 30) open.shift();
  }
}

let folder = '';
const requests: TicketRequest[] = [];
const steps: Step[] = [];

/** Three lives of the process, one after the other on the same files: closed, killed, closed. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rovi-power-'));
  const state = join(folder, 'state');
  const path = join(state, 'tickets.db');
  await mkdir(state);
  const disk = new TracedDisk();
  for (const [life, turns] of [260, 220, 60].entries()) {
    const record = join(folder, `trace-${life}`);
    const process_ = new TracedProcess(path, record, requests);
    await process_.ask({ call: 'settle', at: at(life), actor });
    await work(process_, turns, life * 1000);
    if (life === 1) await process_.kill(path);
    else await process_.end();
    const more = stepsOf(record, state, disk.whole().keys());
    for (const step of more) disk.take(step);
    // Nothing was missed: else the model is none of this disk.
    for (const [name, content] of disk.whole())
      if (!name.endsWith('-shm')) expect(content.equals(await readFile(join(state, name))), name).toBe(true);
    steps.push(...more);
  }
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A request with what was said to it. */
interface Answered {
  readonly request: TicketRequest;
  readonly reply: TicketReply;
}

function answeredBy(text: string): Answered[] {
  return text.split('\n').flatMap((line) => {
    const reply = replyOf(line);
    const request = reply === null ? undefined : requests[reply.id];
    return reply === null || request === undefined ? [] : [{ request, reply }];
  });
}

/** What a store that was found after a power cut lacks, or has and should not. */
function faultsOf(
  found: ReadonlyMap<string, TicketDetail>,
  estop: Estop,
  answered: readonly Answered[],
): string[] {
  const faults: string[] = [];
  let lastEstop = -1;
  for (const { request, reply } of answered) {
    if (request.call === 'create') {
      const { id, metadata, created_at: created } = request.ticket;
      const kept = found.get(id);
      if (kept?.created_at !== created || kept.metadata['note'] !== metadata['note'])
        faults.push(`${id} is not there`);
    } else if (request.call === 'move') {
      const { id, to, reason } = request.move;
      const kept = found.get(id)?.transitions.filter((step) => step.to === to && step.reason === reason);
      const wanted = 'value' in reply && reply.value !== null ? 1 : 0;
      if (kept?.length !== wanted)
        faults.push(`"${reason}" is there ${String(kept?.length)} times, not ${wanted}`);
    } else if (request.call === 'setEstop') lastEstop = request.id;
  }
  const allowed = requests.flatMap((one) =>
    one.call === 'setEstop' && one.id >= lastEstop ? [one.estop.reason] : [],
  );
  if (lastEstop === -1) allowed.push('');
  if (!allowed.includes(estop.reason)) faults.push(`the e-stop is that of "${estop.reason}"`);
  for (const { id, transitions, status, attempts, attempt_list: list } of found.values()) {
    const chained = transitions
      .slice(1)
      .every(
        ({ from, to }, index) => from !== null && from === transitions[index]?.to && mayTicketGo(from, to),
      );
    if (!chained || transitions.at(-1)?.to !== status || list.length !== attempts)
      faults.push(`the story of ${id} does not hold together`);
  }
  return faults;
}

it(
  'is all there, and sound, after a power cut at any moment',
  async () => {
    const end = performance.now() + budget;
    /** In order, so that the disk is led there once: many where a fsync has just come back or is due. */
    const syncs = steps.flatMap(({ kind }, index) => (kind === 'sync' ? [index] : []));
    const anyOf = (): number =>
      randomInt(3) === 0 ? randomInt(steps.length) : (syncs[randomInt(syncs.length)] ?? 0) + randomInt(-3, 4);
    const moments = Array.from({ length: cuts }, anyOf).sort((one, other) => one - other);
    // Where there is no time for all, it is not the last that are left out.
    const disk = new TracedDisk();
    const began = performance.now();
    const answered: Answered[] = [];
    let [taken, made, acknowledged] = [0, 0, 0];
    for (const [index, moment] of moments.entries()) {
      for (; taken < Math.min(moment, steps.length); taken += 1) {
        const step = steps[taken];
        if (step === undefined) break;
        disk.take(step);
        if (step.kind === 'said') answered.push(...answeredBy(step.text));
      }
      const now = performance.now();
      const needed = ((now - began) / Math.max(1, made)) * (moments.length - index);
      // As many as are asserted below are made, however long each takes here.
      const isSpare = made + moments.length - index > 21;
      if (isSpare && (now > end || (made > 5 && Math.random() > (end - now) / needed))) continue;
      const place = join(folder, `cut-${index}`);
      await disk.cut(place);
      const path = join(place, 'tickets.db');
      const { store, warnings } = storeAt(path);
      try {
        const found = new Map<string, TicketDetail>();
        for await (const one of store.export({})) found.set(one.id, one);
        expect(faultsOf(found, await store.estop(), answered)).toEqual([]);
        const tally = Object.fromEntries(
          ticketStatuses.map((status) => [
            status,
            [...found.values()].filter((one) => one.status === status).length,
          ]),
        );
        expect(await store.counts()).toEqual({ total: found.size, ...tally });
        const settled = await store.open(at(9000), actor);
        expect(settled).toHaveLength((tally['queued'] ?? 0) + (tally['executing'] ?? 0));
        await store.create(ticket(9999));
      } catch (error) {
        throw new Error(`after a power cut before step ${moment} of ${steps.length}`, { cause: error });
      } finally {
        await store.close();
      }
      expect(warnings).toEqual([]);
      const database = new Database(path, { fileMustExist: true });
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
      database.close();
      await rm(place, { recursive: true });
      made += 1;
      acknowledged += answered.length;
    }
    process.stderr.write(
      `${made} power cuts among ${steps.length} steps, ${syncs.length} of them fsync: all of ${(acknowledged / made).toFixed(0)} acknowledged requests, on average, were there\n`,
    );
    expect(made).toBeGreaterThan(20);
  },
  budget + 180_000,
);
