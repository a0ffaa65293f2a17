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
import { dependencies } from './dependencies.js';
import { layoutOf } from './layout.js';
import type { Direction } from './layout.js';

type UnitNode = Node<{ unit: GraphNode; direction: Direction }, 'unit'>;
type FrameNode = Node<Record<string, never>, 'frame'>;
type PictureNode = UnitNode | FrameNode;

/** Narrower than this, in pixels, units stand below each other. */
const NARROW_PX = 900;

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
  return (
    <div ref={ref} className="graph-picture">
      {width > 0 && (
        <ReactFlowProvider>
          <Flow
            graph={graph}
            chosen={chosen}
            onChoose={onChoose}
            direction={width < NARROW_PX ? 'right' : 'down'}
            width={width}
          />
        </ReactFlowProvider>
      )}
    </div>
  );
}

function Flow({
  graph,
  chosen,
  onChoose,
  direction,
  width,
}: {
  graph: Graph;
  chosen: string;
  onChoose: (id: string) => void;
  direction: Direction;
  width: number;
}) {
  const live = useIsLive();
  const { fitView, zoomIn, zoomOut } = useReactFlow();
  const structure = JSON.stringify([graph.nodes.map(({ id }) => id), graph.edges, graph.groups]);
  // Only what is where, not how it is: states change often.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const layout = useMemo(() => layoutOf(graph, direction), [structure, direction]);

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
            data: { unit, direction },
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
    return dependencies(graph.edges).map(({ from, to }) => {
      const runs = live && byId.get(from)?.state === 'RUNNING';
      return {
        id: `${from} ${to}`,
        source: from,
        target: to,
        type: 'smoothstep',
        className: runs ? 'graph-edge-runs' : 'graph-edge',
        markerEnd: { type: MarkerType.ArrowClosed, width: 18, height: 18, color: 'context-stroke' },
        focusable: false,
        selectable: false,
        zIndex: runs ? 1 : 0,
      };
    });
  }, [graph, live]);

  useEffect(() => {
    void fitView({ padding: 0.04, maxZoom: 1.1 });
  }, [fitView, layout, width]);

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
      fitViewOptions={{ padding: 0.04, maxZoom: 1.1 }}
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
          onClick={() => void fitView({ padding: 0.04, maxZoom: 1.1 })}
        >
          <IconFocusCentered aria-hidden />
        </ControlButton>
      </Controls>
    </ReactFlow>
  );
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
        type="source"
        position={direction === 'down' ? Position.Top : Position.Left}
        isConnectable={false}
      />
      <strong>{unit.name}</strong> <StateBadge state={unit.state} level={unit.level} />
      <Handle
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
