/** Where an address leads, without what is secret in it: for sentences and logs. */
export function shownAddress(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${pathname}`
  } catch {
    return 'the address of --database'
  }
}
