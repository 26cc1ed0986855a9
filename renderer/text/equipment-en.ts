/** The words of machines and their values. */
export const equipmentEn = {
  title: 'Equipment',
  /** What a machine or a value is called, by its id and the label it came with. */
  named: (id: string, label: string | null): string => label ?? id,
  empty: (area: string): string => `No machine of ${area} has reported yet.`,
  emptyMore: 'Machines appear by themselves with their first value.',
  simulated: 'Simulated',
  unknown: 'Not received here yet',
  limit: {
    between: (low: string, high: string): string => `${low} to ${high}`,
    atMost: (high: string): string => `at most ${high}`,
    atLeast: (low: string): string => `at least ${low}`,
  },
  over: (limit: string): string => `Above ${limit}`,
  under: (limit: string): string => `Below ${limit}`,
  limitIs: (limit: string): string => `Limit ${limit}`,
}
