import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Checked } from '../relay/protocol/check.ts'
import { refuse } from '../relay/protocol/errors.ts'
import { adoptContents } from './adapters/files/adopt-contents.ts'
import { prepareRestore, swapIn } from './adapters/sqlite/restore.ts'
import { composeServer, type RunningServer, type ServerOptions } from './compose.ts'
import type { Config } from './config.ts'
import { RESTORED_OTHERWISE } from './open-store.ts'
import type { Restores } from './ports/backups.ts'
import { StoreOpenError } from './ports/store-errors.ts'

export type { RunningServer }

/** How long a database that is away is waited for between two tries, milliseconds. */
const REOPEN_MS = 1_000

/**
 * Runs one server, and starts it again on another store when a backup is restored into it.
 *
 * @throws {StoreOpenError} when the data folder cannot be used; the error of `listen` when the port is taken
 */
export async function startServer(config: Config, log: Logger, options: ServerOptions = {}): Promise<RunningServer> {
  let isRestoring = false
  let restoring: Promise<void> = Promise.resolve()
  let current: RunningServer
  const closed = new AbortController()
  const compose = (at: Config): Promise<RunningServer> => composeServer(at, log, { ...options, restores, renewed })

  const restores: Restores = {
    folder: config.data,
    async restore(file, attachments): Promise<Checked<null>> {
      if (config.database !== null) return refuse('bad-request', RESTORED_OTHERWISE)
      if (isRestoring) return refuse('unavailable', 'A backup is being restored already.')
      isRestoring = true
      try {
        const waiting = prepareRestore(config.data, file)
        // Before it is decided: whoever dies in between has photos that nobody names, and not names without photos.
        if (attachments !== null) await adoptContents(config.data, attachments)
        restoring = restart(waiting).finally(() => (isRestoring = false))
        return { ok: true, value: null }
      } catch (cause) {
        isRestoring = false
        if (!(cause instanceof StoreOpenError)) throw cause
        return refuse(
          'bad-request',
          'This file is damaged, newer than this server, or no backup of Andon; nothing was changed.',
        )
      }
    },
  }

  async function restart(waiting: string): Promise<void> {
    // The answer to whoever asked leaves first.
    await new Promise((resolve) => setImmediate(resolve))
    const port = Number(new URL(current.url).port)
    await current.close()
    const swapped = swapIn(config.data, waiting, new Date().toISOString())
    log.warn({ event: 'restored', replaced: swapped.replaced })
    try {
      current = await compose({ ...config, port })
    } catch (cause) {
      log.error({ event: 'restore-failed', cause })
      swapped.undo()
      current = await compose({ ...config, port })
    }
  }

  function renewed(): void {
    restoring = restoring.then(reopen)
  }

  /** On the floor's new incarnation; a database that is away just then is waited for. */
  async function reopen(): Promise<void> {
    // What it was noticed by is answered first.
    await new Promise((resolve) => setImmediate(resolve))
    const port = Number(new URL(current.url).port)
    await current.close()
    while (!closed.signal.aborted) {
      try {
        current = await compose({ ...config, port })
        return
      } catch (cause) {
        log.error({ event: 'reopen-failed', cause })
        await sleep(REOPEN_MS)
      }
    }
  }

  current = await compose(config)
  return {
    url: current.url,
    async close() {
      closed.abort()
      await restoring
      await current.close()
    },
  }
}
