"""Stops every thread of a process but its main one for some seconds: freeze_threads.py PID SECONDS

SIGSTOP would stop all of them. A process that is wedged has a main thread that lives.
"""

import ctypes
import os
import sys
import time

SEIZE, INTERRUPT = 0x4206, 0x4207
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
pid, seconds = int(sys.argv[1]), float(sys.argv[2])
threads = [int(name) for name in os.listdir(f'/proc/{pid}/task') if int(name) != pid]
for thread in threads:
    for request in (SEIZE, INTERRUPT):
        if libc.ptrace(request, thread, None, None) != 0:
            sys.exit(f'thread {thread}: {os.strerror(ctypes.get_errno())}')
print(len(threads), flush=True)
time.sleep(seconds)
