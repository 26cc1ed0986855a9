import type { Log } from '../../relay/ports.ts'

/** The part of `node:tls` that is needed; older runtimes have neither. */
export interface TrustStore {
  readonly getCACertificates?: (kind: 'default' | 'system') => readonly string[]
  readonly setDefaultCACertificates?: (certificates: readonly string[]) => void
}

/**
 * Lets the uplink trust what the machine trusts: a plant's own authority stands in the system's store, and Node looks at a
 * list of its own. Without it, or where the runtime is too old, only public authorities count, and the log says so.
 */
export function trustSystem(tls: TrustStore, log: Log): void {
  const { getCACertificates, setDefaultCACertificates } = tls
  if (getCACertificates === undefined || setDefaultCACertificates === undefined) {
    return log('info', 'system-trust-unsupported')
  }
  try {
    const system = getCACertificates('system')
    setDefaultCACertificates([...new Set([...getCACertificates('default'), ...system])])
    log('debug', 'system-trust', { certificates: system.length })
  } catch (cause) {
    log('warn', 'system-trust-failed', { cause })
  }
}
