import { isLiveCurrent } from '../../relay/domain/live.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { App } from '../state/app.ts'
import type { Caret } from './editor.ts'

/** Between two words of where somebody writes, milliseconds. */
const CARET_MS = 300

/** Says where one writes, at most three times a second, and when one has stopped. */
export function caretSender(
  app: App,
  room: ChannelName,
): { moved: (at: Pick<Caret, 'anchor' | 'head'>) => void; end: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null
  let last: Pick<Caret, 'anchor' | 'head'> | null = null
  return {
    moved(at) {
      last = at
      timer ??= setTimeout(() => {
        timer = null
        app.relay.signal(room, last, 'caret')
      }, CARET_MS)
    },
    end() {
      if (timer !== null) clearTimeout(timer)
      if (last !== null) app.relay.signal(room, null, 'caret')
    },
  }
}

/** Where the others write now. */
export function caretsOf(app: App, room: ChannelName): readonly Caret[] {
  void app.now.value
  const now = app.relay.now()
  const self = app.session.value?.operator
  return [...(app.rooms.value.get(room) ?? [])].flatMap(([key, entry]) => {
    if (!key.endsWith('.caret') || !isLiveCurrent(entry, now)) return []
    const value = entry.value as { readonly operator: string; readonly data: unknown } | null
    // Another window of the same person has a caret as well; one's own comes back, too, and is where one writes anyway.
    if (value === null || value.operator === self || typeof value.data !== 'object' || value.data === null) return []
    const { anchor, head } = value.data as Partial<Caret>
    return [{ key, name: value.operator, anchor, head }]
  })
}
