import { IconFileText, IconLayoutDashboard, IconSitemap, IconTimeline } from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import { useRobotState } from '../live/robot-context.js';

/** The views of the page. Logs opens those of the stack that holds the robot, else the gateway's. */
export function Navigation() {
  const [path] = useLocation();
  const active = useRobotState(({ view }) => view?.snapshot.active ?? 'gateway');
  const places = [
    { to: '/', at: path === '/', text: 'Overview', Icon: IconLayoutDashboard },
    { to: '/graph', at: path === '/graph', text: 'Graph', Icon: IconSitemap },
    { to: '/timeline', at: path === '/timeline', text: 'Timeline', Icon: IconTimeline },
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
