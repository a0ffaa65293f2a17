import './services.css';
import { useRobotState } from '../live/robot-context.js';
import { MaintenanceButton } from '../maintenance/maintenance-button.js';
import { ExternalServices } from './external-services.js';
import { groupsOf } from './service-facts.js';
import { ServiceRow } from './service-row.js';

/** The services by category, the most important first, and those that others run. Nothing where there are none. */
export function ServicesList() {
  const services = useRobotState(({ view }) => view?.snapshot.services ?? null);
  // Where there are stacks it is beside them.
  const hasStacks = useRobotState(({ view }) => (view?.snapshot.stacks.length ?? 0) > 0);
  const external = useRobotState(({ view }) => view?.snapshot.external ?? null);
  if (services === null || external === null || services.length + external.length === 0) return null;
  const running = services.filter(({ state }) => state === 'RUNNING').length;
  return (
    <section aria-labelledby="services" className="services">
      <div className="section-head">
        <h2 id="services">Services</h2>
        <span className="soft figures">
          {running} of {services.length} running
        </span>
        {!hasStacks && <MaintenanceButton target={null} />}
      </div>
      {groupsOf(services).map(({ category, services: members }) => (
        <section key={category} className="card service-group" aria-labelledby={`category-${category}`}>
          <h3 id={`category-${category}`} className="eyebrow">
            {category}
          </h3>
          <ul>
            {members.map((service) => (
              <ServiceRow key={service.name} service={service} />
            ))}
          </ul>
        </section>
      ))}
      <ExternalServices external={external} />
    </section>
  );
}
