import { Button, Menu } from '@mantine/core';
import { IconLogout, IconUser } from '@tabler/icons-react';
import { actorText } from '../format/words.js';
import { useRobot, useRobotState } from '../live/robot-context.js';

const ways = {
  socket: 'this device has the robot’s socket',
  account: 'an account of the robot',
  token: 'a token',
};

/** Who commands from here, and what that allows. */
export function PersonMenu() {
  const robot = useRobot();
  const access = useRobotState((state) => state.access);
  if (access.state !== 'granted') return null;
  const { role, via, verified } = access.session;
  const name = actorText(access.session.name);
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button
          className="person"
          variant="subtle"
          color="gray"
          leftSection={<IconUser size={20} aria-hidden />}
          aria-label={`Signed in as ${name}, ${role}`}
        >
          <span className="person-text">
            <span>{name}</span> <small>{role}</small>
          </span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {name} is {role === 'viewer' ? 'a' : 'an'} {role}, by {ways[via]}
          {verified ? '.' : '; the name is not checked.'}
        </Menu.Label>
        {via === 'token' && (
          <Menu.Item leftSection={<IconLogout size={20} aria-hidden />} onClick={() => robot.signOut()}>
            Sign out on this device
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
