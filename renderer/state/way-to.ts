import { go } from './actions.ts'
import type { App } from './app.ts'

/** Shows an alert or order that something names; null where it is not at hand in this window. */
export function wayTo(app: App, of: 'alert' | 'order', id: string): (() => void) | null {
  if (of === 'order') {
    const order = app.orders.value.find((row) => row.id === id)
    return order === undefined ? null : () => (app.sheet.value = { kind: 'order', id: order.id, draft: {} })
  }
  if (app.board.value.rows.every((row) => row.id !== id)) return null
  return () => {
    go(app, 'alerts')
    app.reveal.value = id
  }
}
