import type { Logger } from 'pino'
import type { Checked } from '../relay/protocol/check.ts'
import { refuse } from '../relay/protocol/errors.ts'
import { prepareRestore, swapIn } from './adapters/sqlite/restore.ts'
import { composeServer, type RunningServer, type ServerOptions } from './compose.ts'
import type { Config } from './config.ts'
import type { Restores } from './ports/backups.ts'
import { StoreOpenError } from './ports/store-errors.ts'

export type { RunningServer }

/**
 * Runs one server, and starts it again on another store when a backup is restored into it.
 *
 * @throws {StoreOpenError} when the data folder cannot be used; the error of `listen` when the port is taken
 */
export async function startServer(config: Config, log: Logger, options: ServerOptions = {}): Promise<RunningServer> {
  let restoring: Promise<void> | null = null
  let current: RunningServer
  const compose = (at: Config): Promise<RunningServer> => composeServer(at, log, { ...options, restores })

  const restores: Restores = {
    folder: config.data,
    restore(file): Promise<Checked<null>> {
      if (restoring !== null) return Promise.resolve(refuse('unavailable', 'A backup is being restored already.'))
      try {
        const waiting = prepareRestore(config.data, file)
        restoring = restart(waiting).finally(() => (restoring = null))
        return Promise.resolve({ ok: true, value: null })
      } catch (cause) {
        if (cause instanceof StoreOpenError)
          return Promise.resolve(
            refuse(
              'bad-request',
              'This file is damaged, newer than this server, or no backup of Andon; nothing was changed.',
            ),
          )
        return Promise.reject(cause)
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

  current = await compose(config)
  return {
    url: current.url,
    async close() {
      await restoring
      await current.close()
    },
  }
}
