import './overview.css';
import { FiguresReader } from '../live/figures-context.js';
import { ActiveStack } from './active-stack.js';
import { OperationProgress } from './operation-progress.js';
import { OtherStacks } from './other-stacks.js';
import { UnitsTable } from './units-table.js';

/** `/services/`: what the robot does, what it could do, and how all its units are. */
export function Overview() {
  return (
    <FiguresReader>
      <div className="overview">
        <ActiveStack />
        <OperationProgress />
        <OtherStacks />
        <UnitsTable />
      </div>
    </FiguresReader>
  );
}
