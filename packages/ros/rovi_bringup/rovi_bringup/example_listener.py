"""The example stack's listener: logs what it hears on the topic rovi_example."""

import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from std_msgs.msg import String


class Listener(Node):
    """Logs each line."""

    def __init__(self):
        super().__init__('example_listener')
        self.create_subscription(String, 'rovi_example', self._hear, 10)

    def _hear(self, message):
        self.get_logger().info(f'heard "{message.data}"')


def main():
    """Run until SIGINT or SIGTERM, and end with 0."""
    try:
        rclpy.init()
        rclpy.spin(Listener())
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        rclpy.try_shutdown()
