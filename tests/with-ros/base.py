#!/usr/bin/env python3
"""A base on wheels, as far as ROS can see it: follows the Twists of /cmd_vel and the TwistStamped of
/base_controller/cmd_vel, tells each on stdout as JSON with the time it came (CLOCK_MONOTONIC, ms) and the metres it has
come, and publishes where it is (/odom, 50 Hz) and what it sees (/scan, 10 Hz).
Without a Twist for 500 ms it stops by itself, as every base should; a stamped one that is older than that it does not
follow, as diff_drive_controller does not."""
import json
import math
import sys
import time

import rclpy
from geometry_msgs.msg import Twist, TwistStamped
from nav_msgs.msg import Odometry
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import LaserScan

TIMEOUT_S = 0.5


class Base(Node):
    def __init__(self):
        super().__init__("base")
        self.speed = (0.0, 0.0)
        self.place = [0.0, 0.0]
        self.come = 0.0
        self.heard = self.moved = time.monotonic()
        self.odometry = self.create_publisher(Odometry, "/odom", 10)
        self.scans = self.create_publisher(LaserScan, "/scan", qos_profile_sensor_data)
        self.create_subscription(Twist, "/cmd_vel", self.hear, 10)
        self.create_subscription(TwistStamped, "/base_controller/cmd_vel", self.hear_stamped, 10)
        self.create_timer(0.02, self.move)
        self.create_timer(0.1, self.look)
        self.tell(event="ready")

    def tell(self, **what):
        print(json.dumps({**what, "come": self.come, "at": time.monotonic() * 1000}), flush=True)

    def hear_stamped(self, message):
        header = message.header
        age = time.time() - header.stamp.sec - header.stamp.nanosec / 1e9
        if age <= TIMEOUT_S:
            self.hear(message.twist, frame=header.frame_id, age=age)
        else:
            self.tell(event="stale", age=age)

    def hear(self, twist, **more):
        self.drive()
        self.tell(event="twist", x=twist.linear.x, y=twist.linear.y, **more)
        self.speed = (twist.linear.x, twist.linear.y)
        self.heard = time.monotonic()

    def drive(self):
        now = time.monotonic()
        for axis in (0, 1):
            self.place[axis] += self.speed[axis] * (now - self.moved)
        self.come += math.hypot(*self.speed) * (now - self.moved)
        self.moved = now

    def move(self):
        self.drive()
        if self.speed != (0.0, 0.0) and time.monotonic() - self.heard > TIMEOUT_S:
            self.speed = (0.0, 0.0)
            self.tell(event="timeout")
        message = Odometry()
        message.header.frame_id = "odom"
        message.child_frame_id = "base_link"
        message.pose.pose.position.x, message.pose.pose.position.y = self.place
        self.odometry.publish(message)

    def look(self):
        message = LaserScan()
        message.header.frame_id = "laser"
        message.angle_min, message.angle_max, message.angle_increment = -math.pi, math.pi, math.pi / 180
        message.range_min, message.range_max = 0.1, 12.0
        message.ranges = [math.inf if step % 4 == 0 else 2.0 for step in range(361)]
        self.scans.publish(message)


rclpy.init(args=sys.argv)
rclpy.spin(Base())
