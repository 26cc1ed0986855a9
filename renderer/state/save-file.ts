import type { FilePlace } from '../../relay/protocol/attachments.ts'
import { kioskHost } from '../platform/kiosk-host.ts'
import { text } from '../text/text.ts'
import type { App } from './app.ts'

/** A kiosk has no place of its own for a person's files, and no program that would open them. */
export function mayKeep(): boolean {
  return kioskHost() === null
}

/** Reads the file and hands it to the browser, which asks where to put it or puts it among its downloads. */
export async function saveFile(app: App, place: FilePlace, name: string): Promise<void> {
  const person = app.session.value?.id
  const reply = await app.relay.file(place, 'whole')
  if (app.session.value?.id !== person) return
  if (!reply.ok) {
    app.notice.value = text.refusal(reply.code, reply.message)
    return
  }
  const { type, bytes } = reply.file
  const url = URL.createObjectURL(new Blob([bytes], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Once the browser has taken it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
