import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SecretPlace, Log } from '../../relay/ports.ts'

/** The part of Electron's `safeStorage` that is needed; only after `ready`. */
export interface SystemVault {
  isEncryptionAvailable(): boolean
  encryptString(text: string): Buffer
  decryptString(bytes: Buffer): string
  /** Linux only. */
  getSelectedStorageBackend?(): string
}

/** Said where the connection is explained. */
export const NO_VAULT =
  'This system keeps no secrets safe, so people sign in again after Andon was restarted. On Linux, a keyring service does that.'

/**
 * One secret in a file of this device, encrypted with a key that the system keeps (DPAPI, Keychain, a keyring). Null where the
 * system has no such place; `basic_text` is none: its key is the same everywhere.
 */
export function secretFile(options: {
  readonly file: string
  readonly vault: SystemVault
  readonly log: Log
}): SecretPlace | null {
  const { file, vault, log } = options
  if (!vault.isEncryptionAvailable() || vault.getSelectedStorageBackend?.() === 'basic_text') return null
  const failed = (what: string) => (cause: unknown) => {
    log('warn', 'secret-lost', { what, cause })
    return null
  }
  return {
    async read() {
      const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) =>
        cause.code === 'ENOENT' ? null : failed('read')(cause),
      )
      if (bytes === null) return null
      try {
        return vault.decryptString(bytes)
      } catch (cause) {
        // Another account, or a keyring that was made anew: of no use to anybody any more.
        return failed('decrypt')(cause)
      }
    },
    async write(secret) {
      try {
        if (secret === null) return await rm(file, { force: true })
        await mkdir(dirname(file), { recursive: true })
        // Renamed, so that a power cut leaves the one or the other.
        await writeFile(`${file}.new`, vault.encryptString(secret), { mode: 0o600 })
        await chmod(`${file}.new`, 0o600)
        await rename(`${file}.new`, file)
      } catch (cause) {
        failed('write')(cause)
        // The one before is a token that was used: shown again after a restart, it would be taken for a copy (X3), and the
        // session revoked. On a full disk something can still be taken away; where that fails as well, it was said already.
        await rm(file, { force: true }).catch(() => undefined)
      }
    },
  }
}
