/** Why a window must not be started anew now. */
export type Hindrance = 'p0' | 'unsaved' | 'elsewhere'

/** A newer Andon is there. The bar offers it; who brings updates on this platform makes it. */
export interface UpdateOffer {
  /** `ready`: waits to be started. `started`: it runs in other windows, this one is the old one. */
  readonly kind: 'ready' | 'started'
  /** A person pressed. Resolves with what is in the way, or null when it begins. Never rejects. */
  restart(): Promise<Hindrance | null>
}
