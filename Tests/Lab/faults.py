"""Faults that a server of the lab injects on demand, switched through a control file.

A line each: MODE[=ARGUMENT] [PATH PREFIX]. The file is read again whenever it changes; without it all is well.
"""

import os


class Faults:
    def __init__(self, path):
        self.path = path
        self.stamp = None
        self.lines = []

    def read(self):
        try:
            s = os.stat(self.path)
            stamp = (s.st_mtime_ns, s.st_size, s.st_ino)
        except OSError:
            self.stamp, self.lines = None, []
            return self.lines
        if stamp != self.stamp:
            self.stamp, self.lines = stamp, []
            for line in open(self.path).read().splitlines():
                words = line.split()
                if words:
                    mode, _, argument = words[0].partition('=')
                    self.lines.append((mode, argument, words[1] if len(words) > 1 else ''))
        return self.lines

    def find(self, path=''):
        """{mode: argument} of the faults in force for a path."""
        return {mode: argument for mode, argument, prefix in self.read() if path.startswith(prefix)}
