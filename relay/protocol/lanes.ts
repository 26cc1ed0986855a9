/** The two lanes of every queue. They never wait for each other; urgent goes first (P3). */
export const LANES = ['urgent', 'normal'] as const
export type Lane = (typeof LANES)[number]
