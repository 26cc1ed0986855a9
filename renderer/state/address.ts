import type { Address } from './app.ts'

/** The fragment of the page's address. Moving inside the app leaves no trail of pages behind: there is no way back to take. */
export const pageAddress: Address = {
  hash: () => location.hash,
  replace: (hash) => history.replaceState(null, '', hash),
}

/** Where the pages of this floor stand: `/`, or `/andon/` beside other sites (`server/http/base-path.ts`). */
export function pagePath(): string {
  return new URL('.', location.href).pathname
}
