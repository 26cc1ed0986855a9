import { alerts } from './domain/alerts.ts'
import { chat } from './domain/chat.ts'
import type { Handlers } from './domain/handler.ts'
import { notes } from './domain/notes.ts'
import { orders } from './domain/orders.ts'
import { prefs } from './domain/prefs.ts'
import { rejections } from './domain/rejections.ts'
import { sessions } from './domain/sessions.ts'
import { telemetry } from './domain/telemetry.ts'

/** The domains this server is composed of: one line each. */
export const domains: Handlers = {
  ...alerts,
  ...chat,
  ...notes,
  ...orders,
  ...prefs,
  ...rejections,
  ...sessions,
  ...telemetry,
}
