import { Button, PasswordInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { RoviError } from '@rovi/contract';
import { useState } from 'react';
import type { SubmitEvent } from 'react';
import { ProblemNote } from '../command/problem-note.js';
import { useRobot, useRobotState } from '../live/robot-context.js';

/** Asks for a token, and says why one is wanted. */
export function SignIn() {
  const robot = useRobot();
  const access = useRobotState((state) => state.access);
  const [token, setToken] = useState('');
  const [trying, setTrying] = useState(false);
  const [refused, setRefused] = useState<RoviError | null>(null);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setTrying(true);
    try {
      await robot.signIn(token.trim());
    } catch (error) {
      setRefused(RoviError.from(error));
      setTrying(false);
    }
  };

  const why = refused ?? (access.state === 'wanted' ? access.problem : null);
  return (
    <form className="card sign-in" onSubmit={(event) => void submit(event)}>
      <h1>Sign in</h1>
      <p className="soft">
        This robot asks for a token. Whoever looks after it makes one with{' '}
        <code>rovictl token create --role operator --name NAME</code>. It is kept on this device until you
        sign out.
      </p>
      {why !== null && (
        // What to do where none was given yet is what this form is for; the robot's answer tells it to programs.
        <ProblemNote problem={why.code === 'token-required' ? { ...why.toProblem(), mend: '' } : why} />
      )}
      <PasswordInput
        label="Token"
        size="lg"
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        placeholder="rovi_…"
        autoComplete="current-password"
        required
        data-autofocus
      />
      <Button type="submit" size="lg" loading={trying} leftSection={<IconKey size={20} aria-hidden />}>
        Sign in
      </Button>
    </form>
  );
}
