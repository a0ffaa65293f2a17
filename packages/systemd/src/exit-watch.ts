/**
 * Hears of the end of any process at once and for nothing, through pidfds: the kernel makes one readable when its
 * process ends. Node can neither open nor await them, and perl, which every Debian and Ubuntu has, can do both. One
 * small helper runs while there is anything to await. Without perl, or where the kernel refuses, nothing is heard and
 * {@link ExitWatch.working} says so.
 */
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Logger } from './logger.js';

/** Reads `+PID` and `-PID`, writes the PIDs that ended, and `!` and ends where there are no pidfds; ends with its input. */
const program = String.raw`
use strict; use POSIX (); $| = 1;
my $pidfd_open = 434; my (%fd, $rest); $rest = '';
while (1) {
  my $wait = ''; vec($wait, $_, 1) = 1 for (0, values %fd);
  next if select(my $ready = $wait, undef, undef, undef) < 0;
  for my $pid (keys %fd) {
    next unless vec($ready, $fd{$pid}, 1);
    POSIX::close(delete $fd{$pid}); print "$pid\n";
  }
  next unless vec($ready, 0, 1);
  exit 0 unless sysread(STDIN, $rest, 65536, length $rest);
  while ($rest =~ s/^([+-])(\d+)\n//) {
    my ($sign, $pid) = ($1, $2 + 0);
    if ($sign eq '-') { POSIX::close(delete $fd{$pid}) if exists $fd{$pid}; next; }
    next if exists $fd{$pid};
    my $fd = syscall($pidfd_open, $pid, 0);
    if ($fd >= 0) { $fd{$pid} = $fd; }
    elsif ($! == POSIX::ESRCH()) { print "$pid\n"; }
    else { print "!\n"; exit 1; }
  }
}`;

type Helper = ChildProcessByStdio<Writable, Readable, null>;

/** Awaits the ends of processes. Nothing rejects or throws; {@link ExitWatch.stop} leaves no helper behind. */
export class ExitWatch {
  readonly #ended: (pid: number) => void;
  readonly #logger: Logger;
  readonly #program: string;
  readonly #pids = new Set<number>();
  #helper: Helper | null = null;
  #broken = false;

  constructor(options: {
    readonly ended: (pid: number) => void;
    readonly logger: Logger;
    readonly program?: string;
  }) {
    this.#ended = options.ended;
    this.#logger = options.logger;
    this.#program = options.program ?? 'perl';
  }

  /** False once it is known that ends are not heard of. */
  get working(): boolean {
    return !this.#broken;
  }

  /** Starts the helper: done beforehand, it is not in the way when a stack starts. */
  start(): void {
    if (!this.#broken) this.#helper ??= this.#begin();
  }

  /** Tells once when the process ends, or has ended already. */
  watch(pid: number): void {
    if (this.#broken || this.#pids.has(pid)) return;
    this.#pids.add(pid);
    this.#send(`+${pid}\n`);
  }

  unwatch(pid: number): void {
    if (!this.#pids.delete(pid)) return;
    this.#send(`-${pid}\n`);
  }

  /** Forgets all and ends the helper. */
  stop(): void {
    const helper = this.#helper;
    this.#helper = null;
    this.#pids.clear();
    helper?.stdin.end();
    helper?.kill('SIGKILL');
  }

  #send(line: string): void {
    this.#helper ??= this.#begin();
    this.#helper.stdin.write(line);
  }

  #begin(): Helper {
    const helper = spawn(this.#program, ['-e', program], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    });
    const lost = (err: Error | null): void => {
      if (this.#helper !== helper) return;
      this.#broken = true;
      this.stop();
      this.#logger.warn({ err }, 'ends of single processes cannot be awaited: looking for them instead');
    };
    helper.on('error', lost).on('exit', () => lost(null));
    // What cannot be written any more is told by the helper's own end.
    helper.stdin.on('error', () => undefined);
    createInterface({ input: helper.stdout }).on('line', (line) => {
      const pid = Number(line);
      if (this.#helper !== helper || !this.#pids.delete(pid)) return;
      this.#ended(pid);
    });
    return helper;
  }
}
