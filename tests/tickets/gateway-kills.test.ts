/** The whole gateway killed, again and again, while clients create, execute, cancel and e-stop: what it said holds. */
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { RoviClient } from '@rovi/client';
import { RoviError } from '@rovi/contract';
import { expect, test } from 'vitest';
import { InstalledRobot } from '../installed-robot.js';
import { Acknowledged } from './acknowledged.js';

const GATEWAY = 'rovi-gateway.service';
/** `ROVI_GATEWAY_KILLS=500` for as many; without it as many as there is time for. */
const kills = Number(process.env['ROVI_GATEWAY_KILLS'] ?? 200);
const budget = process.env['ROVI_GATEWAY_KILLS'] === undefined ? 160_000 : 3_600_000;

const rovi = new InstalledRobot('gatewaykills', {
  furnish: async ({ robot }) => {
    // Killed more often than systemd would let it begin.
    await robot.writeFile(`/etc/systemd/system/${GATEWAY}.d/kills.conf`, '[Unit]\nStartLimitIntervalSec=0\n');
    await robot.exec(['systemctl', 'daemon-reload']);
  },
});

/** Nobody says whether it was done: the gateway is gone, or its store is. */
const LOST: ReadonlySet<string> = new Set(['gateway-unreachable', 'tickets-unavailable']);
/** What a client must reckon with that does not look before. */
const REFUSED: ReadonlySet<string> = new Set(['ticket-state', 'estop-active']);

/** One life of the gateway, as its clients see it. */
class Life {
  readonly #api: RoviClient;
  readonly #heard: Acknowledged;
  /** Tickets that may not have come to their end. */
  readonly #open: string[];
  #over = false;

  constructor(api: RoviClient, heard: Acknowledged, open: string[]) {
    this.#api = api;
    this.#heard = heard;
    this.#open = open;
  }

  /** Six that command, one that e-stops, one that listens; resolves when the gateway answers none of them any more. */
  async lived(): Promise<void> {
    const { tickets } = this.#api;
    const listening = this.#listen();
    await Promise.all([
      ...Array.from({ length: 3 }, () => this.#repeat(() => this.#create())),
      ...Array.from({ length: 2 }, () => this.#repeat(() => this.#execute())),
      this.#repeat(async () => {
        const id = this.#any();
        if (id === null) return pause(1);
        const by = this.#heard.name();
        this.#heard.story(await tickets.cancel(id, { actor: by, reason: by }));
        await pause(randomInt(30));
      }),
      this.#repeat(() => this.#estop()),
    ]);
    await listening;
  }

  async #create(): Promise<void> {
    const by = this.#heard.name();
    const body =
      randomInt(4) === 0
        ? { command: 'scan', dry_run: true }
        : {
            command: 'drive',
            params: { speed: 1, duration_seconds: 0.05 + randomInt(100) / 1000 },
            dry_run: true,
          };
    const { id } = await this.#api.tickets.create(body, { actor: by });
    this.#heard.create(by, id);
    this.#open.push(id);
    if (this.#open.length > 60) this.#open.shift();
    await pause(randomInt(10));
  }

  async #execute(): Promise<void> {
    const id = this.#any();
    if (id === null) return pause(1);
    const by = this.#heard.name();
    this.#heard.asksToExecute(by, id);
    const options = { actor: by, force: randomInt(4) === 0, async: randomInt(3) > 0 };
    this.#heard.execution(by, await this.#api.tickets.execute(id, options));
    if (randomInt(3) === 0) this.#heard.story(await this.#api.tickets.read(id));
  }

  async #estop(): Promise<void> {
    const { tickets } = this.#api;
    const by = this.#heard.name();
    const active = !this.#heard.estop.active;
    if (active) await pause(randomInt(200));
    this.#heard.callsEstop({ active, by });
    this.#heard.estopped(await (active ? tickets.estop({ actor: by }) : tickets.resetEstop({ actor: by })));
  }

  async #listen(): Promise<void> {
    await this.#repeat(async () => {
      for await (const event of this.#api.events())
        if (event.type === 'ticket' && event.ticket !== null) this.#heard.told(event.ticket);
    });
  }

  #any(): string | null {
    return this.#open.length === 0 ? null : (this.#open[randomInt(this.#open.length)] ?? null);
  }

  async #repeat(act: () => Promise<unknown>): Promise<void> {
    while (!this.#over) {
      try {
        await act();
      } catch (error) {
        if (!(error instanceof RoviError)) throw error;
        if (error.code === 'gateway-unreachable') this.#over = true;
        else if (!LOST.has(error.code) && !REFUSED.has(error.code)) throw error;
      }
    }
  }
}

test(
  'nothing acknowledged is lost and nothing is executed twice, however often the gateway is killed',
  async () => {
    const heard = new Acknowledged();
    const open: string[] = [];
    const counts = { main: 0, all: 0, starting: 0 };
    const end = performance.now() + budget;
    const killed = (): number => counts.main + counts.all + counts.starting;
    const kill = (whom: string) => `systemctl kill --kill-whom=${whom} --signal=KILL ${GATEWAY}`;
    let starts = 0;
    while (killed() < kills && performance.now() < end) {
      const life = new Life(rovi.api, heard, open).lived();
      await pause(randomInt(250));
      const whom = killed() % 2 === 0 ? 'main' : 'all';
      // Now and then once more while it begins: when it opens the store and settles what was left.
      const again = randomInt(6) === 0 ? (randomInt(700) / 1000).toFixed(3) : null;
      const early =
        again === null
          ? ''
          : `systemctl restart --no-block ${GATEWAY}; sleep ${again}; ${kill('main')} || true;`;
      const began = performance.now();
      await rovi.robot.shell(`set -e; ${kill(whom)}; ${early} systemctl restart ${GATEWAY}`);
      starts += performance.now() - began;
      counts[whom] += 1;
      if (again !== null) counts.starting += 1;
      await life;
      const tickets = await rovi.robot.waitFor('tickets', async () => {
        const state = await rovi.api.state();
        return state.tickets?.available === true ? state.tickets : null;
      });
      // Nothing moves because a gateway came back.
      expect(tickets.counts).toMatchObject({ executing: 0, queued: 0 });
      heard.checkEstop(tickets.estop);
      await Promise.all([...heard.touched].map(async (id) => heard.check(await rovi.api.tickets.read(id))));
    }
    const found = { tickets: 0, interrupted: 0, requeued: 0, completed: 0 };
    const created = new Map<string, string>();
    for await (const ticket of rovi.api.tickets.export()) {
      heard.check(ticket);
      found.tickets += 1;
      created.set(ticket.transitions[0]?.actor.name ?? '', ticket.id);
      found.completed += ticket.attempt_list.filter(({ status }) => status === 'completed').length;
      found.interrupted += ticket.attempt_list.filter(({ status }) => status === 'failed').length;
      found.requeued += ticket.transitions.filter(
        ({ from, to }) => from === 'queued' && to === 'pending',
      ).length;
    }
    for (const [by, id] of heard.created) expect(created.get(by)).toBe(id);
    let ends = 0;
    // One while it begins can come before there is anything to kill.
    await rovi.robot.waitFor('all kills in the journal', async () => {
      const journal = await rovi.robot.journal(['-o', 'cat', '-u', GATEWAY]);
      ends = journal.match(/Main process exited, code=killed, status=9\/KILL/g)?.length ?? 0;
      return ends >= counts.main + counts.all;
    });
    process.stderr.write(
      `${ends} kills (${JSON.stringify(counts)}), ${(starts / (counts.main + counts.all)).toFixed(0)} ms each until it was back; ${heard.answers} answers, ${heard.created.size} tickets acknowledged; found ${JSON.stringify(found)}\n`,
    );
    expect(killed()).toBeGreaterThan(10);
    expect(Math.min(...Object.values(found))).toBeGreaterThan(0);
  },
  budget + 60_000,
);

// The kills are the story, and what the store's process says of its end where that is heard.
rovi.expectNoWarningsBut(
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
  /^rovi-gateway\.service\[3\] systemd: Failed to start rovi-gateway\.service/,
  /^rovi-gateway\.service\[4\] rovi-gateway: .*"part":"(store|tickets)"/,
);
