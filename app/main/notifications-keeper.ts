import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import type { Log } from '../../relay/ports.ts'
import type { DeviceNoticesOptions } from '../../relay/shell/notifications.ts'

type Keeper = DeviceNoticesOptions['keeper']

/**
 * Keeps what was notified in one small file, replaced whole, one write at a time and the newest only. It is read once, at the
 * start. A disk that refuses costs a repeated notification after a restart, and is logged.
 */
export function fileKeeper(path: string, log: Log): Keeper & { settled(): Promise<void> } {
  let wanted: string | null = null
  let writing: Promise<void> | null = null

  const write = async (): Promise<void> => {
    while (wanted !== null) {
      const text = wanted
      wanted = null
      try {
        await writeFile(`${path}.new`, text)
        await rename(`${path}.new`, path)
      } catch (error) {
        log('warn', 'notified-not-kept', { error: error instanceof Error ? error.message : String(error) })
      }
    }
    writing = null
  }
  return {
    load() {
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as unknown
      } catch {
        return null // not there yet, or torn by hand: then what is still active is told once more
      }
    },
    save(memory) {
      wanted = JSON.stringify(memory)
      writing ??= write()
    },
    async settled() {
      await writing
    },
  }
}
