import { computed, effect, signal, type ReadonlySignal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { nameAt } from '../../relay/protocol/local.ts'
import type { MentionNotices } from '../../relay/shell/mention-notices.ts'
import { keepNotices } from '../../relay/shell/notifications.ts'
import type { NoticeAvailability } from '../../relay/protocol/notices.ts'
import type { Notifier, NotifierStatus } from '../platform/notifier.ts'
import { noticeWords } from '../text/notice-words.ts'
import { text } from '../text/text.ts'
import { go } from './actions.ts'
import type { App } from './app.ts'
import { AlarmSound, NO_SOUND, type Sound } from './sound.ts'

/** Held by the one page of a browser that shows native notifications. On a kiosk the main process does. */
export const NOTICE_LOCK = 'andon-notices'
/** Where a browser keeps what was notified, over pages and restarts. */
const NOTIFIED = 'andon.notified'

/** What calls a person who does not look: sound and native notifications, as the screens need them. */
export interface Attention {
  readonly sound: Sound
  /** Null while nobody has said yet. */
  readonly notices: ReadonlySignal<NoticeAvailability | null>
  askForNotices(): void
  /** The alert whose notification was pressed last; the overlay shows it first. */
  readonly pressed: ReadonlySignal<string | null>
}

/** Nothing sounds and nothing is notified: before there are screens, in the gallery, in tests. */
export const CALM: Attention = {
  sound: NO_SOUND,
  notices: signal(null),
  askForNotices: () => undefined,
  pressed: signal(null),
}

export const AttentionContext = createContext<Attention>(CALM)

export function useAttention(): Attention {
  return useContext(AttentionContext)
}

export interface AttentionOptions {
  readonly app: App
  readonly page: Window & typeof globalThis
  /** Where the pages of this floor stand. */
  readonly path: string
  /** The host's notifications: with `show` this page decides what is shown, else the host does. Null: there are none. */
  readonly notifier: Promise<Notifier | NotifierStatus | null>
}

/** Begins to sound and to notify for this window. Both end with the page. */
export function openAttention({ app, page, path, notifier }: AttentionOptions): Attention {
  const sound = new AlarmSound(page, path)
  const notices = signal<NoticeAvailability | null>(null)
  const pressed = signal<string | null>(null)
  const { board } = app
  const isCurrent = computed(() => app.channels.value.urgent?.current === true)
  sound.follow({ board, isCurrent })
  let ask: () => void = () => undefined
  void notifier.then((status) => {
    notices.value = status === null ? 'unsupported' : status.availability
    if (status === null) return
    status.watch((availability) => (notices.value = availability))
    status.clicked((id) => {
      pressed.value = id
      showPressed(app, id)
    })
    ask = () => void status.ask().then((availability) => (notices.value = availability))
    if ('show' in status) notifyFromOnePage({ app, page, path, sound, notifier: status })
  })
  return { sound, notices, pressed, askForNotices: () => ask() }
}

/** The pressed alert in front: a P0 over everything again, any other in its list. Of a summary, the list. */
function showPressed(app: App, id: string): void {
  const mention = app.talk.mentions.value.find((one) => id.endsWith(one.id))
  if (mention !== undefined) {
    app.sheet.value = null
    go(app, 'chat', mention.line)
    app.talk.reveal.value = mention.id
    return
  }
  const row = app.board.value.rows.find((one) => one.id === id)
  app.sheet.value = null
  app.aside.value = new Set([...app.aside.value].filter((one) => one !== id))
  const isHere = row !== undefined && app.areas.value.includes(row.area)
  go(app, 'alerts', isHere ? row.area : undefined)
  app.reveal.value = id
}

function notifyFromOnePage({
  app,
  page,
  path,
  sound,
  notifier,
}: Omit<AttentionOptions, 'notifier'> & { readonly notifier: Notifier; readonly sound: Sound }): void {
  const held = page.navigator.locks.request(nameAt(path, NOTICE_LOCK), () => {
    keepNotices({
      relay: app.relay,
      notifier,
      keeper: storageKeeper(page, nameAt(path, NOTIFIED)),
      clock: { monotonic: () => page.performance.now(), after },
      words: (plan) => noticeWords(text, plan),
      isInSight: () => page.document.visibilityState === 'visible',
      isSounding: () => sound.state.value === 'on' || sound.state.value === 'elsewhere',
    })
    notifyMentions({ app, page, notifier })
    return new Promise<never>(() => undefined) // for as long as the page lives
  })
  held.catch(() => undefined) // the page is going away
}

/** What it takes is loaded with the first message that names somebody. */
function notifyMentions({
  app,
  page,
  notifier,
}: Pick<AttentionOptions, 'app' | 'page'> & { readonly notifier: Notifier }) {
  let loading: Promise<MentionNotices> | null = null
  const load = async (): Promise<MentionNotices> => {
    const [{ MentionNotices: Notices }, { talkWords }] = await Promise.all([
      import('../../relay/shell/mention-notices.ts'),
      import('../text/talk-words.ts'),
    ])
    return new Notices({
      notifier,
      isInSight: () => page.document.visibilityState === 'visible',
      words: ({ by, line, text: body }) => ({ title: talkWords().mentioned(by, text.areaName(line)), body }),
    })
  }
  effect(() => {
    const { length } = app.talk.mentions.value
    if (length === 0 && loading === null) return
    loading ??= load()
    // Neither kept nor to be had: the line over the view says it.
    loading.then((notices) => notices.look(app.talk.mentions.peek())).catch(() => (loading = null))
  })
}

/** Storage that is blocked or full costs a repeated notification after a restart, nothing else. */
function storageKeeper({ localStorage }: Pick<Window, 'localStorage'>, key: string) {
  return {
    load(): unknown {
      try {
        return JSON.parse(localStorage.getItem(key) ?? 'null')
      } catch {
        return null
      }
    },
    save(memory: unknown): void {
      try {
        localStorage.setItem(key, JSON.stringify(memory))
      } catch {
        // Said above.
      }
    },
  }
}

function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms)
  return () => clearTimeout(timer)
}
