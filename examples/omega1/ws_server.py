#!/usr/bin/python3
"""
A stand-in for one of Omega-1's WebSocket services (RFC 6455): sends a reading ten times a second to whoever has joined,
until they leave. Its port is ROVI_PORT.
"""

import asyncio
import base64
import hashlib
import json
import math
import os
import signal
import sys
import time

NAME = sys.argv[1]
KEY_END = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


async def accept(reader):
    """The answer to the request that opens a WebSocket; None where it is no such request."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")[1:]
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "sec-websocket-key" not in fields:
        return None
    digest = hashlib.sha1((fields["sec-websocket-key"] + KEY_END).encode()).digest()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}\r\n\r\n"
    ).encode()


def reading():
    text = json.dumps({"service": NAME, "value": round(math.sin(time.time()), 3)}).encode()
    return bytes([0x81, len(text)]) + text


async def serve(reader, writer):
    try:
        answer = await asyncio.wait_for(accept(reader), timeout=5)
        writer.write(answer or b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        while answer is not None:
            writer.write(reading())
            await writer.drain()
            await asyncio.sleep(0.1)
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError):
        pass  # They left, or were no client: a health check only connects.
    finally:
        writer.close()


async def main():
    port = int(os.environ["ROVI_PORT"])
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await asyncio.start_server(serve, "0.0.0.0", port)
    print(f"{NAME} listens at port {port}", flush=True)
    await ended.wait()


asyncio.run(main())
