import type { Address } from './app.ts'

/** The fragment of the page's address. Moving inside the app leaves no trail of pages behind: there is no way back to take. */
export const pageAddress: Address = {
  hash: () => location.hash,
  replace: (hash) => history.replaceState(null, '', hash),
}
