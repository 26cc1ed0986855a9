/** What a window shows, and how that stands in its address, so that each window of a terminal may show something else. */
export const VIEWS = ['alerts', 'equipment', 'orders', 'chat', 'rejections'] as const
export type ViewName = (typeof VIEWS)[number]

export interface Place {
  readonly view: ViewName
  /** Null: not chosen in this window; the line of whoever is signed in, or else the last of this device, is shown. */
  readonly area: string | null
}

/** Reads `#/line-3/orders`, or `#//orders` where no line was chosen. What it does not understand is the alert board. */
export function placeOf(hash: string): Place {
  const [, area = '', name = ''] = hash.split('/')
  const view = VIEWS.find((one) => one === name) ?? 'alerts'
  return { view, area: /^[a-z0-9-]{1,64}$/.test(area) ? area : null }
}

export function hashOf(view: ViewName, area: string | null): string {
  return `#/${area ?? ''}/${view}`
}
