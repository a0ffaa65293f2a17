"""Watches a robot's processes for two stacks alive at once. Knows nothing of Rovi, of units or of the lock: only /proc.

    watcher.py '{"nav": ["nav_a", "nav_b"], "camera": [...]}'

A process belongs to a stack if it is `ros2 launch ... stack:=NAME`, or if the base name of its argv[0] is one of the
names given for that stack; each name belongs to one stack only. A run_stack.sh that waits for its turn is neither.

A look at /proc takes time, and what it saw first may be gone when it sees the last. So two looks are put together:
whoever is in both, with the same start time, was alive all the while from the end of the one to the beginning of the
other. Two stacks among those were alive at one moment: that is a proof. A look that saw two stacks is followed by the
next at once, so that what overlaps for longer than two looks (a few milliseconds) is never missed.

stdout  one JSON object a line: {"event": "watching"}, {"event": "overlap", ...} once for each pair of sets of
        processes, {"event": "turn", ...} when another stack than before has the robot, and, when stdin ends,
        {"event": "summary", ...} with the looks taken and the longest time between two.
"""

import json
import os
import select
import sys
import time

PAUSE_S = 0.004


def tell(**event):
    print(json.dumps(event), flush=True)


class Watcher:
    def __init__(self, names):
        self.owner = {name.encode(): stack for stack, own in names.items() for name in own}
        self.looks = 0
        self.gaps = []
        self.seen = {stack: 0 for stack in names}
        self.turns = 0
        self.last_alone = None
        self.told = set()

    def stack_of(self, argv):
        words = argv.split(b"\0")
        stack = self.owner.get(os.path.basename(words[0]))
        if stack is None and b"launch" in words[1:5]:
            for word in words:
                if word.startswith(b"stack:="):
                    return word[7:].decode()
        return stack

    def look(self):
        """{(pid, start time): (stack, name)} of every stack's process that is not a zombie."""
        found = {}
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/cmdline", "rb", 0) as file:
                    argv = file.read(4096)
                # Empty: a kernel thread, a zombie, or a process whose memory is gone already.
                stack = self.stack_of(argv) if argv else None
                if stack is None:
                    continue
                with open(f"/proc/{entry}/stat", "rb", 0) as file:
                    fields = file.read(4096).rpartition(b") ")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if fields[0] not in (b"Z", b"X"):
                found[int(entry), int(fields[19])] = (stack, os.path.basename(argv.split(b"\0")[0]).decode())
        return found

    def judge(self, before, now):
        """True if two stacks may be alive: the next look must not wait."""
        both = {key: now[key] for key in now if before.get(key) == now[key]}
        stacks = sorted({stack for stack, _ in both.values()})
        if len(stacks) > 1:
            # A launch is the same process, under the same name, before and after its nodes are there.
            key = frozenset(both)
            if key not in self.told:
                self.told.add(key)
                processes = [{"pid": pid, "stack": stack, "name": name} for (pid, _), (stack, name) in both.items()]
                tell(event="overlap", at=time.time(), stacks=stacks, processes=processes)
        elif len(stacks) == 1 and stacks[0] != self.last_alone:
            self.last_alone = stacks[0]
            self.turns += 1
            tell(event="turn", stack=stacks[0])
        for stack in stacks:
            self.seen[stack] = self.seen.get(stack, 0) + 1
        return len({stack for stack, _ in now.values()}) > 1

    def run(self):
        tell(event="watching")
        before, last = self.look(), time.monotonic()
        hurry = False
        while not select.select([0], [], [], 0 if hurry else PAUSE_S)[0]:
            now = self.look()
            self.looks += 1
            hurry = self.judge(before, now)
            before = now
            moment = time.monotonic()
            self.gaps.append(moment - last)
            last = moment
        gaps = sorted(self.gaps) or [0.0]
        tell(
            event="summary",
            looks=self.looks,
            turns=self.turns,
            seen=self.seen,
            median_ms=1000 * gaps[len(gaps) // 2],
            p99_ms=1000 * gaps[len(gaps) * 99 // 100],
            longest_ms=1000 * gaps[-1],
        )


if __name__ == "__main__":
    # It must not be late just because the robot is busy.
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        os.nice(-15)
    Watcher(json.loads(sys.argv[1])).run()
