"""Finds the robot on a known map: odometry from the filter, the map's frame from AMCL."""

import os
from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

CONFIG = Path(__file__).parents[2] / 'config'
PARAMETERS = str(CONFIG / 'navigation.yaml')


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument(
            'map', default_value=os.path.expanduser('~/.ros/rovi/maps/map.yaml'),
            description='The map\'s YAML file.'),
        Node(
            package='robot_localization', executable='ekf_node', name='ekf_filter_node',
            output='screen', parameters=[str(CONFIG / 'ekf.yaml')]),
        Node(
            package='nav2_map_server', executable='map_server', name='map_server', output='screen',
            parameters=[PARAMETERS, {'yaml_filename': LaunchConfiguration('map')}]),
        Node(
            package='nav2_amcl', executable='amcl', name='amcl', output='screen',
            parameters=[PARAMETERS]),
        Node(
            package='nav2_lifecycle_manager', executable='lifecycle_manager', output='screen',
            name='lifecycle_manager_localization',
            parameters=[{'autostart': True, 'node_names': ['map_server', 'amcl']}]),
    ])
