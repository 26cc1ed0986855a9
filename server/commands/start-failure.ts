import type { Config } from '../config.ts'
import { StoreOpenError } from '../ports/store-errors.ts'

export interface StartFailure {
  /** One sentence: what is wrong and what to do. */
  readonly message: string
  /** False for what nobody thought of; then the log has the cause. */
  readonly isExpected: boolean
}

/** Why a server did not start, in words. Decides on error codes only. */
export function startFailure(
  cause: unknown,
  { host, port, data }: Pick<Config, 'host' | 'port' | 'data'>,
): StartFailure {
  if (cause instanceof StoreOpenError) return { message: cause.message, isExpected: true }
  const says = sentenceOf(codeOf(cause), { host, port, data })
  return says === null
    ? {
        message: 'The server could not start; the log above has the cause, and "andon doctor" may say more.',
        isExpected: false,
      }
    : { message: says, isExpected: true }
}

function sentenceOf(code: string, { host, port, data }: Pick<Config, 'host' | 'port' | 'data'>): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use; stop what listens there, or choose another with --port.`
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${host}; choose one it has with --host.`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The address ${host} is not known; choose another with --host.`
    case 'EACCES':
    case 'EPERM':
      return port !== 0 && port < 1024
        ? `Port ${port} needs more rights than this user has; choose one above 1023 with --port.`
        : `Something in the data folder ${data} may not be read or written; check its owner and rights.`
    case 'EROFS':
    case 'ENOSPC':
      return `The data folder ${data} cannot be written to; make room or choose another with --data.`
    case 'ERR_MODULE_NOT_FOUND':
    case 'ERR_DLOPEN_FAILED':
      return 'A package that the server needs cannot be loaded; run "npm ci", then "andon doctor".'
    case 'ERR_OSSL_PEM_NO_START_LINE':
    case 'ERR_OSSL_X509_KEY_VALUES_MISMATCH':
    case 'ERR_OSSL_UNSUPPORTED':
      return 'The files of --tls-cert and --tls-key are not a PEM certificate and its key; "andon doctor" says more.'
    default:
      return null
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
}
