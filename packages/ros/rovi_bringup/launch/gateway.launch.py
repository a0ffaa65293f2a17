"""
The gateway with its ROS backend: what rovi-gateway.service runs where rovi.yaml names a launch.

The launch is the unit's main process and the conductor one of its processes: systemd's
NOTIFY_SOCKET and WATCHDOG_USEC reach it by the environment. When the conductor ends, so does
the launch.
"""

import os

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, ExecuteProcess, IncludeLaunchDescription
from launch.actions import LogInfo, OpaqueFunction, Shutdown
from launch.launch_description_sources import AnyLaunchDescriptionSource
from launch_ros.actions import Node
from rovi_bringup.installed import launch_file, program


def _backend(arguments):
    package, name = arguments['backend_package'], arguments['backend_launch']
    path = launch_file(package, name)
    if path is None:
        missing = f'the robot\'s backend {package}/{name} is not installed'
        if arguments['backend'] == 'required':
            raise RuntimeError(missing)
        return LogInfo(msg=missing + ': left out')
    # Who publishes odom -> base_footprint is a choice of gateway start, made in the env file.
    publish_tf = os.environ.get('ROVI_ODOM_INTEGRATOR_PUBLISH_TF', '1')
    return IncludeLaunchDescription(
        AnyLaunchDescriptionSource(str(path)),
        launch_arguments={
            'robot_mode': arguments['robot_mode'],
            'odom_integrator_publish_tf': 'false' if publish_tf in ('0', 'false') else 'true',
        }.items(),
    )


def _serial_display(arguments):
    wanted = arguments['serial_display']
    if wanted == 'false' or (wanted == 'auto' and arguments['robot_mode'] != 'real'):
        return None
    if program('robot_serial_display', 'serial_display') is None:
        missing = 'the serial display (package robot_serial_display) is not installed'
        if wanted == 'true':
            raise RuntimeError(missing)
        return LogInfo(msg=missing + ': left out')
    return Node(
        package='robot_serial_display', executable='serial_display',
        name='robot_serial_display', output='screen')


def _conductor(arguments):
    path = arguments['conductor']
    if not (os.path.isfile(path) and os.access(path, os.X_OK)):
        raise RuntimeError(
            f'the conductor {path} is not installed: run install.sh, or set conductor:=PATH')
    # The format keeps "<6>" at the start of each line, where the journal reads its priority.
    return ExecuteProcess(
        cmd=[path, '--catalog', arguments['catalog']],
        output='screen', output_format='{line}', on_exit=_when_the_conductor_ends)


def _when_the_conductor_ends(event, context):
    if context.is_shutdown:
        return None
    # Raised, it makes launch end with 1 and the unit fail; an end with 0 would pass for a stop.
    if event.returncode != 0:
        raise RuntimeError(f'the conductor ended with {event.returncode}')
    return Shutdown(reason='the conductor has ended')


def _compose(context):
    arguments = context.launch_configurations
    # The conductor last: what is missing for the others is found before it is started.
    parts = [_backend(arguments), _serial_display(arguments), _conductor(arguments)]
    return [part for part in parts if part is not None]


def generate_launch_description():
    return LaunchDescription([
        DeclareLaunchArgument(
            'robot_mode', default_value='real', choices=['real', 'sim'],
            description='real: the robot. sim: a simulator. Handed to the backend.'),
        DeclareLaunchArgument(
            'backend', default_value='auto', choices=['auto', 'required'],
            description='required: a backend that is not installed is an error.'),
        DeclareLaunchArgument(
            'backend_package', default_value='rovi_bringup',
            description='The package of the backend: drivers, odometry, robot_state_publisher.'),
        DeclareLaunchArgument(
            'backend_launch', default_value='robot_bringup.launch.py',
            description='The backend\'s launch file, in the package\'s share/PACKAGE/launch.'),
        DeclareLaunchArgument(
            'serial_display', default_value='auto', choices=['auto', 'true', 'false'],
            description='auto: on the real robot, if it is installed. true: else an error.'),
        DeclareLaunchArgument(
            'conductor', default_value='/usr/local/lib/rovi/rovi-gateway',
            description='The conductor\'s program, as install.sh leaves it.'),
        DeclareLaunchArgument(
            'catalog', default_value='/etc/rovi/rovi.yaml',
            description='The catalog that the conductor reads.'),
        OpaqueFunction(function=_compose),
    ])
