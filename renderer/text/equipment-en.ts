import { grouped } from './grouped.ts'

/** The words of machines and their values. */
export const equipmentEn = {
  title: 'Equipment',
  /** What a machine or a value is called, by its id and the label it came with. */
  named: (id: string, label: string | null): string => label ?? id,
  summary: (machines: number, silent: number): string =>
    `${machines === 1 ? '1 machine' : `${machines} machines`}${silent === 0 ? '' : `, ${silent} silent`}`,
  /** A button: it shows these alone, and all of them again. */
  beyond: (values: number): string => `${values === 1 ? '1 value' : `${values} values`} beyond the limit`,
  noneBeyond: 'No value is beyond its limit now.',
  noneBeyondOf: (shown: number): string => `No value of the first ${shown} machines is beyond its limit now.`,
  all: 'All machines',
  empty: (area: string): string => `No machine of ${area} has reported yet.`,
  emptyMore: 'Machines appear by themselves with their first value.',
  tooMany: (shown: number, all: number): string =>
    `Only the first ${shown} of ${all} machines are shown, and only their values are looked at. Find the others by name.`,
  /** Beside its name. */
  full: (signals: number): string =>
    `${signals} values, all that a machine may have: more are refused to their sender.`,
  simulated: 'Simulated',
  simulatedMore: 'These values are made up, nobody measured them.',
  noValue: 'No value',
  unknown: 'Not received here yet',
  lastAt: (time: string): string => `Last value ${time}`,
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
  tileLabel: (machine: string, signal: string): string => `${machine}, ${signal}: show the trend`,
  trend: {
    title: (machine: string, signal: string): string => `${signal} · ${machine}`,
    range: 'Time shown',
    ranges: { '15m': '15 min', '1h': '1 h', '8h': '8 h', '24h': '24 h' },
    now: (value: string): string => `Now ${value}`,
    before: (time: string, value: string): string => `Old since ${time}: ${value}`,
    exactly: (value: string): string => `As measured: ${value}`,
    loading: 'Reading the stored values',
    empty: 'Nothing was stored in this time.',
    failed: 'The stored values cannot be read now.',
    again: 'Read again',
    asChart: 'Chart',
    asTable: 'Table',
    look: 'Shown as',
    chartLabel: (signal: string, range: string): string =>
      `${signal}, the last ${range}. The same values are in the table. Arrow keys move from value to value, plus and minus zoom.`,
    tableLabel: (signal: string, range: string): string => `${signal}, the last ${range}, newest first`,
    zoom: { legend: 'Zoom', in: 'Zoom in', out: 'Zoom out', earlier: 'Earlier', later: 'Later', all: 'All of it' },
    second: 'Beside a second value',
    without: (second: string): string => `Without ${second}`,
    findSecond: 'Second value: find machine or value',
    moreSecond: (more: number): string => `${grouped(more, 'en')} more: type a part of the name.`,
    time: 'Time',
    lowest: 'Lowest',
    mean: 'Mean',
    highest: 'Highest',
    at: (time: string, value: string): string => `${time}: ${value}`,
    span: (lowest: string, highest: string): string => `Between ${lowest} and ${highest}`,
    cut: (rows: number): string => `Shown are the newest ${rows} rows.`,
  },
}
