import type { FadingRule } from './fading-counts.ts'

const MINUTE = 60_000

/**
 * How often a PIN may be wrong, and what it costs (X4). Four digits are 10,000 guesses. What protects a PIN is how many
 * guesses a day may be made at one person; what protects the floor is that whoever guesses takes nobody's turn but their own.
 */
export const PIN_RULES = {
  /** Wrong PINs of one person on one device in a row, before it has to wait. A right one forgives them. */
  triesInARow: 5,
  /** Then it waits, each time twice as long: at the longest, 96 guesses a day, 100 days for all four digits. */
  firstDelayMs: 30_000,
  maxDelayMs: 15 * MINUTE,
  /** After so long one of them is forgotten: as long as the longest wait, so that guessing on keeps the wait where it is. */
  rowFadeMs: 15 * MINUTE,

  /** Wrong PINs on one terminal, of all names together: nobody who types for themselves comes near. */
  terminal: { limit: 20, fadeMs: MINUTE },
  /**
   * Wrong PINs of one person on all devices where nobody, or not this person, ever signed in: 30 at once, for the day when
   * terminals are set up, then 10 an hour. That is 40 in the first hour and 42 days for all four digits, from however many
   * devices and addresses.
   */
  person: { limit: 30, fadeMs: 6 * MINUTE },
  /** The same of everybody together: who tries one PIN on many names gets on no faster. */
  floor: { limit: 120, fadeMs: MINUTE },
  /** One address of strangers takes no more than a third of that. */
  address: { limit: 40, fadeMs: MINUTE },

  /** Persons on devices, devices, names and addresses that are remembered, each. The budgets of the floor come first. */
  maxKeys: 10_000,
  /** Sign-ins that wait for the decision of others, of strangers and of everybody else. */
  maxWaiting: 256,
} as const satisfies Record<string, number | FadingRule>
