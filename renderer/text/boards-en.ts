/** The words of boards: of all lines at once, of one line, and of who is on it. */
export const boardsEn = {
  standing: {
    alert: (priority: string): string => `Alert ${priority}`,
    runs: 'Runs',
    waits: 'Waits',
    stopped: 'Stopped',
    noticed: 'P3 only',
    quiet: 'No alert',
    away: 'No contact',
    behind: 'Outdated',
    coming: 'Loading',
    refused: 'Not shown',
  },
  /** Behind the word of a line that is not current: when it was, and how it stood then. */
  contactSince: (time: string): string => `since ${time}`,
  contactNever: 'never received here',
  wasThen: (standing: string): string => `then: ${standing}`,
  /** Of how long something has been so: `4 min`. */
  lasting: (minutes: number): string =>
    minutes < 1
      ? 'just now'
      : minutes < 60
        ? `${minutes} min`
        : minutes < 24 * 60
          ? `${Math.floor(minutes / 60)} h`
          : `${Math.floor(minutes / (24 * 60))} d`,
  pieces: (made: string, planned: string): string => `${made} of ${planned} pcs`,
  piecesShort: (made: string, planned: string): string => `${made} / ${planned}`,
  ordersDone: (done: number, total: number): string => `${done} of ${total} orders done`,
  people: (count: number): string => `${count} on`,
  since: (time: string): string => `All quiet since ${time}`,
  /** Of values that are shown; it stands where nothing else is wrong, in the place of `since`. */
  beyond: (count: number): string => (count === 1 ? '1 value beyond its limit' : `${count} values beyond their limits`),
  line: {
    wrong: 'What is wrong',
    wrongCount: (total: number, open: number): string =>
      open === 0 ? `${total} active, all acknowledged` : `${total} active, ${open} not acknowledged`,
    runs: 'What runs',
    next: 'What is next',
    nothingRuns: 'Nothing runs now.',
    moreRun: (count: number): string => (count === 1 ? '1 more runs' : `${count} more run`),
    blocked: 'What is blocked',
    moreBlocked: (count: number): string => (count === 1 ? '1 more is blocked' : `${count} more are blocked`),
    noOrder: 'No work order is open.',
    ordersSignIn: 'Work orders are shown to people who are signed in.',
    allOrders: 'Work orders',
    people: 'Who is on',
    terminals: (here: number, total: number): string => `${here} of ${total} terminals in use`,
    moreTerminals: (count: number): string => (count === 1 ? '1 more is not listed' : `${count} more are not listed`),
    unconfirmed: 'The server was just started: not everybody has been heard yet.',
    values: 'Values',
    choose: 'Choose values',
    allValues: 'Equipment',
    noneThen: 'No alert, when it was last known.',
    quietMore: 'Nothing needs anybody on this line.',
    noAlertSince: (time: string): string => `No alert on this line since ${time}.`,
    moreHere: (count: number): string =>
      count === 1 ? '1 more alert of this line' : `${count} more alerts of this line`,
    elsewhere: (count: number): string => (count === 1 ? '1 alert elsewhere' : `${count} alerts elsewhere`),
  },
}
