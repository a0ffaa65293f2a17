"""Calls std_srvs/srv/Trigger services, and times each call.

stdin   one JSON object a line: {"call": SERVICE} | {"wait": SERVICE} (until it is there)
stdout  one JSON object a line; times are CLOCK_MONOTONIC in milliseconds, from the request to the response.
"""

import json
import sys
import time

import rclpy
from std_srvs.srv import Trigger

rclpy.init()
node = rclpy.create_node("bench_caller", enable_rosout=False, start_parameter_services=False)
clients = {}


def client_of(service):
    if service not in clients:
        clients[service] = node.create_client(Trigger, service)
        if not clients[service].wait_for_service(30):
            return None
    return clients[service]


def answer(request):
    service = request.get("call") or request["wait"]
    client = client_of(service)
    if client is None:
        return {"error": f"{service} is not there"}
    if "wait" in request:
        return {}
    start = time.monotonic_ns() / 1e6
    future = client.call_async(Trigger.Request())
    rclpy.spin_until_future_complete(node, future, timeout_sec=30)
    end = time.monotonic_ns() / 1e6
    if not future.done():
        return {"error": f"{service} did not answer"}
    response = future.result()
    if not response.success:
        return {"error": f"{service}: {response.message}"}
    return {"start": start, "end": end, "bytes": len(response.message)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
