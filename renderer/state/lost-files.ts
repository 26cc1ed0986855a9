import type { WaitingFile } from '../../relay/protocol/local.ts'
import { isPhoto } from '../../relay/protocol/attachments.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { go } from './actions.ts'
import type { App } from './app.ts'
import { isPhone } from '../platform/kiosk-host.ts'

/** Files of one message that will never be at the server. */
export interface LostFiles {
  readonly id: CommandId
  readonly files: readonly [WaitingFile, ...WaitingFile[]]
}

/** By message, in the order in which they were sent. */
export function lostFiles(app: App): readonly LostFiles[] {
  const byMessage = new Map<CommandId, [WaitingFile, ...WaitingFile[]]>()
  for (const file of app.files.value.waiting) {
    if (!file.isLost) continue
    const others = byMessage.get(file.id)
    if (others === undefined) byMessage.set(file.id, [file])
    else others.push(file)
  }
  return [...byMessage].map(([id, files]) => ({ id, files }))
}

/** Their author has read it. The message stays, and says of them that they are lost. */
export function letGo(app: App, { id }: LostFiles): void {
  app.relay.dismiss(id)
}

/** Into a new message of the same line; a phone has its own camera, behind a press of the field. */
export function takeAgain(app: App, lost: LostFiles): void {
  const [{ line, type }] = lost.files
  letGo(app, lost)
  go(app, 'chat', line)
  app.sheet.value = isPhoto(type) && !isPhone() ? { kind: 'camera', line } : null
}
