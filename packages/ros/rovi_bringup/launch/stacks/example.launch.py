"""A stack that needs nothing but this package: for a first try of Rovi."""

from launch import LaunchDescription
from launch_ros.actions import Node


def generate_launch_description():
    return LaunchDescription([
        Node(package='rovi_bringup', executable='example_talker', output='screen'),
        Node(package='rovi_bringup', executable='example_listener', output='screen'),
    ])
