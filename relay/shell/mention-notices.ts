import type { Mention } from '../domain/read-marks.ts'
import type { DeviceNoticesOptions } from './notifications.ts'

/** Before the id of the message, so that nobody takes its notice for an alert's. */
export const MENTION_NOTICE = 'mention-'

export interface MentionNoticesOptions {
  readonly notifier: DeviceNoticesOptions['notifier']
  /** Whether a person could see a window now: then they have it as a line over the view. */
  readonly isInSight: () => boolean
  readonly words: (mention: Mention) => { readonly title: string; readonly body: string }
}

/**
 * Tells a person who looks elsewhere that a message names them, without a sound: never as loud as an alert. Of several at once it
 * is the last; a notice goes when its message was seen or put off.
 */
export class MentionNotices {
  readonly #options: MentionNoticesOptions
  /** Messages that need no notice any more: of those that are not seen yet. */
  #told = new Set<string>()

  constructor(options: MentionNoticesOptions) {
    this.#options = options
  }

  /** Call it with all that were not seen, the oldest first, whenever they change. */
  look(mentions: readonly Mention[]): void {
    const { notifier, isInSight, words } = this.#options
    const open = new Set(mentions.map(({ id }) => id))
    for (const id of this.#told) if (!open.has(id)) notifier.close(MENTION_NOTICE + id)
    const last = mentions.findLast(({ id }) => !this.#told.has(id))
    this.#told = open
    if (last === undefined || isInSight()) return
    void notifier.show({ id: MENTION_NOTICE + last.id, priority: 'P3', silent: true, ...words(last) })
  }
}
