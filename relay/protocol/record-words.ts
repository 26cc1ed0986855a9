/** The words that records are made of, without their schemas: what a screen needs of them. */

/** ISA-18.2 priorities, highest first. P0 and P1 live in `alerts/urgent`. */
export const PRIORITIES = ['P0', 'P1', 'P2', 'P3'] as const

/** Whether alerts of this priority go to every device by the urgent channel. */
export function isUrgent(priority: (typeof PRIORITIES)[number]): boolean {
  return priority === 'P0' || priority === 'P1'
}

/** Who did what nobody did: what was due, and what the server itself noticed. No person and no key has this name. */
export const SYSTEM = 'system'

export const ORDER_STATUSES = ['open', 'running', 'blocked', 'done'] as const

/** The key of a line's mark in `prefs/{operator}`. */
export function readMarkKey(area: string): string {
  return `read-${area}`
}

export const THEMES = ['light', 'dark', 'system'] as const
export const LANGUAGES = ['en', 'ko'] as const

export const ROLES = ['operator', 'supervisor', 'admin'] as const
