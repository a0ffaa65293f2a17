"""As much of MQTT 3.1.1 as it takes to be on the bus and to tell it something."""

import socket
import struct
import threading
import time

PING_EVERY = 2
SILENCE_MAX = 6


class Bus:
    """Stays connected to the broker, from a thread of its own; connects again whenever the connection ends."""

    def __init__(self, client_id, host="127.0.0.1", port=1883):
        self._client_id = client_id.encode()
        self._address = (host, port)
        self._heard = 0.0
        self._to_tell = []
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def connected(self):
        """Whether the broker has answered lately."""
        return time.monotonic() - self._heard < SILENCE_MAX

    def repeat(self, topic, payload, every):
        """Publishes this once connected, and again every so many seconds."""
        self._to_tell.append([topic, payload.encode(), every, 0.0])

    def _run(self):
        while True:
            try:
                with socket.create_connection(self._address, timeout=SILENCE_MAX) as link:
                    self._talk(link)
            except OSError:
                self._heard = 0.0
                time.sleep(0.5)

    def _talk(self, link):
        hello = text(b"MQTT") + bytes([4, 2]) + struct.pack("!H", 3 * PING_EVERY) + text(self._client_id)
        link.sendall(packet(0x10, hello))
        kind, body = receive(link)
        if kind != 0x20 or body[1] != 0:
            raise OSError("the broker refuses")
        for entry in self._to_tell:
            entry[3] = 0.0
        while True:
            self._heard = time.monotonic()
            self._tell(link)
            time.sleep(PING_EVERY)
            link.sendall(packet(0xC0, b""))
            if receive(link)[0] != 0xD0:
                raise OSError("no answer to a ping")

    def _tell(self, link):
        now = time.monotonic()
        for entry in self._to_tell:
            topic, payload, every, last = entry
            if last and now - last < every:
                continue
            entry[3] = now
            # QoS 1: it has arrived once the broker acknowledges it.
            link.sendall(packet(0x32, text(topic.encode()) + struct.pack("!H", 1) + payload))
            if receive(link)[0] != 0x40:
                raise OSError("not acknowledged")


def text(value):
    return struct.pack("!H", len(value)) + value


def packet(kind, body):
    length, left = b"", len(body)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (0x80 if left else 0)])
        if not left:
            return bytes([kind]) + length + body


def receive(link):
    """The next packet's first byte and body; those that the broker sends here are short."""
    kind, length = exactly(link, 2)
    return kind, exactly(link, length)


def exactly(link, count):
    data = b""
    while len(data) < count:
        more = link.recv(count - len(data))
        if not more:
            raise OSError("the broker has closed the connection")
        data += more
    return data
