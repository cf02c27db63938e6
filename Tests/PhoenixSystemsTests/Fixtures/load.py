"""Asks a gateway without pause, in fresh and in kept connections, until the file END is there. Prints ANSWERED LOST RETRIED.

load.py PORT HOST PATH ROOT END
nginx closes kept connections that are idle when it loads its configuration. A request that meets such a close on a
connection that was used before is asked once more, as RFC 9112 (9.3.1) has it; anything else is lost.
"""

import http.client
import os
import socket
import ssl
import sys
import threading
import time

port, host, path, root, end = sys.argv[1:6]
context = ssl.create_default_context(cafile=root)
closed = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError)
count = {'answered': 0, 'lost': 0, 'retried': 0}
lock = threading.Lock()
over = threading.Event()


def note(what):
    with lock:
        count[what] += 1


class Connection(http.client.HTTPSConnection):
    def connect(self):
        self.sock = context.wrap_socket(socket.create_connection(('127.0.0.1', int(port)), 20), server_hostname=host)


def ask(connection):
    connection.request('GET', path)
    response = connection.getresponse()
    response.read()
    note('answered' if response.status == 200 else 'lost')


def run(keeps):
    connection, used = Connection(host), 0
    while not over.is_set():
        try:
            ask(connection)
            used += 1
            if keeps and connection.sock:
                continue
        except closed:
            note('retried' if used else 'lost')
        except (OSError, http.client.HTTPException) as error:
            print(repr(error), file=sys.stderr)
            note('lost')
        connection.close()
        connection, used = Connection(host), 0


threads = [threading.Thread(target=run, args=(keeps,)) for keeps in (True, True, False, False)]
for thread in threads:
    thread.start()
while not os.path.exists(end):
    time.sleep(0.1)
over.set()
for thread in threads:
    thread.join()
print(count['answered'], count['lost'], count['retried'])
