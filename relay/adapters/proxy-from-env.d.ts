/** The package has no types of its own. */
declare module 'proxy-from-env' {
  /** Address of the proxy for this address, as the environment names it; empty where there is none. */
  export function getProxyForUrl(url: string): string
}
