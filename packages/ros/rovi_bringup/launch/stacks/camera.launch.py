"""The camera for watching and recording: the driver, and its pictures compressed."""

from launch import LaunchDescription
from launch_ros.actions import Node


def generate_launch_description():
    return LaunchDescription([
        Node(
            package='realsense2_camera', executable='realsense2_camera_node', output='screen',
            namespace='camera', name='camera', parameters=[{'enable_depth': False}]),
        Node(
            package='image_transport', executable='republish', name='image_republisher',
            output='screen',
            parameters=[{'in_transport': 'raw', 'out_transport': 'compressed'}],
            remappings=[
                ('in', '/camera/camera/color/image_raw'),
                ('out/compressed', '/camera/watch/compressed')]),
    ])
