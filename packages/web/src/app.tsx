import { MantineProvider } from '@mantine/core';
import { Suspense, lazy, useState } from 'react';
import { Redirect, Route, Router, Switch } from 'wouter';
import { CommanderContext } from './command/commander-context.js';
import { Commander } from './command/commander.js';
import { EstopContext } from './estop/estop-context.js';
import { EstopSwitch } from './estop/estop-switch.js';
import { Frame } from './frame/frame.js';
import { RobotContext } from './live/robot-context.js';
import type { Robot } from './live/robot.js';
import { MaintainerContext } from './maintenance/maintainer-context.js';
import { Maintainer } from './maintenance/maintainer.js';
import { Overview } from './overview/overview.js';
import { theme } from './theme.js';

const FleetView = lazy(() => import('./fleet/fleet-view.js'));
const LogsView = lazy(() => import('./logs/logs-view.js'));
const GraphView = lazy(() => import('./graph/graph-view.js'));
const ServiceView = lazy(() => import('./services/service-view.js'));
const TicketView = lazy(() => import('./tickets/ticket-view.js'));
const TicketsView = lazy(() => import('./tickets/tickets-view.js'));
const TimelineView = lazy(() => import('./timeline/timeline-view.js'));

/** The whole page. */
export function App({ robot }: { robot: Robot }) {
  const [commander] = useState(() => new Commander(robot.client));
  const [maintainer] = useState(() => new Maintainer(robot.client));
  const [estop] = useState(
    () =>
      new EstopSwitch({
        calls: robot.client.tickets,
        clock: robot.clock,
        isLive: () => robot.store.getState().link.state === 'live',
        desk: () => robot.store.getState().view?.snapshot.tickets ?? null,
      }),
  );
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <RobotContext value={robot}>
        <CommanderContext value={commander}>
          <MaintainerContext value={maintainer}>
            <EstopContext value={estop}>
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
                      <Route path="/service/:name">
                        {({ name }) => <ServiceView key={name} name={name} />}
                      </Route>
                      <Route path="/tickets">
                        <TicketsView />
                      </Route>
                      <Route path="/tickets/:id">{({ id }) => <TicketView key={id} id={id} />}</Route>
                      <Route path="/fleet/:robot?">
                        {({ robot: one }) => <FleetView robot={one ?? null} />}
                      </Route>
                      <Route path="/logs/:name">{({ name }) => <LogsView name={name} />}</Route>
                      <Route>
                        <Redirect to="/" />
                      </Route>
                    </Switch>
                  </Suspense>
                </Frame>
              </Router>
            </EstopContext>
          </MaintainerContext>
        </CommanderContext>
      </RobotContext>
    </MantineProvider>
  );
}
