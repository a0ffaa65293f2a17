"""Drives to goals on a known map: localization, and of Nav2 what plans, follows and decides."""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare

LOCALIZATION = Path(__file__).with_name('localization.launch.py')
PARAMETERS = str(Path(__file__).parents[2] / 'config' / 'navigation.yaml')
# Plans anew once a second. Nav2's default tree needs behavior_server as well.
TREE = PathJoinSubstitution([
    FindPackageShare('nav2_bt_navigator'), 'behavior_trees', 'navigate_w_replanning_time.xml'])


def generate_launch_description():
    return LaunchDescription([
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(LOCALIZATION))),
        Node(
            package='nav2_controller', executable='controller_server', name='controller_server',
            output='screen', parameters=[PARAMETERS]),
        Node(
            package='nav2_planner', executable='planner_server', name='planner_server',
            output='screen', parameters=[PARAMETERS]),
        Node(
            package='nav2_bt_navigator', executable='bt_navigator', name='bt_navigator',
            output='screen', parameters=[PARAMETERS, {'default_nav_to_pose_bt_xml': TREE}]),
        Node(
            package='nav2_lifecycle_manager', executable='lifecycle_manager', output='screen',
            name='lifecycle_manager_navigation',
            parameters=[{
                'autostart': True,
                'node_names': ['controller_server', 'planner_server', 'bt_navigator']}]),
    ])
