import type { MessagePort } from 'node:worker_threads'
import { AttachmentFolder, type AttachmentFolderOptions } from './attachment-folder.ts'

/** What the thread is asked: the methods of the folder. */
export type FolderMethod = Exclude<keyof AttachmentFolder, 'close'>

export type ToAttachments =
  | { readonly kind: 'ask'; readonly ref: number; readonly method: FolderMethod; readonly args: readonly unknown[] }
  | { readonly kind: 'close' }

export type FromAttachments =
  | { readonly kind: 'opened' }
  | { readonly kind: 'done'; readonly ref: number; readonly value: unknown }
  | { readonly kind: 'refused'; readonly ref: number; readonly cause: string }
  | { readonly kind: 'failed'; readonly what: string; readonly cause: string }

/** What the thread begins with. */
export type AttachmentWork = Pick<AttachmentFolderOptions, 'folder' | 'maxBytes'> & {
  readonly holders: readonly string[]
}

/** The thread that owns the folder: carries out one question after the other until told to close. */
export function serveAttachments(port: MessagePort, work: AttachmentWork): void {
  const send = (message: FromAttachments): void => port.postMessage(message)
  const folder = new AttachmentFolder({
    ...work,
    failed: (what, cause) => send({ kind: 'failed', what, cause: String(cause) }),
  })
  send({ kind: 'opened' })
  port.on('message', (message: ToAttachments) => {
    if (message.kind === 'close') {
      folder.close()
      port.close()
      return
    }
    try {
      // The method comes from our own end of the port, with its arguments.
      const method = folder[message.method] as (...args: readonly unknown[]) => unknown
      send({ kind: 'done', ref: message.ref, value: method.apply(folder, [...message.args]) })
    } catch (cause) {
      send({ kind: 'refused', ref: message.ref, cause: String(cause) })
    }
  })
}
