"""The cgroups a robot runs in: one in each hierarchy the machine has."""

import os
import signal
import time

from host_programs import run


def hierarchies():
    """The cgroup v2 mount, and the v1 `systemd` one where the host is hybrid."""
    if os.path.exists("/sys/fs/cgroup/cgroup.controllers"):
        return ["/sys/fs/cgroup"]
    if not os.path.exists("/sys/fs/cgroup/unified/cgroup.controllers"):
        # A machine whose PID 1 mounts none: in this mount namespace it is ours to do.
        run("mount", "-t", "cgroup2", "cgroup2", "/sys/fs/cgroup")
        return ["/sys/fs/cgroup"]
    found = ["/sys/fs/cgroup/unified"]
    if os.path.exists("/sys/fs/cgroup/systemd/cgroup.procs"):
        found.append("/sys/fs/cgroup/systemd")
    return found


def members(cgroup):
    pids = []
    for folder, _, _ in os.walk(cgroup):
        try:
            with open(folder + "/cgroup.procs", encoding="ascii") as file:
                pids += [int(line) for line in file if line.strip() != "0"]
        except OSError:
            pass
    return pids


def clear_cgroup(cgroup, deadline):
    """Kills whatever is in the cgroup and removes it with all below it. True if it is gone."""
    while os.path.isdir(cgroup):
        try:
            with open(cgroup + "/cgroup.kill", "w", encoding="ascii") as file:
                file.write("1")
        except OSError:
            for pid in members(cgroup):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        for folder, _, _ in os.walk(cgroup, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass  # still populated: the dead have not been reaped yet
        if time.monotonic() > deadline:
            break
        time.sleep(0.005)
    return not os.path.isdir(cgroup)


def make_cgroups(cgroups):
    for cgroup in cgroups:
        clear_cgroup(cgroup, time.monotonic() + 5)
        os.makedirs(cgroup, exist_ok=True)
