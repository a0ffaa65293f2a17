"""Manual driving: the game pad becomes velocities, and twist_mux lets one source through."""

from pathlib import Path

from launch import LaunchDescription
from launch_ros.actions import Node

PARAMETERS = str(Path(__file__).parents[2] / 'config' / 'teleop.yaml')


def generate_launch_description():
    return LaunchDescription([
        Node(
            package='joy', executable='joy_node', name='joy_node', output='screen',
            parameters=[PARAMETERS]),
        Node(
            package='teleop_twist_joy', executable='teleop_node', name='teleop_node',
            output='screen', parameters=[PARAMETERS], remappings=[('cmd_vel', 'cmd_vel_joy')]),
        Node(
            package='twist_mux', executable='twist_mux', name='twist_mux', output='screen',
            parameters=[PARAMETERS], remappings=[('cmd_vel_out', 'cmd_vel')]),
    ])
