"""
The stack contract: one launch file, told by arguments which stack to run.

The catalog's form of it is `ros2 launch rovi_bringup rovi.launch.py robot_mode:=real
gateway_enabled:=false stack:=NAME rviz:=false`. A stack is a file in stacks/; one that is added
there can be named. Arguments of the stack's file and of gateway.launch.py are taken, too.
"""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, LogInfo, OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch_ros.actions import Node, SetParameter
from rovi_bringup.installed import missing_programs, program

LAUNCH = Path(__file__).parent
SUFFIX = '.launch.py'
STACKS = sorted(path.name[:-len(SUFFIX)] for path in LAUNCH.glob('stacks/*' + SUFFIX))


def _include(path):
    return IncludeLaunchDescription(PythonLaunchDescriptionSource(str(path)))


def _compose(context):
    arguments = context.launch_configurations
    name = arguments['stack']
    stack = _include(LAUNCH / 'stacks' / (name + SUFFIX))
    # All of it is looked for before any of it is started: half a stack is worse than none.
    missing = missing_programs(stack, context)
    if missing:
        raise RuntimeError(f'stack "{name}" cannot start, not installed: {", ".join(missing)}')
    parts = []
    if arguments['robot_mode'] == 'sim':
        parts.append(SetParameter(name='use_sim_time', value=True))
    # First, because it looks for what it needs when it is visited.
    if arguments['gateway_enabled'] == 'true':
        parts.append(_include(LAUNCH / 'gateway.launch.py'))
    parts.append(stack)
    if arguments['rviz'] == 'true':
        found = program('rviz2', 'rviz2')
        parts.append(
            Node(package='rviz2', executable='rviz2', output='screen') if found
            else LogInfo(msg='rviz2 is not installed: left out')
        )
    return parts


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument(
            'robot_mode', default_value='real', choices=['real', 'sim'],
            description='real: the robot. sim: a simulator, whose clock every node uses.'),
        DeclareLaunchArgument(
            'gateway_enabled', default_value='false', choices=['true', 'false'],
            description='true: start gateway.launch.py, too. Not beside rovi-gateway.service.'),
        DeclareLaunchArgument('stack', choices=STACKS, description='The stack to run.'),
        DeclareLaunchArgument(
            'rviz', default_value='false', choices=['true', 'false'],
            description='true: start rviz2, if it is installed.'),
        OpaqueFunction(function=_compose),
    ])
