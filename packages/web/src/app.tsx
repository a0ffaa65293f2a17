import { MantineProvider } from '@mantine/core';
import { Suspense, lazy, useState } from 'react';
import { Redirect, Route, Router, Switch } from 'wouter';
import { CommanderContext } from './command/commander-context.js';
import { Commander } from './command/commander.js';
import { Frame } from './frame/frame.js';
import { RobotContext } from './live/robot-context.js';
import type { Robot } from './live/robot.js';
import { Overview } from './overview/overview.js';
import { theme } from './theme.js';

const LogsView = lazy(() => import('./logs/logs-view.js'));
const GraphView = lazy(() => import('./graph/graph-view.js'));
const TimelineView = lazy(() => import('./timeline/timeline-view.js'));

/** The whole page. */
export function App({ robot }: { robot: Robot }) {
  const [commander] = useState(() => new Commander(robot.client));
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <RobotContext value={robot}>
        <CommanderContext value={commander}>
          <Router base="/services">
            <Frame>
              <Suspense fallback={<p role="status">Loading this view…</p>}>
                <Switch>
                  <Route path="/">
                    <Overview />
                  </Route>
                  <Route path="/graph">
                    <GraphView />
                  </Route>
                  <Route path="/timeline">
                    <TimelineView />
                  </Route>
                  <Route path="/logs/:name">{({ name }) => <LogsView name={name} />}</Route>
                  <Route>
                    <Redirect to="/" />
                  </Route>
                </Switch>
              </Suspense>
            </Frame>
          </Router>
        </CommanderContext>
      </RobotContext>
    </MantineProvider>
  );
}
