"""Runs programs inside the robot and times them there: what is measured is the program, not the way into the robot.

stdin   one JSON object a line: {"argv": [...]} | {"kill": PID} | {"clock": true}
stdout  one JSON object a line; times are CLOCK_MONOTONIC in milliseconds, the clock of Node's process.hrtime.
"""

import json
import os
import signal
import subprocess
import sys
import time


def now():
    return time.monotonic_ns() / 1e6


def run(argv):
    start = now()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return {"start": start, "end": now(), "code": done.returncode, "output": done.stdout.decode(errors="replace")}


def kill(pid):
    start = now()
    os.kill(pid, signal.SIGKILL)
    return {"start": start, "end": now()}


for line in sys.stdin:
    request = json.loads(line)
    try:
        if "argv" in request:
            answer = run(request["argv"])
        elif "kill" in request:
            answer = kill(request["kill"])
        else:
            answer = {"start": now(), "end": now()}
    except OSError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
