import {
  IconFileText,
  IconLayoutDashboard,
  IconRobot,
  IconSitemap,
  IconTicket,
  IconTimeline,
} from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import { useHasTickets } from '../estop/estop-context.js';
import { useRobotState } from '../live/robot-context.js';

/** The face of a gateway that observes a fleet. */
const FLEET = 'fleet-console';

/** The views of the page. Logs opens those of the stack that holds the robot, else the gateway's. */
export function Navigation() {
  const [path] = useLocation();
  const active = useRobotState(({ view }) => view?.snapshot.active ?? 'gateway');
  const tickets = useHasTickets() === true;
  const fleet = useRobotState(({ view }) => view?.snapshot.faces.some(({ name }) => name === FLEET) === true);
  const places = [
    { to: '/', at: path === '/', text: 'Overview', Icon: IconLayoutDashboard },
    { to: '/graph', at: path === '/graph', text: 'Graph', Icon: IconSitemap },
    { to: '/timeline', at: path === '/timeline', text: 'Timeline', Icon: IconTimeline },
    ...(tickets
      ? [{ to: '/tickets', at: path.startsWith('/tickets'), text: 'Tickets', Icon: IconTicket }]
      : []),
    ...(fleet ? [{ to: '/fleet', at: path.startsWith('/fleet'), text: 'Fleet', Icon: IconRobot }] : []),
    { to: `/logs/${active}`, at: path.startsWith('/logs/'), text: 'Logs', Icon: IconFileText },
  ];
  return (
    <nav className="places" aria-label="Views">
      {places.map(({ to, at, text, Icon }) => (
        <Link key={text} href={to} aria-current={at ? 'page' : undefined}>
          <Icon size={22} stroke={1.75} aria-hidden />
          {text}
        </Link>
      ))}
    </nav>
  );
}
