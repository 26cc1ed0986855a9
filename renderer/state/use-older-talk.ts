import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { PastReply } from '../../relay/window.ts'
import type { App } from './app.ts'
import { beforeNewer, beforeOlder, followed, withNewer, withOlder, withSought } from './older-talk.ts'
import { NO_OLDER } from './talk.ts'
import { useApp } from './use-app.ts'

/** Pages that are read back to one message: five thousand events, some seconds of a slow link. */
export const MAX_SOUGHT_PAGES = 25

/** `far`: not within so many pages. `gone`: not kept. `left`: nobody waits for it any more. */
export type Sought =
  | { readonly kind: 'found' | 'far' | 'gone' | 'left' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string | null }

/** How far reading back is. `refused`: by this code, until somebody asks again. */
export type ReadingBack =
  | { readonly kind: 'idle' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string | null }

export interface Back {
  readonly state: ReadingBack
  readonly hasOlder: boolean
  readonly isApart: boolean
  /** One page more, as far as there is one; while one is under way, or refused, only if a person asks (`again`). */
  readonly older: (how?: 'again') => void
  readonly newer: () => void
  /** Reads back to a message, and holds its page in place of what was read back before. */
  readonly seek: (id: string) => Promise<Sought>
  /** What was read back is let go of. */
  readonly drop: () => void
}

/** Reads back what was said in the shown line, for as long as its talk is on the screen. */
export function useOlderTalk(): Back {
  const app = useApp()
  const line = app.area.value
  const channel = app.channels.value.chat
  const [state, setState] = useState<ReadingBack>({ kind: 'idle' })
  const before = useRef(channel)
  const { older } = app.talk
  // Before anything of it is drawn: a frame without what the relay has just let go of would move whoever reads there.
  useMemo(() => {
    if (channel !== null) older.value = followed(older.peek(), before.current, channel)
    before.current = channel
  }, [channel, older])
  const isHere = useRef(true)
  const isAsking = useRef(false)
  useEffect(() => {
    isHere.current = true
    return () => {
      isHere.current = false
      older.value = NO_OLDER
    }
  }, [older, line])
  const held = older.value
  const ask = async (offset: number, put: (reply: Extract<PastReply, { ok: true }>) => void): Promise<void> => {
    isAsking.current = true
    setState({ kind: 'asking' })
    const reply = await app.relay.past({ line, before: offset })
    isAsking.current = false
    if (!isHere.current) return
    if (!reply.ok) return setState({ kind: 'refused', code: reply.code, message: reply.message })
    setState({ kind: 'idle' })
    // Of a talk that has begun anew it is another one.
    if (chatOf(app)?.epoch === reply.past.epoch) put(reply)
  }
  const seek = async (id: string): Promise<Sought> => {
    let next = beforeOlder(NO_OLDER, chatOf(app))
    for (let pages = 0; next !== null; pages += 1) {
      if (pages === MAX_SOUGHT_PAGES) return { kind: 'far' }
      const reply = await app.relay.past({ line, before: next })
      const now = chatOf(app)
      if (!isHere.current || app.area.peek() !== line || now === null) return { kind: 'left' }
      if (!reply.ok) return { kind: 'refused', code: reply.code, message: reply.message }
      const { past } = reply
      if (now.epoch !== past.epoch) return { kind: 'gone' }
      if (past.events.some((event) => (event.cause ?? event.id) === id)) {
        older.value = withSought(line, past, { before: next, channel: now })
        return { kind: 'found' }
      }
      const oldest = past.events[0]?.offset ?? 0
      next = oldest > past.first && oldest < next ? oldest : null
    }
    return { kind: 'gone' }
  }
  return {
    state,
    hasOlder: beforeOlder(held, channel) !== null,
    isApart: held.isApart,
    older(how) {
      const offset = beforeOlder(older.peek(), chatOf(app))
      if (offset === null || isAsking.current || (state.kind === 'refused' && how === undefined)) return
      void ask(offset, ({ past }) => (older.value = { ...withOlder(older.peek(), past, offset), line }))
    },
    newer() {
      const offset = beforeNewer(older.peek())
      if (offset === null || isAsking.current || state.kind === 'refused') return
      void ask(offset, ({ past }) => {
        const now = chatOf(app)
        if (now !== null) older.value = withNewer(older.peek(), past, now)
      })
    },
    async seek(id) {
      if (isAsking.current) return { kind: 'left' }
      isAsking.current = true
      setState({ kind: 'asking' })
      const sought = await seek(id)
      isAsking.current = false
      if (isHere.current) setState({ kind: 'idle' })
      return sought
    },
    drop() {
      if (older.peek() !== NO_OLDER) older.value = { ...NO_OLDER, first: older.peek().first }
    },
  }
}

function chatOf({ channels }: App) {
  return channels.peek().chat
}
