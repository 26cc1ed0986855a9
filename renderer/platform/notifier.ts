import type { Notice, NoticeAvailability, NoticeOutcome } from '../../relay/protocol/notices.ts'

/** What a window knows of native notifications, whoever shows them. The words for it are `text.notices`. */
export interface NotifierStatus {
  /** As far as it is known now. */
  readonly availability: NoticeAvailability
  /** Calls on every change of `availability`. Returns the release. */
  watch(changed: (availability: NoticeAvailability) => void): () => void
  /** Asks the person for permission; only from a press. Resolves with what holds then; never rejects. */
  ask(): Promise<NoticeAvailability>
  /** A person pressed a notification: `id` is its notice's. The window is in front by then. Returns the release. */
  clicked(opened: (id: string) => void): () => void
}

/**
 * Shows native notifications. Implemented by the page over its service worker and by Electron's main process; on a kiosk
 * main decides what is shown, and windows have the status only.
 */
export interface Notifier extends NotifierStatus {
  /** Never rejects and never waits for a person. A notice with the id of one that is shown replaces it. */
  show(notice: Notice): Promise<NoticeOutcome>
  /** Takes one away; of an id that is not shown, nothing. */
  close(id: string): void
}
