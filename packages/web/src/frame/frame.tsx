import './frame.css';
import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { ConfirmDialog } from '../command/confirm-dialog.js';
import { Refusal } from '../command/refusal.js';
import { EstopBanner } from '../estop/estop-banner.js';
import { EstopButton } from '../estop/estop-button.js';
import { EstopUnsent } from '../estop/estop-unsent.js';
import { ResetDialog } from '../estop/reset-dialog.js';
import { Announcer } from '../live/announcer.js';
import { useIsLive, useRobotState } from '../live/robot-context.js';
import { MaintenanceDialog } from '../maintenance/maintenance-dialog.js';
import { SignIn } from '../session/sign-in.js';
import { LinkChip } from './link-chip.js';
import { Navigation } from './navigation.js';
import { PersonMenu } from './person-menu.js';
import { RobotMatters } from './robot-matters.js';
import { StopButton } from './stop-button.js';
import { ThemeToggle } from './theme-toggle.js';
import { Warnings } from './warnings.js';

/** What is around every view: who and how the robot is, where to go, Stop and the e-stop. */
export function Frame({ children }: { children: ReactNode }) {
  const name = useRobotState(({ view, access }) =>
    access.state === 'granted' ? access.session.robot : (view?.snapshot.robot ?? 'Rovi'),
  );
  const wanted = useRobotState(({ access }) => access.state === 'wanted');
  const live = useIsLive();
  useEffect(() => {
    document.title = `${name} · Rovi`;
  }, [name]);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="head">
        <div className="head-row">
          <div className="robot">
            <span className="robot-name">{name}</span>
            {!wanted && <LinkChip />}
          </div>
          {!wanted && <Navigation />}
          <div className="head-end">
            <ThemeToggle />
            <PersonMenu />
            {!wanted && <StopButton />}
            {!wanted && <EstopButton />}
          </div>
        </div>
        {!wanted && <EstopUnsent />}
      </header>
      <main id="main" tabIndex={-1} data-live={live || wanted}>
        {wanted ? (
          <SignIn />
        ) : (
          <>
            <Warnings />
            <EstopBanner />
            <RobotMatters />
            <Refusal />
            {children}
          </>
        )}
      </main>
      <ConfirmDialog />
      <MaintenanceDialog />
      <ResetDialog />
      <Announcer />
    </>
  );
}
