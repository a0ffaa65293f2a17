"""The example stack's talker: counts, once a second, on the topic rovi_example."""

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_msgs.msg import String


class Talker(Node):
    """Publishes a line a second."""

    def __init__(self):
        super().__init__('example_talker')
        self._count = 0
        self._publisher = self.create_publisher(String, 'rovi_example', 10)
        self.create_timer(1.0, self._talk)

    def _talk(self):
        self._count += 1
        self._publisher.publish(String(data=f'line {self._count}'))


def main():
    """Run until SIGINT or SIGTERM, and end with 0."""
    try:
        rclpy.init()
        rclpy.spin(Talker())
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        rclpy.try_shutdown()
