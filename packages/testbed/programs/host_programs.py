"""How a keeper runs the host's programs, and the error it tells its owner."""

import subprocess


class KeeperError(Exception):
    """Something the owner must be told; its text is for people."""


def run(*argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    if done.returncode != 0:
        raise KeeperError(f"`{' '.join(argv)}` failed: {done.stderr.strip() or done.stdout.strip()}")


def output(argv):
    """What a program has to say, for a report: never raises."""
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=5)
        return (done.stdout + done.stderr).strip()
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
