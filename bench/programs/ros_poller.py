"""The rival: what one writes by hand where there is no Rovi. Asks `systemctl show` for all stacks at a fixed rate, and
publishes each one's ActiveState.

    ros_poller.py HERTZ NAMESPACE STACK...
"""

import subprocess
import sys

import rclpy
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import String

hertz, namespace, stacks = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
units = [f"rovi-{stack}.service" for stack in stacks]
latched = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)

rclpy.init()
node = rclpy.create_node("bench_poller", namespace=namespace, enable_rosout=False, start_parameter_services=False)
publishers = [node.create_publisher(String, f"{namespace}/{stack}/state", latched) for stack in stacks]


def poll():
    shown = subprocess.run(
        ["systemctl", "show", "--property=ActiveState", "--value", *units], stdout=subprocess.PIPE, text=True, check=True
    )
    for publisher, word in zip(publishers, shown.stdout.split()):
        publisher.publish(String(data=word))


node.create_timer(1 / hertz, poll)
rclpy.spin(node)
