"""Runs a program on a pseudo-terminal of 50 lines and 140 columns: stdin is typed there, stdout gets what it shows.

Ends with the program's exit code, or 128 + the signal's number.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 140, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
sources = [0, terminal]
while True:
    for source in select.select(sources, [], [])[0]:
        try:
            data = os.read(source, 4096)
        except OSError:  # EIO: nobody has the terminal open any more
            data = b""
        if data:
            os.write(terminal if source == 0 else 1, data)
            continue
        if source == terminal:
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            sys.exit(status if status >= 0 else 128 - status)
        sources.remove(0)
