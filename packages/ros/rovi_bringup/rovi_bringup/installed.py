"""What is installed of what a launch file names: asked before anything of it is started."""

import os
from pathlib import Path

from ament_index_python.packages import get_package_prefix, PackageNotFoundError
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions
from launch_ros.actions import Node


def program(package, executable):
    """Return the path of a package's executable, or None where `ros2 run` would find none."""
    prefix = _prefix(package)
    path = prefix and prefix / 'lib' / package / executable
    return path if path and path.is_file() and os.access(path, os.X_OK) else None


def launch_file(package, name):
    """Return the path of a launch file of a package, or None where there is none."""
    prefix = _prefix(package)
    path = prefix and prefix / 'share' / package / 'launch' / name
    return path if path and path.is_file() else None


def missing_programs(entity, context):
    """
    Return what the nodes of a launch description lack, those of its includes among them.

    Each missing package is named once as `package`, an executable missing in a package that is
    there as `package/executable`. A node counts whatever its condition.
    """
    missing = set()
    for node in _nodes(entity, context):
        package = _text(node.node_package, context)
        executable = _text(node.node_executable, context)
        if _prefix(package) is None:
            missing.add(package)
        elif program(package, executable) is None:
            missing.add(f'{package}/{executable}')
    return sorted(missing)


def _nodes(entity, context):
    if isinstance(entity, Node):
        return [entity]
    if isinstance(entity, LaunchDescription):
        inner = entity.entities
    elif isinstance(entity, IncludeLaunchDescription):
        # Read once: what is looked at here is what will run.
        inner = [entity.launch_description_source.get_launch_description(context)]
    else:
        inner = entity.get_sub_entities()
    return [node for part in inner for node in _nodes(part, context)]


def _prefix(package):
    try:
        return Path(get_package_prefix(package))
    except (PackageNotFoundError, ValueError):
        return None


def _text(value, context):
    return perform_substitutions(context, normalize_to_list_of_substitutions(value))
