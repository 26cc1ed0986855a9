/** The words of machines and their values. */
export const equipmentEn = {
  title: 'Equipment',
  /** What a machine or a value is called, by its id and the label it came with. */
  named: (id: string, label: string | null): string => label ?? id,
  summary: (machines: number, silent: number): string =>
    `${machines === 1 ? '1 machine' : `${machines} machines`}${silent === 0 ? '' : `, ${silent} silent`}`,
  /** A button: it shows these alone, and all of them again. */
  beyond: (values: number): string => `${values === 1 ? '1 value' : `${values} values`} beyond the limit`,
  empty: (area: string): string => `No machine of ${area} has reported yet.`,
  emptyMore: 'Machines appear by themselves with their first value.',
  simulated: 'Simulated',
  noValue: 'No value',
  unknown: 'Not received here yet',
  staleSince: (time: string): string => `Old since ${time}`,
  age: (seconds: number): string =>
    seconds < 2 ? 'now' : seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`,
  limit: {
    between: (low: string, high: string): string => `${low} to ${high}`,
    atMost: (high: string): string => `at most ${high}`,
    atLeast: (low: string): string => `at least ${low}`,
  },
  over: (limit: string): string => `Above ${limit}`,
  under: (limit: string): string => `Below ${limit}`,
  limitIs: (limit: string): string => `Limit ${limit}`,
}
