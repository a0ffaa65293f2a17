#!/usr/bin/python3
"""A stand-in for one of Omega-1's HTTP services: answers /health and says who it is. Its port is ROVI_PORT."""

import http.server
import json
import os
import signal
import sys
import urllib.request

NAME = sys.argv[1]
UPSTREAM = os.environ.get("UPSTREAM")


def upstream_health():
    """Whether what this one is the proxy of is well; without one it always is."""
    if not UPSTREAM:
        return True
    try:
        with urllib.request.urlopen(f"{UPSTREAM}/health", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/health":
            well = upstream_health()
            self.answer(200 if well else 503, {"status": "ok" if well else "upstream is away"})
        elif self.path == "/":
            keys = ("ROVI_SERVICE", "ROVI_INSTANCE", "ROVI_PORT")
            self.answer(200, {"service": NAME, **{key: os.environ.get(key) for key in keys}})
        else:
            self.answer(404, {"error": "no such path"})

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
    address = ("0.0.0.0", int(os.environ["ROVI_PORT"]))
    with http.server.ThreadingHTTPServer(address, Handler) as server:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print(f"{NAME} listens at port {address[1]}", flush=True)
        server.serve_forever()


main()
