import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { Clock, NetworkHints } from '../ports.ts'

/** How often the machine's addresses are looked at, milliseconds: Node tells nobody that they changed. */
const LOOK_MS = 2_000

export interface NodeHintsOptions {
  readonly clock: Pick<Clock, 'after'>
  /** For tests. */
  readonly interfaces?: () => NodeJS.Dict<readonly NetworkInterfaceInfo[]>
}

/**
 * `online` when the machine's own addresses changed — another network, a cable, a tunnel: whatever socket there was ran over
 * what is gone — and `offline` when the last one went. They name the network, too. Sleep is not seen here: the relay notices it by its clock.
 */
export function nodeHints({ clock, interfaces = networkInterfaces }: NodeHintsOptions): NetworkHints {
  return {
    listen(hinted) {
      let last = addresses(interfaces())
      let cancel = () => {}
      const look = (): void => {
        cancel = clock.after(LOOK_MS, look)
        const now = addresses(interfaces())
        if (now === last) return
        last = now
        hinted(now === '' ? 'offline' : 'online')
      }
      cancel = clock.after(LOOK_MS, look)
      return () => cancel()
    },
    network: () => addresses(interfaces()),
  }
}

/** Several sources of hints as one. */
export function allHints(...sources: readonly NetworkHints[]): NetworkHints {
  return {
    listen(hinted) {
      const releases = sources.map((source) => source.listen(hinted))
      return () => releases.forEach((release) => release())
    },
    network: () => sources.map((source) => source.network?.() ?? '').join('\n'),
  }
}

/**
 * What a route can run over. Link-local addresses are left out, because every interface has one, and of IPv6 only the
 * network counts: its second half is renewed every day for privacy while connections over the old one live on.
 */
function addresses(found: NodeJS.Dict<readonly NetworkInterfaceInfo[]>): string {
  const external = Object.entries(found).flatMap(([name, infos = []]) =>
    infos
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80:') && !address.startsWith('169.254.'))
      .map(
        ({ family, address }) => `${name} ${family === 'IPv6' ? address.split(':').slice(0, 4).join(':') : address}`,
      ),
  )
  return [...new Set(external)].toSorted().join('\n')
}
