/** The words of boards that show all lines: they come with these, and not with the first load. */
export const siteEn = {
  title: 'All lines',
  open: (line: string, standing: string): string => `${line}: ${standing}`,
  lines: (count: number): string => (count === 1 ? '1 line' : `${count} lines`),
  wrong: (count: number): string => (count === 1 ? '1 line needs somebody' : `${count} lines need somebody`),
  taken: (count: number): string => (count === 1 ? '1 line is being seen to' : `${count} lines are being seen to`),
  /** Where `since` cannot be said of every line. */
  noUrgent: 'No P0 or P1',
  unfollowed: (count: number): string =>
    count === 1 ? 'P2 and P3 of 1 line not known here' : `P2 and P3 of ${count} lines not known here`,
  page: (page: number, pages: number): string => `${page} of ${pages}`,
  /** Of lines with something wrong that a page has no room for. */
  wrongElsewhere: (count: number): string =>
    count === 1 ? '1 line with alerts not shown' : `${count} lines with alerts not shown`,
  /** Of values on this page; those of others are not followed. */
  beyondHere: (count: number): string =>
    count === 1 ? '1 value on this page beyond its limit' : `${count} values on this page beyond their limits`,
  /** Of which lines the pages are that turn. */
  pageOf: { wrong: 'With alerts', others: 'Other lines' },
  next: 'Next lines',
  before: 'Lines before',
  empty: 'This terminal knows no line yet.',
  emptyMore: 'Lines appear by themselves when the server names them.',
  asWall: 'As a wall board',
  offline: (time: string): string => `No connection since ${time}`,
  notYet: 'No connection yet',
  wallLabel: 'Wall board',
  leave: 'Leave the wall board',
  dim: 'Dim at night',
  takenBy: (name: string): string => `${name} has it`,
  urgentOnly: 'P0 and P1 only',
  moreAlerts: (count: number): string => `+${count}`,
  moreAlertsLabel: (count: number): string => (count === 1 ? '1 more alert' : `${count} more alerts`),
  moreRunLabel: (count: number): string => (count === 1 ? '1 more order runs' : `${count} more orders run`),
  sinceUrgent: (time: string): string => `No P0 or P1 since ${time}`,
}
