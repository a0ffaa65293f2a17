#!/usr/bin/python3
"""A stand-in for each of Alicia's services; ROVI_SERVICE says which, ROVI_PORT where it listens."""

import http.server
import json
import os
import signal
import sys
import urllib.error
import urllib.request

from bus import Bus

NAME = os.environ["ROVI_SERVICE"]
INSTANCE = os.environ["ROVI_INSTANCE"]
PORT = int(os.environ["ROVI_PORT"])
DATA = os.environ.get("DATA")
UPSTREAM = os.environ.get("UPSTREAM")
WATCHED = os.environ.get("WATCHED", "").split()
ANNOUNCE = os.environ.get("ANNOUNCE", "").split()

bus = Bus(f"{NAME}-{INSTANCE}")


def fetch(url):
    """Status and parsed body; 502 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, {"error": str(error)}
    except OSError as error:
        return 502, {"error": str(error)}


def devices():
    try:
        with open(DATA, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


def keep(name, device):
    everything = {**devices(), name: device}
    with open(f"{DATA}.new", "w", encoding="utf-8") as file:
        json.dump(everything, file)
    os.replace(f"{DATA}.new", DATA)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            well = bus.connected
            self.answer(200 if well else 503, {"status": "ok" if well else "the bus is away"})
        elif self.path == "/":
            self.answer(200, {"service": NAME, "instance": INSTANCE, "port": PORT})
        elif self.path == "/devices" and DATA:
            self.answer(200, devices())
        elif self.path == "/devices" and UPSTREAM:
            self.answer(*fetch(f"{UPSTREAM}/devices"))
        elif self.path == "/watched" and WATCHED:
            self.answer(200, {url: fetch(f"{url}/health")[0] for url in WATCHED})
        else:
            self.answer(404, {"error": "no such path"})

    def do_PUT(self):
        if not DATA or not self.path.startswith("/devices/"):
            self.answer(404, {"error": "no such path"})
            return
        try:
            device = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        except ValueError as error:
            self.answer(400, {"error": str(error)})
            return
        keep(self.path.removeprefix("/devices/"), device)
        self.answer(200, devices())

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format, *arguments):
        """Not one line for each question of a health check."""


def main():
    for name in ANNOUNCE:
        data = {"service_name": name, "description": "Told by discovery", "version": "1.0.0", "health_status": "healthy"}
        told = {"event_type": "service_registered", "service_data": data}
        bus.repeat("alicia/discovery/services", json.dumps(told), every=10)
    with http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler) as server:
        # As process 1 of its container it would not hear SIGTERM without this.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(f"{NAME} {INSTANCE} listens at port {PORT}", flush=True)
        server.serve_forever()


main()
