"""Keeps one throwaway robot: owns its overlay, its cgroups and its systemd-nspawn, and takes all of it down.

Started by Robot.boot as `unshare --mount -- python3 -ISEB keeper.py '<json>'`, so every mount made here belongs to
a mount namespace that ends with the last process in it: no mount can be left behind, whoever is killed.

stdin   one command a line: `reset` cuts the power and boots again. End of file takes the robot down: the pipe
        closes however the owner dies.
stdout  one JSON object a line: {"event": "leader", "pid": N}  PID 1 of the robot exists (again),
        {"event": "ready"}  its boot is over, {"event": "rebooting"}, {"event": "failed", "message": ...}.

If the keeper itself is killed, nspawn dies by its parent-death signal and takes the robot's PID namespace along;
what stays is an empty cgroup, which the next keeper sweeps away.
"""

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time

# Run isolated (-I): the parts beside this file must be named.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from cgroups import clear_cgroup, hierarchies, make_cgroups  # noqa: E402
from host_programs import KeeperError, output, run  # noqa: E402
from robot_files import Upper, furnish  # noqa: E402

HOME = "/run/rovi-testbed"
ARENA = HOME + "/arena"
CGROUP_PREFIX = "rovi-testbed-"
REBOOT_STATUS = 133  # what nspawn --keep-unit exits with when its container asks for a reboot


def tell(**event):
    try:
        os.write(1, (json.dumps(event) + "\n").encode())
    except OSError:
        pass  # the owner is gone; end of file on stdin says so too


def sweep():
    """Clears what keepers that were killed have left. A living keeper holds the lock on its file."""
    for entry in sorted(os.listdir(HOME)):
        if not entry.endswith(".lock"):
            continue
        try:
            lock = os.open(f"{HOME}/{entry}", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            cgroups = [f"{mount}/{CGROUP_PREFIX}{entry[:-5]}" for mount in hierarchies()]
            if all([clear_cgroup(cgroup, time.monotonic() + 5) for cgroup in cgroups]):
                os.unlink(f"{HOME}/{entry}")
        except OSError:
            pass  # alive, or swept by another keeper this moment
        finally:
            os.close(lock)


# --- the machine -------------------------------------------------------------------------------------------------


class Machine:
    """One systemd-nspawn at a time over the same overlay."""

    def __init__(self, options, cgroups):
        self.options = options
        self.cgroups = cgroups
        self.veth = True
        self.ready = False
        self.deadline = None
        self.leader = None
        self.process = None
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.notify.bind(ARENA + "/notify")

    def argv(self):
        name = self.options["name"]
        network = "--network-veth" if self.veth else "--private-network"
        binds = ["--bind-ro=" + bind for bind in self.options["binds"]]
        return [
            *("setpriv", "--pdeathsig", "KILL", "--", "systemd-nspawn", "--quiet", "--boot"),
            *("--directory", ARENA + "/root", "--machine", name, "--settings=no"),
            *("--register=no", "--keep-unit", "--console=pipe", "--link-journal=no", "--notify-ready=yes"),
            *("--resolv-conf=off", "--timezone=off", network, *binds),
            *("systemd.show_status=error", "systemd.firstboot=no"),
        ]

    def boot(self):
        self.ready = False
        self.leader = None
        self.deadline = time.monotonic() + self.options["bootTimeoutMs"] / 1000
        cgroups = self.cgroups
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
            "NOTIFY_SOCKET": ARENA + "/notify",
        }

        def enter_cgroups():
            for cgroup in cgroups:
                with open(cgroup + "/cgroup.procs", "w", encoding="ascii") as file:
                    file.write("0")

        with open(ARENA + "/console", "wb") as console:
            self.process = subprocess.Popen(
                self.argv(),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env=environment,
                preexec_fn=enter_cgroups,
                start_new_session=True,
            )

    def console(self):
        with open(ARENA + "/console", "rb") as file:
            return file.read()[-4000:].decode(errors="replace").strip()

    def evidence(self):
        """What a person needs to see why it did not boot: the console, the jobs it waits for, the journal's warnings."""
        journal = ["journalctl", "-D", ARENA + "/upper/var/log/journal", "--no-pager", "-q", "-p", "warning", "-n", "30"]
        jobs = ["nsenter", "-t", str(self.leader), "-a", "systemctl", "list-jobs", "--no-pager", "--no-legend"]
        parts = [("console", self.console()), ("journal", output(journal))]
        if self.process.poll() is None and self.leader is not None:
            parts.insert(1, ("jobs", output(jobs)))
        return "\n".join(f"--- {title}\n{text}" for title, text in parts)

    def hear(self):
        for line in self.notify.recv(4096).decode(errors="replace").splitlines():
            key, _, value = line.partition("=")
            if key == "X_NSPAWN_LEADER_PID":
                self.leader = int(value)
                tell(event="leader", pid=self.leader)
            elif line == "READY=1":
                self.ready = True
                tell(event="ready")

    def patience(self):
        """Seconds until a boot is late; None once it is over."""
        if self.ready:
            return None
        left = self.deadline - time.monotonic()
        if left <= 0:
            limit = self.options["bootTimeoutMs"]
            raise KeeperError(f"the robot's boot was not over after {limit} ms\n{self.evidence()}")
        return left

    def cut(self):
        """Ends the robot as a cut cable would: no process of it is asked."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + 10
        for cgroup in self.cgroups:
            clear_cgroup(cgroup, deadline)

    def ended(self):
        """nspawn has ended by itself: boots again after a reboot request; raises otherwise."""
        status = self.process.wait()
        make_cgroups(self.cgroups)
        if status == REBOOT_STATUS:
            tell(event="rebooting")
        elif self.veth and not self.ready and "veth" in self.console():
            self.veth = False  # a kernel without veth, or a container that may not make one
        else:
            raise KeeperError(f"systemd-nspawn ended with status {status}\n{self.evidence()}")
        self.boot()


def serve(machine):
    """Until the owner is gone."""
    pending = b""
    while True:
        child = os.pidfd_open(machine.process.pid)
        try:
            readable, _, _ = select.select([0, machine.notify, child], [], [], machine.patience())
        finally:
            os.close(child)
        if machine.notify in readable:
            machine.hear()
        if 0 in readable:
            chunk = os.read(0, 4096)
            if not chunk:
                return
            pending += chunk
            *lines, pending = pending.split(b"\n")
            if b"reset" in lines:
                machine.cut()
                make_cgroups(machine.cgroups)
                tell(event="rebooting")
                machine.boot()
                continue
        if child in readable:
            machine.ended()


def claim(path):
    """Holds the lock that says this robot's keeper lives, until this process ends."""
    while True:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.stat(path), os.fstat(lock)):
                return
        except FileNotFoundError:
            pass
        os.close(lock)  # a sweeping keeper took it for a dead one's


def keep(options):
    os.makedirs(ARENA, exist_ok=True)
    lock_path = f"{HOME}/{options['name']}.lock"
    claim(lock_path)
    cgroups = []
    machine = None
    try:
        sweep()
        cgroups = [f"{mount}/{CGROUP_PREFIX}{options['name']}" for mount in hierarchies()]
        run("mount", "-t", "tmpfs", "-o", "mode=755,size=75%", "rovi-testbed", ARENA)
        for folder in ("upper", "work", "root"):
            os.mkdir(f"{ARENA}/{folder}")
        furnish(Upper(ARENA + "/upper"), options["machineId"], options["name"])
        for link, target in options["links"].items():
            Upper(ARENA + "/upper").link(link, target)
        for path, text in options["files"].items():
            Upper(ARENA + "/upper").write(path, text)
        layers = f"lowerdir=/,upperdir={ARENA}/upper,workdir={ARENA}/work"
        run("mount", "-t", "overlay", "-o", layers, "overlay", ARENA + "/root")
        # nspawn's own traces (locks, propagation folders) end with this mount namespace too.
        os.makedirs("/run/systemd/nspawn", exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", "mode=755", "rovi-testbed", "/run/systemd/nspawn")
        make_cgroups(cgroups)
        machine = Machine(options, cgroups)
        machine.boot()
        serve(machine)
    except (KeeperError, OSError, subprocess.SubprocessError) as error:
        tell(event="failed", message=str(error))
    finally:
        if machine is not None:
            machine.cut()
        if all([clear_cgroup(cgroup, time.monotonic() + 10) for cgroup in cgroups]):
            os.unlink(lock_path)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    keep(json.loads(sys.argv[1]))
