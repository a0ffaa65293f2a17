from glob import glob

from setuptools import setup

NAME = 'rovi_bringup'
SHARE = 'share/' + NAME

setup(
    name=NAME,
    version='0.1.0',
    packages=[NAME],
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + NAME]),
        (SHARE, ['package.xml']),
        (SHARE + '/launch', glob('launch/*.launch.py')),
        (SHARE + '/launch/stacks', glob('launch/stacks/*.launch.py')),
        (SHARE + '/config', glob('config/*.yaml')),
        (SHARE + '/examples', glob('examples/*.yaml')),
    ],
    install_requires=['setuptools'],
    zip_safe=True,
    maintainer='Rovi maintainers',
    maintainer_email='maintainers@rovi.invalid',
    description=(
        'Launch files for Rovi: the gateway with its ROS backend, '
        'and examples of the stack contract.'
    ),
    license='Apache-2.0',
    entry_points={
        'console_scripts': [
            'example_talker = rovi_bringup.example_talker:main',
            'example_listener = rovi_bringup.example_listener:main',
        ],
    },
)
