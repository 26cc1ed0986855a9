/** Reads what the engine starts from: a first page of everything that may be long. */
import { refuseLayout, startRanges } from '../core/disk/start.ts'
import type { StartTables } from '../core/step/inputs.ts'
import type { Paging } from '../core/disk/paging.ts'
import type { RelayOptions } from './options.ts'

/** This disk was written by a newer relay. Nothing was changed on it. */
export class NewerLayoutError extends Error {
  readonly code = 'storage-newer'
}

type StartFrom = Pick<RelayOptions, 'store' | 'attachments' | 'log'>

/** Rejects with `NewerLayoutError`, or with what the store rejects. */
export async function readStart({ store, attachments, log }: StartFrom, paging: Paging): Promise<StartTables> {
  const meta = await store.read('meta')
  const refusal = refuseLayout(meta)
  if (refusal !== null) throw new NewerLayoutError(refusal)
  const { urgent, normal } = startRanges(meta, paging)
  const [urgentHead, urgentTail, normalHead, normalTail, channels, receipts] = await Promise.all([
    store.read('outbox', urgent.head),
    store.read('outbox', urgent.tail),
    store.read('outbox', normal.head),
    store.read('outbox', normal.tail),
    store.read('channels'),
    store.read('receipts'),
  ])
  const outbox = {
    urgent: { head: urgentHead, tail: urgentTail },
    normal: { head: normalHead, tail: normalTail },
  }
  return { meta, outbox, channels, receipts, files: await listFiles(attachments, log) }
}

/** A device without its photos still alarms: what cannot be listed is looked for when it is due. */
async function listFiles(attachments: StartFrom['attachments'], log: StartFrom['log']): Promise<StartTables['files']> {
  try {
    return (await attachments?.list()) ?? []
  } catch (cause) {
    log('error', 'files-unreadable', { cause })
    return null
  }
}
