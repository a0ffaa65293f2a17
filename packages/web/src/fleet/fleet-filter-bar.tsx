import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { FLEET_GROUPS, groupTitles } from './fleet-list.js';
import type { FleetFilter, FleetGroup } from './fleet-list.js';

/** Which robots are shown: of one group or all, and with these words. */
export function FleetFilterBar({
  filter,
  counts,
  total,
  onFilter,
}: {
  filter: FleetFilter;
  counts: Readonly<Record<FleetGroup, number>>;
  total: number;
  onFilter: (filter: FleetFilter) => void;
}) {
  const chips = [
    { group: null, title: 'All', count: total },
    ...FLEET_GROUPS.map((group) => ({ group, title: groupTitles[group], count: counts[group] })),
  ];
  return (
    <div className="fleet-filter">
      <div className="fleet-chips" role="group" aria-label="Show">
        {chips.map(({ group, title, count }) => (
          <button
            key={title}
            type="button"
            className="fleet-chip"
            data-group={group ?? 'all'}
            data-some={count > 0}
            aria-pressed={filter.group === group}
            onClick={() => onFilter({ ...filter, group })}
          >
            {title} <span className="figures">{count}</span>
          </button>
        ))}
      </div>
      <TextInput
        type="search"
        aria-label="Find robots by name, stack or what is the matter"
        placeholder="Name, stack, what is the matter"
        size="md"
        leftSection={<IconSearch size={20} aria-hidden />}
        value={filter.text}
        onChange={({ currentTarget: { value } }) => onFilter({ ...filter, text: value })}
        styles={{ input: { minHeight: 44 } }}
      />
    </div>
  );
}
