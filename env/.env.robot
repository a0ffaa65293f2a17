# Rovi's environment on the robot: read by the units (EnvironmentFile=), by run_stack.sh and by rovi_env.sh.
# NAME=value, one a line, comments on lines of their own; nothing is expanded. No secrets: this file is committed.
# It belongs at /etc/rovi/.env.robot, as rovi.yaml's env_file: root's, because systemd reads it as root. For shells:
#   ln -s /etc/rovi/.env.robot $ROVI_ROS_WS_DIR/.env.robot
# A change takes effect with the next start of a unit: restart the gateway, then the stack.

# The workspace. As in rovi.yaml.
ROVI_ROS_WS_DIR=/home/rovi/dev/Roblibs/rovi_ros_ws
ROVI_ENV=robot

# The robot has the network's domain 0 to itself; simulation on a PC lives in another (.env.pc).
ROS_DOMAIN_ID=0
RMW_IMPLEMENTATION=rmw_cyclonedds_cpp

# Only needed where several ROS distributions are below /opt/ros.
# ROS_DISTRO=jazzy

# Who publishes odom -> base_footprint. A choice for restart time: set it, then restart rovi-gateway.service.
#   0: the EKF of mapping, localization and nav does
#   1: the raw odometry integrator does (teleop)
ROVI_ODOM_INTEGRATOR_PUBLISH_TF=0

# What nodes print goes to the journal, and so to `rovictl logs`; by default launch keeps it in ~/.ros/log alone.
OVERRIDE_LAUNCH_PROCESS_OUTPUT=both
