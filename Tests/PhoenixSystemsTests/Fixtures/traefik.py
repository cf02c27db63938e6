#!/usr/bin/python3
"""Stands in for Traefik where it is not installed: the entry point mesh, the API, and the file that it watches.

traefik.py STATICFILE. It knows our own files only, and reads them by their lines.
"""
import http.server, json, os, re, socketserver, ssl, sys, tempfile, threading, time

static = open(sys.argv[1]).read()
host, port = re.search(r'mesh:\n    address: "([^"]*):(\d+)"', static).groups()
path = re.search(r'directory: "([^"]*)"', static).group(1) + "/phoenix.yml"
state = {"context": None, "text": ""}


def load(text):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*re.search(r'certFile: "([^"]*)"\n *keyFile: "([^"]*)"', text).groups())
    pool = "".join(re.sub(r"^ +", "", pem, flags=re.M) for pem in re.findall(r"- \|\n((?:            .*\n)+)", text))
    context.verify_mode = ssl.CERT_REQUIRED
    # Like Go: a certificate in the pool is good by itself.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=pool)
    state.update(context=context, text=text)


def watch():
    seen = None
    while True:
        try:
            status = os.stat(path)
            if (status.st_ino, status.st_mtime_ns) != seen:
                seen = (status.st_ino, status.st_mtime_ns)
                load(open(path).read())
        except Exception as error:
            print(error, flush=True)
        time.sleep(0.05)


def names(section):
    part = re.search(rf"^  {section}:\n((?:    .*\n)*)", state["text"], re.M)
    return re.findall(r'^    "?([^\s":#]+)"?:$', part.group(1), re.M) if part else []


def servers(name):
    part = re.search(rf'^    "{name}":\n      loadBalancer:\n((?:        .*\n)*)', state["text"], re.M)
    return re.findall(r'url: "([^"]*)"', part.group(1)) if part else []


def routers():
    pattern = r'    "([^"]+)":\n      rule: "([^"]+)"\n      entryPoints:\n        - mesh\n      service: "([^"]+)"'
    return re.findall(pattern, state["text"])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        host = self.headers["Host"]
        for name, rule, service in routers():
            if f"Host(`{host}`)" not in rule:
                continue
            if service == "api@internal":
                return self.page(self.api())
            return self.answer(200 if servers(service) else 503, [], True)
        self.answer(404, [], False)

    def page(self, items):
        """Two at a time, however many are asked for; `DIR/garbage` says what to say instead."""
        garbage = sys.argv[1] + ".garbage"
        if os.path.exists(garbage):
            return self.answer(200, open(garbage).read(), True)
        page = int(re.search(r"[?&]page=(\d+)", self.path).group(1)) if "page=" in self.path else 1
        more = len(items) > page * 2
        self.answer(200, items[page * 2 - 2 : page * 2], True, page + 1 if more else 1)

    def api(self):
        kind = self.path.split("?")[0].rsplit("/", 1)[1]
        if kind == "middlewares":
            return [{"name": f"{name}@file"} for name in names("middlewares")]
        if kind == "routers":
            return [
                {"name": f"{name}@file", "rule": rule, "service": service, "status": "enabled", "using": ["mesh"]}
                for name, rule, service in routers()
            ]
        return [
            {"name": f"{name}@file", "status": "enabled",
             "loadBalancer": {"servers": [{"url": url} for url in servers(name)]}}
            for name in names("services")
        ]

    def answer(self, status, value, routed, following=1):
        body = (value if isinstance(value, str) else json.dumps(value)).encode()
        self.send_response(status)
        if routed:
            self.send_header("X-Phoenix-Route", "1")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Next-Page", str(following))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def finish_request(self, request, address):
        try:
            request.settimeout(10)
            with state["context"].wrap_socket(request, server_side=True) as connection:
                Handler(connection, address, self)
        except (OSError, AttributeError) as error:
            print(error, flush=True)


threading.Thread(target=watch, daemon=True).start()
Server((host, int(port)), Handler).serve_forever()
