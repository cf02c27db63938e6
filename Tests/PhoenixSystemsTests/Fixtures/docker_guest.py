#!/usr/bin/env python3
"""A guest's systemd and dockerd, for tests: as much of them as Phoenix speaks to.

    docker_guest.py DIR systemctl ARGUMENTS...
    docker_guest.py DIR dockerd ARGUMENTS...

DIR/units holds units and drop-ins, DIR/loaded.json what was read of them at the last daemon-reload, DIR/proc what the
kernel would tell. DIR/fault names what goes wrong.
"""
import json, os, pathlib, shlex, shutil, signal, socket, subprocess, sys, threading, time
import http.server

DIR = pathlib.Path(sys.argv[1])
UNITS = DIR / "units"


def fault():
    try:
        return (DIR / "fault").read_text().strip()
    except FileNotFoundError:
        return ""


def words(line):
    return [word.replace("%%", "%") for word in shlex.split(line)]


def read_unit(name):
    """The settings of a unit, all drop-ins considered; an empty value empties a list."""
    path = UNITS / name
    if not path.exists():
        return None
    settings = {}
    for file in [path] + sorted((UNITS / f"{name}.d").glob("*.conf")):
        for line in file.read_text().splitlines():
            key, sign, value = line.strip().partition("=")
            if sign and not key.startswith("#"):
                settings[key] = settings.get(key, []) + [value] if value else []
    return settings


def loaded():
    try:
        return json.loads((DIR / "loaded.json").read_text())
    except FileNotFoundError:
        return {}


def reload_units():
    names = {path.name for path in UNITS.iterdir() if path.is_file()}
    (DIR / "loaded.json").write_text(json.dumps({name: read_unit(name) for name in names}))


def main_process(name):
    try:
        pid = int((DIR / f"{name}.pid").read_text())
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as file:
            return 0 if file.read().rsplit(") ", 1)[1][0] == "Z" else pid
    except (OSError, ValueError):
        return 0


def is_active(name):
    return (DIR / f"{name}.active").exists() if name.endswith(".socket") else main_process(name) > 0


def stop(name):
    if name.endswith(".socket"):
        (DIR / f"{name}.active").unlink(missing_ok=True)
        return
    pid = main_process(name)
    if pid:
        os.kill(pid, signal.SIGTERM)
        while main_process(name):
            time.sleep(0.02)
    (DIR / f"{name}.pid").unlink(missing_ok=True)
    if name.startswith("phoenix-"):
        shutil.rmtree(DIR / "run", ignore_errors=True)


def start(name):
    unit = loaded().get(name)
    if unit is None:
        sys.exit(f"Unit {name} not found.")
    if is_active(name):
        return
    if name.endswith(".socket"):
        (DIR / f"{name}.active").write_text("")
        return
    command = words(unit["ExecStart"][-1])
    if name.startswith("phoenix-"):
        (DIR / "run").mkdir(mode=0o700, exist_ok=True)
    else:
        variables = {"$DOCKER_OPTS": shlex.split((DIR / "docker.env").read_text())} if "$DOCKER_OPTS" in command else {}
        command = [w.replace("$$", "$") for word in command for w in variables.get(word, [word])]
        (DIR / "starts").open("a").write("start\n")
        if fault() == "no-start":
            sys.exit("Job for docker.service failed.")
        command = [sys.executable, "-B", __file__, str(DIR), "dockerd"] + command
    log = open(DIR / f"{name}.log", "ab")
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    (DIR / f"{name}.pid").write_text(str(child.pid))
    if not name.startswith("phoenix-"):
        # Type=notify: it is there when it says so.
        for _ in range(200):
            if child.poll() is not None:
                sys.exit("Job for docker.service failed.")
            if (DIR / "proc" / str(child.pid) / "cmdline").exists():
                return
            time.sleep(0.02)


def show(name, properties):
    unit = loaded().get(name)
    start = (unit or {}).get("ExecStart", [])
    for key in properties:
        if key == "LoadState":
            print("LoadState=" + ("not-found" if unit is None else "loaded"))
        elif key == "ActiveState":
            print("ActiveState=" + ("active" if is_active(name) else "inactive"))
        elif key == "MainPID":
            print(f"MainPID={main_process(name)}")
        elif key == "UnitFileState":
            print("UnitFileState=" + ("" if unit is None else "enabled" if (DIR / f"{name}.enabled").exists() else "disabled"))
        elif key == "ExecStart" and start:
            command = words(start[-1])
            print(f"ExecStart={{ path={command[0]} ; argv[]={' '.join(command)} ; ignore_errors=no ; start_time=[n/a] }}")
        elif key == "DropInPaths":
            print("DropInPaths=")
        elif key == "Listen":
            for listen in (unit or {}).get("ListenStream", []):
                print(f"Listen={listen} (Stream)")


def systemctl(arguments):
    verb, rest = arguments[0], [word for word in arguments[1:] if not word.startswith("-")]
    if fault() == f"die-at {verb}" and verb != "show":
        (DIR / "fault").unlink()
        os.killpg(0, signal.SIGKILL)
    if verb == "show":
        properties = [arguments[i + 1] for i, word in enumerate(arguments) if word == "-p"]
        show(arguments[-1], properties)
    elif verb == "is-active":
        sys.exit(0 if is_active(rest[0]) else 3)
    elif verb == "daemon-reload":
        reload_units()
    elif verb == "enable":
        (DIR / f"{rest[0]}.enabled").write_text("")
    elif verb == "reset-failed":
        pass
    elif verb == "stop":
        for name in rest:
            stop(name)
    elif verb == "start":
        for name in rest:
            start(name)
    elif verb == "restart":
        stop(rest[0])
        start(rest[0])
    elif verb == "reload":
        if fault() == "reload-ignored":
            return
        for line in loaded()[rest[0]]["ExecReload"]:
            command = [str(main_process(rest[0])) if word == "$MAINPID" else word for word in words(line)]
            if subprocess.run(command).returncode != 0:
                sys.exit("Job for the unit failed.")
    else:
        sys.exit(f"Unknown command verb {verb}.")


# dockerd


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/slow":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            for _ in range(10):
                self.wfile.write(b"line\n")
                self.wfile.flush()
                time.sleep(0.2)
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Api-Version", "1.41")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")

    def address_string(self):
        return "-"

    def log_message(self, *_):
        pass


class UnixServer(http.server.ThreadingHTTPServer):
    address_family = socket.AF_UNIX
    daemon_threads = True

    def server_bind(self):
        pathlib.Path(self.server_address).unlink(missing_ok=True)
        socket.socket.bind(self.socket, self.server_address)
        os.chmod(self.server_address, 0o660)


def dockerd(arguments):
    command, rest, hosts = arguments[0], arguments[1:], []
    while rest:
        word = rest.pop(0)
        if word in ("-H", "--host"):
            hosts.append(rest.pop(0))
        elif word.startswith("--host="):
            hosts.append(word.partition("=")[2])
    configuration = pathlib.Path(DIR / "daemon.json")
    declared = json.loads(configuration.read_text() or "{}").get("hosts", []) if configuration.exists() else []
    if hosts and declared:
        sys.exit("the following directives are specified both as a flag and in the configuration file: hosts")
    servers = [UnixServer(str(DIR / "docker.sock"), Handler)]
    # A socket that systemd holds is handed over with -H fd://.
    held = [listen for listen in (loaded().get("docker.socket") or {}).get("ListenStream", []) if listen[0] != "/"]
    for host in hosts + declared + [f"tcp://{listen}" for listen in held]:
        if host.startswith("tcp://"):
            servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", int(host.rsplit(":", 1)[1])), Handler))
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    own = DIR / "proc" / str(os.getpid())
    own.mkdir(parents=True)
    (own / "cmdline.new").write_bytes(b"".join(word.encode() + b"\0" for word in arguments))
    (own / "cmdline.new").rename(own / "cmdline")
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    tests = int((DIR / "tests.pid").read_text())
    while DIR.exists():
        time.sleep(0.5)
        os.kill(tests, 0)


if sys.argv[2] == "systemctl":
    systemctl(sys.argv[3:])
else:
    dockerd(sys.argv[3:])
