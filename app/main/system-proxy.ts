/**
 * The first way that Chromium names for an address and that the uplink can go, from an answer like
 * `PROXY 10.0.0.1:3128; SOCKS5 10.0.0.2:1080; DIRECT`: its address, or null for none. Not `ok` when every way is one that
 * it cannot go: then it tries without.
 */
export function proxyIn(answer: string): { readonly ok: true; readonly proxy: string | null } | { readonly ok: false } {
  for (const way of answer.split(';')) {
    const [kind = '', place = ''] = way.trim().split(/\s+/)
    if (kind === 'DIRECT') return { ok: true, proxy: null }
    const scheme = { PROXY: 'http', HTTPS: 'https' }[kind]
    if (scheme !== undefined && URL.canParse(`${scheme}://${place}`)) return { ok: true, proxy: `${scheme}://${place}` }
  }
  return { ok: false }
}
