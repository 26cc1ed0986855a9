/** The words of handover notes, which come with their view. */
export const notesEn = {
  summary: (open: number): string =>
    open === 0
      ? 'Nothing waits to be taken over'
      : open === 1
        ? '1 waits to be taken over'
        : `${open} wait to be taken over`,
  list: 'Handover notes of this line',
  empty: (line: string): string => `No handover note on ${line} yet.`,
  emptyMore: 'What one shift leaves to the next: open the note of your shift and write in it together.',
  shifts: { early: 'Early shift', late: 'Late shift', night: 'Night shift' } as Readonly<Record<string, string>>,
  continued: (number: number): string => `continued ${number}`,
  open: (shift: string): string => `Open the note of today’s ${shift.toLowerCase()}`,
  choose: 'Another shift',
  goOn: 'Go on in a continuation note',
  back: 'All notes',
  standing: {
    open: 'Being written',
    signed: (by: string): string => `Handed over by ${by}`,
    changed: (by: string): string => `Changed since ${by} handed it over`,
    accepted: (by: string): string => `Taken over by ${by}`,
    addenda: (count: number): string => (count === 1 ? '1 addendum' : `${count} addenda`),
  },
  saved: {
    writing: 'Not saved yet',
    waiting: (count: number): string =>
      count === 1 ? '1 change waits for the server' : `${count} changes wait for the server`,
    all: 'Everybody has this',
  },
  with: (people: string): string => `${people} has this open, too`,
  withSeveral: (people: string): string => `${people} have this open, too`,
  label: (title: string): string => `Text of ${title}`,
  placeholder: 'What does the next shift have to know?',
  check: 'Done',
  tools: 'How it is written',
  heading: 'Heading',
  item: 'List',
  task: 'To do',
  mention: 'Alert or order',
  undo: 'Undo',
  redo: 'Redo',
  sign: 'Hand over',
  signExplain: 'You sign the text as it is now. Whoever takes over accepts it; from then on it stays as it is.',
  accept: 'Take over',
  acceptExplain: (by: string): string => `You have read what ${by} hands over. The text stays as it is from now on.`,
  acceptOther: 'Somebody else than who handed it over takes it over.',
  signAgain: 'Hand over again',
  copy: 'Copy as text',
  copied: 'Copied.',
  print: 'Print',
  hash: (hash: string): string => `Fingerprint of the text (SHA-256): ${hash}`,
  addenda: 'Addenda',
  add: 'Add',
  addLabel: 'Addendum',
  addPlaceholder: 'What turned up later',
  refused: (count: number): string =>
    count === 1 ? 'A change of yours was not taken' : `${count} changes of yours were not taken`,
  refusedExplain: 'Nothing of it is lost: this is what you wrote.',
  insertAgain: 'Insert again',
  discard: 'Discard',
  tooLong: (kilobytes: number): string =>
    `This is more than can be inserted at once (${kilobytes} KB). Insert it in parts.`,
  closed: 'You may not read this note any more. This is what you had written and nobody has yet:',
  mentionTitle: 'Alert or work order',
  mentionAlerts: 'Open alerts',
  mentionOrders: 'Work orders',
  mentionNone: 'There is nothing to name here now.',
  chip: {
    over: 'over',
    open: 'open',
    unknown: 'not shown here',
  },
}
