import type { PublicAddress } from '../core/public-address.ts'

/** The settings the HTTP half lives by; the server's `Config` is one of these. */
export interface HttpSettings {
  readonly demo: boolean
  readonly demoOpen: boolean
  /** Paths of PEM files. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  readonly origins: readonly string[]
  readonly publicUrl: PublicAddress | null
  readonly trustProxy: readonly string[]
  readonly sessionMs: number
}
