/**
 * Ports whose code is loaded when they are first asked: a page begins without them, and its first load has a budget. What cannot
 * be loaded rejects, and is loaded again by the next call.
 */
import type { AttachmentPort, AttachmentStore, SearchPort, SeriesPort, SessionPort } from '../ports.ts'

function loadedOnce<Port>(load: () => Promise<Port>): () => Promise<Port> {
  let loading: Promise<Port> | null = null
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = null
      throw error
    })
    return loading
  }
}

export function lazySearch(load: () => Promise<SearchPort>): SearchPort {
  const port = loadedOnce(load)
  return {
    find: async (query, bearer) => (await port()).find(query, bearer),
    past: async (query, bearer) => (await port()).past(query, bearer),
  }
}

export function lazySeries(load: () => Promise<SeriesPort>): SeriesPort {
  const port = loadedOnce(load)
  return { read: async (query, bearer) => (await port()).read(query, bearer) }
}

export function lazySessions(load: () => Promise<SessionPort>): SessionPort {
  const port = loadedOnce(load)
  return {
    signIn: async (request) => (await port()).signIn(request),
    refresh: async (request) => (await port()).refresh(request),
    forget: async () => (await port()).forget(),
  }
}

export function lazyFiles(load: () => Promise<AttachmentPort>): AttachmentPort {
  let isHeld = false
  let loaded: AttachmentPort | null = null
  const port = loadedOnce(async () => {
    loaded = await load()
    loaded.hold(isHeld)
    return loaded
  })
  return {
    hold(next) {
      isHeld = next
      loaded?.hold(next)
    },
    state: async (place, bearer, signal) => (await port()).state(place, bearer, signal),
    send: async (place, piece, bearer, signal) => (await port()).send(place, piece, bearer, signal),
    giveUp: async (place, bearer, signal) => (await port()).giveUp(place, bearer, signal),
    read: async (place, size, bearer) => (await port()).read(place, size, bearer),
  }
}

/** `close` closes what was opened. */
export function lazyAttachments<Store extends AttachmentStore & { close(): Promise<void> }>(
  load: () => Promise<Store>,
): AttachmentStore & { close(): Promise<void> } {
  let opened: Store | null = null
  const store = loadedOnce(async () => (opened = await load()))
  return {
    list: async () => (await store()).list(),
    keep: async (bytes) => (await store()).keep(bytes),
    read: async (hash) => (await store()).read(hash),
    drop: async (hash) => (await store()).drop(hash),
    close: async () => opened?.close(),
  }
}
