import './overview.css';
import { FiguresReader } from '../live/figures-context.js';
import { useRobotState } from '../live/robot-context.js';
import { ActiveStack } from './active-stack.js';
import { OperationProgress } from './operation-progress.js';
import { OtherStacks } from './other-stacks.js';
import { ServicesList } from '../services/services-list.js';
import { UnitsTable } from './units-table.js';

/** `/services/`: what the robot does, what it could do, and how all its units are. */
export function Overview() {
  const hasStacks = useRobotState(({ view }) => view === null || view.snapshot.stacks.length > 0);
  return (
    <FiguresReader>
      <div className="overview">
        {hasStacks && <ActiveStack />}
        <OperationProgress />
        {hasStacks && <OtherStacks />}
        <ServicesList />
        <UnitsTable />
      </div>
    </FiguresReader>
  );
}
