"""Runs one command and prints, as JSON, what the kernel accounts for it: seconds of wall and CPU, peak memory in KB.

It is a small program of its own because a child's peak memory begins with that of the one who starts it.
"""

import os
import sys
import time

null = os.open(os.devnull, os.O_RDWR)
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
moves = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, out, 2)]
start = time.perf_counter()
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=moves)
_, status, usage = os.wait4(pid, 0)
wall = time.perf_counter() - start
print(f'{{"wall": {wall}, "cpu": {usage.ru_utime + usage.ru_stime}, "rss": {usage.ru_maxrss}, '
      f'"exit": {os.waitstatus_to_exitcode(status)}}}')
