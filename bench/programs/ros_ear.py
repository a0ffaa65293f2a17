"""A subscriber: another process of the ROS graph, and nothing of Rovi. Says what it hears of one stack, and when.

    ros_ear.py unit|snapshot|diagnostics TOPIC STACK

stdout  one JSON object a line: {"at": CLOCK_MONOTONIC in milliseconds as the callback begins, "word": state}.
        The word is the message itself (unit), or the stack's state in the snapshot or among the diagnostics.
"""

import json
import sys
import time

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import String

kind, topic, stack = sys.argv[1:]
latched = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
periodic = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)


def in_snapshot(message):
    return next(entry["state"] for entry in json.loads(message.data)["stacks"] if entry["name"] == stack)


def in_diagnostics(message):
    status = next(entry for entry in message.status if entry.name == f"rovi: {stack}")
    return next(pair.value for pair in status.values if pair.key == "State")


message_type, qos, word_of = {
    "unit": (String, latched, lambda message: message.data),
    "snapshot": (String, latched, in_snapshot),
    "diagnostics": (DiagnosticArray, periodic, in_diagnostics),
}[kind]


def hear(message):
    at = time.monotonic_ns() / 1e6
    print(json.dumps({"at": at, "word": word_of(message)}), flush=True)


rclpy.init()
node = rclpy.create_node("bench_ear", enable_rosout=False, start_parameter_services=False)
node.create_subscription(message_type, topic, hear, qos)
rclpy.spin(node)
