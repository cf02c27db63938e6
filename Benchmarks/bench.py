"""Measures everything, prints one table, and judges by the ratios in it."""

import os
import signal
import sys

import daemon
import passes
import planning
from report import Report
from stand import REPO, Stand


def main():
    # Told to stop, it still stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    binaries = os.environ.get('BENCH_BIN', f'{REPO}/.build-install/release')
    rounds = int(os.environ.get('BENCH_ROUNDS', 7))
    idle = float(os.environ.get('BENCH_IDLE_SECONDS', 600))
    report = Report()
    planning.measure(binaries, report)
    with Stand() as stand:
        passes.measure(stand, binaries, rounds, report)
        daemon.measure(stand, binaries, idle, report)
    print(f'Medians of {rounds} interleaved runs. Ratios: beside curl in the same round; diff + plan: beside 1,000.\n')
    print(report.text() + '\n')
    print(report.bars_text())
    for sentence in report.missed():
        print(f'bench: {sentence}', file=sys.stderr)
    sys.exit(1 if report.missed() else 0)


main()
