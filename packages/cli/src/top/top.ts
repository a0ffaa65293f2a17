import type { Key } from 'node:readline';
import type { Terminal } from '../terminal.js';
import { CommandDesk, type Question } from './command-desk.js';
import type { CommandedHost } from './command-hit.js';
import { DetailsPane } from './details-pane.js';
import { footLines, helpLines, keyLine } from './frame.js';
import type { ScreenLine } from './full-screen.js';
import { headerLines } from './header.js';
import type { HostLink } from './host-link.js';
import { actionOf, keyName, type Action } from './keys.js';
import { LogPane } from './log-pane.js';
import { arranged, isWell, nextSort, type RowOrder } from './row-order.js';
import { moved, NO_SELECTION, settled } from './selection.js';
import { tableLines } from './unit-table.js';
import { rowsOf, type UnitRow } from './unit-row.js';

/** A host in the table. */
export interface TopHost extends CommandedHost {
  readonly link: HostLink;
}

export interface TopOptions {
  readonly terminal: Terminal;
  readonly hosts: readonly TopHost[];
  /** The picture is another now. */
  readonly onChange: () => void;
  readonly onQuit: () => void;
  readonly onSuspend: () => void;
}

/** Actions on the selected unit, or on its host. */
type OnUnit = 'start' | 'stop' | 'restart' | 'logs' | 'details' | 'estop' | 'stop-all';

/** What is on the screen, and what each key does to it. It draws nothing and waits for nothing. */
export class Top {
  readonly #options: TopOptions;
  readonly desk: CommandDesk;
  #order: RowOrder = { sort: 'robot', filter: '', unwell: false };
  #selection = NO_SELECTION;
  /** Rows the table has room for, as last drawn. */
  #height = 1;
  #typing = false;
  #question: Question | null = null;
  #notice: string | null = null;
  /** Keys pressed, and how many when something was commanded last. */
  #presses = 0;
  #askedAt = 0;
  #pane: LogPane | DetailsPane | 'help' | null = null;
  #rows = new Map<HostLink, { readonly of: object; readonly rows: readonly UnitRow[] }>();

  constructor(options: TopOptions) {
    this.#options = options;
    this.desk = new CommandDesk({
      onChange: options.onChange,
      onQuestion: (question) => {
        // Whoever has gone on typing does not see it, and the next letter would be its answer.
        if (this.#presses === this.#askedAt) this.#question = question;
        else this.#notice = `${question.ask} was not asked, for you went on typing: nothing was done`;
        options.onChange();
      },
    });
  }

  /** A key was pressed; `text` is what it types. */
  press(key: Key, text: string | null): void {
    this.#notice = null;
    this.#presses += 1;
    if (keyName(key, text) === 'ctrl-c') this.#options.onQuit();
    else if (keyName(key, text) === 'ctrl-z') this.#options.onSuspend();
    else if (this.#question !== null) this.#answer(this.#question, text);
    else if (this.#typing) this.#type(key, text);
    else this.#act(key, text);
    this.#options.onChange();
  }

  /** The whole picture. */
  frame(now: number): ScreenLine[] {
    const { terminal, hosts } = this.#options;
    const { colour } = terminal;
    const width = Math.min(terminal.width(), 500);
    const height = Math.min(terminal.rows(), 500);
    const all = this.#allRows();
    const rows = arranged(all, this.#order);
    const foot = footLines(
      {
        activities: this.desk.activities,
        question: this.#question,
        typing: this.#typing ? this.#order.filter : null,
        notice: this.#notice,
      },
      { now, colour, width, lines: Math.max(2, Math.floor(height / 2)) },
    );
    const head = headerLines(
      hosts.map(({ link }) => link.state),
      {
        ...this.#order,
        units: all.filter(({ kind }) => kind !== 'host').length,
        shown: rows.length,
        unwellUnits: all.filter((row) => !isWell(row)).length,
      },
      { now, colour, width, lines: Math.max(2, Math.min(hosts.length + 1, Math.floor(height / 4))) },
    );
    const room = Math.max(1, height - head.length - foot.length - 1);
    const body = this.#body(all, rows, { now, width, height: room });
    const filler = Array.from({ length: Math.max(0, room - body.length) }, () => ({ text: '' }));
    return [
      ...head.map((text) => ({ text })),
      ...body,
      ...filler,
      ...foot.map((text) => ({ text })),
      { text: keyLine(colour, width) },
    ];
  }

  #body(
    all: readonly UnitRow[],
    rows: readonly UnitRow[],
    { now, width, height }: { readonly now: number; readonly width: number; readonly height: number },
  ): ScreenLine[] {
    const { terminal, hosts } = this.#options;
    const { colour } = terminal;
    const look = { now, colour, width, height };
    const pane = this.#pane;
    this.#height = Math.max(1, height - 1);
    this.#selection = settled(
      this.#selection,
      rows.map(({ key }) => key),
      this.#height,
    );
    const { first, index } = this.#selection;
    const shown = rows.slice(first, first + this.#height);
    const byFigures = this.#order.sort === 'cpu' || this.#order.sort === 'memory';
    this.#want(pane === null ? (byFigures ? rows : shown) : []);
    if (pane === 'help')
      return helpLines(colour)
        .slice(0, height)
        .map((text) => ({ text }));
    if (pane instanceof LogPane) return pane.lines(look).map((text) => ({ text }));
    if (pane instanceof DetailsPane) {
      const row = all.find(({ key }) => key === pane.key);
      const host = hosts.find(({ link }) => link.name === row?.host);
      if (host !== undefined) {
        pane.read(host.link.state, () => host.client());
        return pane.lines(host.link.state, look).map((text) => ({ text }));
      }
    }
    const table = tableLines(shown, all, { now, colour, width: width - 2, several: hosts.length > 1 });
    const lines = table.lines.map((text, place) => {
      const marked = first + place === index;
      return { text: `${marked ? '▸' : ' '} ${text}`, marked };
    });
    const none = rows.length > 0 ? [] : [{ text: colour.dim('  no unit is as asked for; Esc shows all') }];
    return [{ text: colour.cyan(`  ${table.head}`) }, ...lines, ...none];
  }

  #want(shown: readonly UnitRow[]): void {
    for (const { link } of this.#options.hosts) {
      link.want(
        shown.filter(({ host, kind }) => host === link.name && kind !== 'host').map(({ name }) => name),
      );
    }
  }

  /** Of a host that has not changed the rows are those of before. */
  #allRows(): UnitRow[] {
    return this.#options.hosts.flatMap(({ link }) => {
      const kept = this.#rows.get(link);
      if (kept?.of === link.state) return kept.rows;
      const rows = rowsOf(link.state);
      this.#rows.set(link, { of: link.state, rows });
      return rows;
    });
  }

  /** Never a row that the filter has just taken away, though it may still be drawn. */
  #selected(): { readonly row: UnitRow; readonly at: TopHost } | null {
    const rows = arranged(this.#allRows(), this.#order);
    this.#selection = settled(
      this.#selection,
      rows.map(({ key }) => key),
      this.#height,
    );
    const row = rows[this.#selection.index];
    const at = this.#options.hosts.find(({ link }) => link.name === row?.host);
    return row === undefined || at === undefined ? null : { row, at };
  }

  #answer(question: Question, text: string | null): void {
    this.#question = null;
    if (text === 'y' || text === 'Y') question.yes();
    else this.#notice = 'nothing was done';
  }

  #type(key: Key, text: string | null): void {
    const { filter } = this.#order;
    const name = keyName(key, text);
    if (name === 'enter') this.#typing = false;
    else if (name === 'esc') {
      this.#typing = false;
      this.#order = { ...this.#order, filter: '' };
    } else if (name === 'backspace')
      this.#order = { ...this.#order, filter: [...filter].slice(0, -1).join('') };
    else if (text !== null && filter.length < 60) this.#order = { ...this.#order, filter: filter + text };
  }

  #act(key: Key, text: string | null): void {
    const action = actionOf(key, text);
    const pane = this.#pane;
    if (pane === 'help') {
      this.#pane = null;
      return;
    }
    if (pane !== null) {
      if (action === 'quit' || action === 'clear' || (action === 'details' && pane instanceof DetailsPane)) {
        if (pane instanceof LogPane) pane.close();
        this.#pane = null;
        return;
      }
      const scrolled =
        pane instanceof LogPane
          ? pane.press(keyName(key, text) === 'space' ? 'hold' : (action ?? 'help'), this.#height)
          : action !== null && pane.press(action, this.#height);
      if (scrolled || pane instanceof LogPane) return;
    }
    if (action !== null) this.#do(action);
  }

  #do(action: Action): void {
    const keys = arranged(this.#allRows(), this.#order).map(({ key }) => key);
    const move = (by: number): void => {
      this.#selection = moved(this.#selection, by, keys, this.#height);
    };
    switch (action) {
      case 'up':
        return move(-1);
      case 'down':
        return move(1);
      case 'page-up':
        return move(-this.#height);
      case 'page-down':
        return move(this.#height);
      case 'first':
        return move(-keys.length);
      case 'last':
        return move(keys.length);
      case 'sort':
        this.#order = { ...this.#order, sort: nextSort(this.#order.sort) };
        return;
      case 'unwell':
        this.#order = { ...this.#order, unwell: !this.#order.unwell };
        return;
      case 'filter':
        this.#typing = true;
        return;
      case 'clear':
        this.#order = { ...this.#order, filter: '', unwell: false };
        return this.desk.clear();
      case 'help':
        this.#pane = 'help';
        return;
      case 'retry':
        for (const { link } of this.#options.hosts) link.hurry();
        return;
      case 'suspend':
        return this.#options.onSuspend();
      case 'quit':
        return this.#options.onQuit();
      case 'start':
      case 'stop':
      case 'restart':
      case 'logs':
      case 'details':
      case 'estop':
      case 'stop-all':
        return this.#onSelected(action);
    }
  }

  #onSelected(action: OnUnit): void {
    const selected = this.#selected();
    if (selected === null) {
      this.#notice = 'no unit is selected: nothing was done';
      return;
    }
    const { row, at } = selected;
    if (action === 'estop') this.desk.estop(at);
    else if (action === 'stop-all') this.desk.stopAll(at);
    else if (action === 'logs') this.#open(new LogPane(row, this.#options.onChange), row, at);
    else if (action !== 'details') this.#command(action, row, at);
    else if (row.kind !== 'host') this.#pane = new DetailsPane(row, this.#options.onChange);
  }

  #open(pane: LogPane, row: UnitRow, at: TopHost): void {
    if (row.kind === 'host') return;
    this.#pane = pane;
    void pane.follow(at.client(), row);
  }

  #command(action: 'start' | 'stop' | 'restart', row: UnitRow, at: TopHost): void {
    this.#askedAt = this.#presses;
    if (row.kind === 'gateway' || row.kind === 'host') {
      this.#notice = `${row.label} takes no commands: choose a stack or a service`;
    } else if (action === 'stop') this.desk.end(at, row, 'stop');
    else if (at.link.state.link.state !== 'live') {
      // What is not seen must not be set in motion.
      this.#notice = `${row.host} is not reached now: nothing was sent`;
    } else if (action === 'start') this.desk.start(at, row);
    else this.desk.end(at, row, 'restart');
  }
}
