"""phoenixd by itself: how soon SIGHUP makes it ask, and what it costs while nothing changes."""

import os
import signal
import sys
import time
from statistics import median

import stand as stands

GUESTS = 5
SIGHUPS = 7
# By then its connections are closed, so each first request has a handshake before it.
PAUSE = 6


def measure(stand, binaries, idle_seconds, report):
    config, state = stand.files(GUESTS, 'plain', connections=6)
    offset = stand.offset()
    process = stand.start(
        [f'{binaries}/phoenixd', '--config', config, '--credentials', stand.credentials, '--state', f'{state}-daemon',
         '--runtime', stand.path('runtime'), '--admin-socket', stand.path('admin.sock'), '--status-socket', stand.path('status.sock')],
        log='phoenixd.log')
    stands.wait_for(lambda: process.poll() is not None or len(stand.requests(offset)) >= 2 + 3 * GUESTS, 'the first pass of phoenixd')
    if process.poll() is not None:
        sys.exit('phoenixd ended: ' + open(stand.path('phoenixd.log')).read()[-2000:])
    latencies = [latency(stand, process.pid) for _ in range(SIGHUPS)]
    report.row(f'SIGHUP to the first request (stated: 20 ms)', wall=median(latencies))

    begin, cpu, offset = time.monotonic(), cpu_seconds(process.pid), stand.offset()
    samples = []
    while time.monotonic() - begin < idle_seconds:
        time.sleep(min(5, max(0.1, begin + idle_seconds - time.monotonic())))
        if process.poll() is not None:
            sys.exit('phoenixd ended: ' + open(stand.path('phoenixd.log')).read()[-2000:])
        samples.append(memory(process.pid))
    took = time.monotonic() - begin
    share = (cpu_seconds(process.pid) - cpu) / took
    asked = stand.requests(offset)
    if any(method != 'GET' for _, method, _ in asked):
        sys.exit('phoenixd wrote to a world in which nothing had changed')
    pss, anonymous = (max(s[i] for s in samples) for i in (0, 1))
    report.row(f'phoenixd, {took:.0f} s of steady state, {GUESTS} guests: PSS (stated: 30 MB, CPU 0.2 %)', len(asked), cpu=f'{share:.3%}', rss=pss)
    report.row('phoenixd, of that anonymous (stated: 10 MB)', rss=anonymous)
    stands.stop(process)


def latency(stand, pid):
    time.sleep(PAUSE)
    offset, sent = stand.offset(), time.monotonic_ns()
    os.kill(pid, signal.SIGHUP)
    stands.wait_for(lambda: stand.offset() > offset, 'a request after SIGHUP')
    return (stand.requests(offset)[0][0] - sent) / 1e9


def cpu_seconds(pid):
    fields = open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def memory(pid):
    """(PSS, anonymous) in KB."""
    values = {line.split(':')[0]: int(line.split()[1]) for line in open(f'/proc/{pid}/smaps_rollup') if line.endswith('kB\n')}
    return values['Pss'], values['Anonymous']
