import '@xyflow/react/dist/base.css';
import { useElementSize } from '@mantine/hooks';
import {
  ControlButton,
  Controls,
  Handle,
  MarkerType,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import type { Edge, Node, NodeChange, NodeProps } from '@xyflow/react';
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import type { Graph, GraphNode } from '@rovi/contract';
import { useEffect, useMemo } from 'react';
import { StateBadge } from '../format/state-badge.js';
import { stateWord, toneOf } from '../format/tone.js';
import { useIsLive } from '../live/robot-context.js';
import { dependencies, drawnAs } from './dependencies.js';
import { layoutOf, servicesDirection } from './layout.js';
import type { Direction, Layout } from './layout.js';

type UnitNode = Node<{ unit: GraphNode; direction: Direction }, 'unit'>;
type FrameNode = Node<Record<string, never>, 'frame'>;
type PictureNode = UnitNode | FrameNode;

/** Narrower than this, in pixels, units stand below each other. */
const NARROW_PX = 900;
/** Pixels that the picture is high at least. */
const LEAST_PX = 340;
/** Around all, with room for the buttons in a corner; and the largest scale. */
const MARGIN_PX = 22;
const BUTTONS_PX = 68;
const MARGINS = {
  x: `${MARGIN_PX}px`,
  top: `${MARGIN_PX}px`,
  bottom: `${BUTTONS_PX}px`,
} as const;
const LARGEST = 1.1;

/** The units and what holds them together, laid out by itself. A unit is chosen by a touch, a click or Enter. */
export function GraphPicture({
  graph,
  chosen,
  onChoose,
}: {
  graph: Graph;
  chosen: string;
  onChoose: (id: string) => void;
}) {
  const { ref, width } = useElementSize();
  const direction = width < NARROW_PX ? 'right' : 'down';
  const structure = JSON.stringify([graph.nodes.map(({ id }) => id), graph.edges, graph.groups]);
  // Only what is where, not how it is: states change often.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const layout = useMemo(() => layoutOf(graph, direction), [structure, direction]);
  // As high as what is in it at the scale at which its width fits: text stays large enough to be read.
  const scale = Math.min(LARGEST, (width - 2 * MARGIN_PX) / Math.max(layout.width, 1));
  const height = Math.max(LEAST_PX, layout.height * scale + MARGIN_PX + BUTTONS_PX);
  return (
    <div ref={ref} className="graph-picture" style={{ height }}>
      {width > 0 && (
        <ReactFlowProvider>
          <Flow
            graph={graph}
            layout={layout}
            chosen={chosen}
            onChoose={onChoose}
            direction={direction}
            size={`${width} ${height}`}
          />
        </ReactFlowProvider>
      )}
    </div>
  );
}

function Flow({
  graph,
  layout,
  chosen,
  onChoose,
  direction,
  size,
}: {
  graph: Graph;
  layout: Layout;
  chosen: string;
  onChoose: (id: string) => void;
  direction: Direction;
  /** Changes with the size of the picture. */
  size: string;
}) {
  const live = useIsLive();
  const { fitView, zoomIn, zoomOut } = useReactFlow();
  const nodes = useMemo<PictureNode[]>(
    () => [
      ...layout.frames.map(({ x, y, width: across, height }, index): FrameNode => ({
        id: `frame ${index}`,
        type: 'frame',
        position: { x, y },
        width: across,
        height,
        data: {},
        selectable: false,
        focusable: false,
        zIndex: -1,
      })),
      ...graph.nodes.flatMap((unit): UnitNode[] => {
        const box = layout.nodes.get(unit.id);
        if (box === undefined) return [];
        return [
          {
            id: unit.id,
            type: 'unit',
            position: { x: box.x, y: box.y },
            width: box.width,
            height: box.height,
            data: { unit, direction: unit.kind === 'service' ? servicesDirection(direction) : direction },
            selected: unit.id === chosen,
            ariaRole: 'button',
            ariaLabel: `${unit.name} ${stateWord(unit.state, live)}`,
            domAttributes: { 'aria-pressed': unit.id === chosen },
          },
        ];
      }),
    ],
    [graph, layout, chosen, direction, live],
  );
  const edges = useMemo<Edge[]>(() => {
    const byId = new Map(graph.nodes.map((node) => [node.id, node]));
    return dependencies(graph.edges).map(({ from, to, kinds }) => {
      const drawn = drawnAs(kinds);
      const runs = live && drawn !== 'conflicts' && byId.get(from)?.state === 'RUNNING';
      const near = from === chosen || to === chosen;
      return {
        id: `${from} ${to}`,
        ...(drawn === 'conflicts'
          ? conflictEnds(from, to, layout)
          : { source: from, target: to, sourceHandle: 'out', targetHandle: 'in' }),
        type: drawn === 'conflicts' ? 'default' : 'smoothstep',
        className: `${runs ? 'graph-edge-runs' : 'graph-edge'} graph-${drawn}${near ? ' graph-near' : ''}`,
        ...(drawn === 'conflicts'
          ? {}
          : { markerEnd: { type: MarkerType.ArrowClosed, width: 18, height: 18, color: 'context-stroke' } }),
        focusable: false,
        selectable: false,
        // Between services there can be others, which are never drawn over.
        zIndex: runs && byId.get(from)?.kind !== 'service' ? 1 : 0,
      };
    });
  }, [graph, layout, live, chosen]);

  useEffect(() => {
    void fitView({ padding: MARGINS, maxZoom: LARGEST });
  }, [fitView, layout, size]);

  const changed = (changes: readonly NodeChange<PictureNode>[]): void => {
    for (const change of changes) if (change.type === 'select' && change.selected) onChoose(change.id);
  };
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      onNodesChange={changed}
      fitView
      fitViewOptions={{ padding: MARGINS, maxZoom: LARGEST }}
      minZoom={0.3}
      maxZoom={2}
      nodesDraggable={false}
      nodesConnectable={false}
      edgesFocusable={false}
      // A finger or wheel that goes over the picture scrolls the page.
      zoomOnScroll={false}
      preventScrolling={false}
      panOnDrag={direction === 'down'}
      zoomOnDoubleClick={false}
      deleteKeyCode={null}
      // The library's name in a corner leads away from the robot.
      proOptions={{ hideAttribution: true }}
      ariaLabelConfig={{
        'node.a11yDescription.default': 'Enter shows what the unit is and what can be done with it.',
      }}
      aria-label="Units and what they need"
    >
      <Controls showZoom={false} showFitView={false} showInteractive={false} aria-label="View of the picture">
        <ControlButton aria-label="Larger" title="Larger" onClick={() => void zoomIn()}>
          <IconPlus aria-hidden />
        </ControlButton>
        <ControlButton aria-label="Smaller" title="Smaller" onClick={() => void zoomOut()}>
          <IconMinus aria-hidden />
        </ControlButton>
        <ControlButton
          aria-label="Show all"
          title="Show all"
          onClick={() => void fitView({ padding: MARGINS, maxZoom: LARGEST })}
        >
          <IconFocusCentered aria-hidden />
        </ControlButton>
      </Controls>
    </ReactFlow>
  );
}

/** Neither needs the other: drawn from the bottom of the upper one to the top of the lower one, or from left to right. */
function conflictEnds(one: string, other: string, { nodes }: Layout) {
  const [a, b] = [nodes.get(one), nodes.get(other)];
  const besides = a?.y === b?.y;
  const swapped = besides ? (a?.x ?? 0) > (b?.x ?? 0) : (a?.y ?? 0) > (b?.y ?? 0);
  const [source, target] = swapped ? [other, one] : [one, other];
  return besides
    ? { source, target, sourceHandle: 'right', targetHandle: 'left' }
    : { source, target, sourceHandle: 'bottom', targetHandle: 'top' };
}

function UnitBox({ data: { unit, direction }, selected }: NodeProps<UnitNode>) {
  const live = useIsLive();
  return (
    <div
      className="graph-unit"
      data-tone={live ? toneOf(unit.state, unit.level) : 'unknown'}
      data-kind={unit.kind}
      data-chosen={selected}
    >
      <Handle
        id="out"
        type="source"
        position={direction === 'down' ? Position.Top : Position.Left}
        isConnectable={false}
      />
      {unit.kind === 'service' && (
        <>
          <Handle id="bottom" type="source" position={Position.Bottom} isConnectable={false} />
          <Handle id="top" type="target" position={Position.Top} isConnectable={false} />
          <Handle id="right" type="source" position={Position.Right} isConnectable={false} />
          <Handle id="left" type="target" position={Position.Left} isConnectable={false} />
        </>
      )}
      <strong>{unit.name}</strong> <StateBadge state={unit.state} level={unit.level} />
      <Handle
        id="in"
        type="target"
        position={direction === 'down' ? Position.Bottom : Position.Right}
        isConnectable={false}
      />
    </div>
  );
}

function Frame() {
  return (
    <div className="graph-frame">
      <span>One at a time</span>
    </div>
  );
}

const nodeTypes = { unit: UnitBox, frame: Frame };
