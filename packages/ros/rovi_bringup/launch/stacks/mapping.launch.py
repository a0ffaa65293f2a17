"""Builds a map of unknown ground: odometry from the filter, the map from slam_toolbox."""

from pathlib import Path

from launch import LaunchDescription
from launch_ros.actions import LifecycleNode, LifecycleTransition, Node
from lifecycle_msgs.msg import Transition

CONFIG = Path(__file__).parents[2] / 'config'


def generate_launch_description():
    return LaunchDescription([
        Node(
            package='robot_localization', executable='ekf_node', name='ekf_filter_node',
            output='screen', parameters=[str(CONFIG / 'ekf.yaml')]),
        # In Jazzy a lifecycle node: somebody has to bring it up.
        LifecycleNode(
            package='slam_toolbox', executable='async_slam_toolbox_node', name='slam_toolbox',
            namespace='', output='screen', parameters=[str(CONFIG / 'mapping.yaml')]),
        LifecycleTransition(
            lifecycle_node_names=['/slam_toolbox'],
            transition_ids=[Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE]),
    ])
