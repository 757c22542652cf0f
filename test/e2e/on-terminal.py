"""Runs a program on a terminal: python3 on-terminal.py COLUMNS LEAVE_AT PROGRAM ARGUMENT...

What the terminal shows goes to standard output, and the program's exit code is this one's. Once LEAVE_AT has
been shown the terminal goes away; empty for never.
"""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

LINES = 24

columns, leave_at, program = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3:]
terminal, side = pty.openpty()
fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
child = subprocess.Popen(program, stdin=side, stdout=side, stderr=side, start_new_session=True)
os.close(side)
shown = b""
while not leave_at or leave_at not in shown:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    shown += part
os.close(terminal)
code = child.wait()
sys.stdout.buffer.write(shown)
sys.exit(code)
