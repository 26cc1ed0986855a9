/** TypeScript's DOM has no Trusted Types yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): object }
}

/** Turns an address into one that may become a script of this page. Throws `TypeError` for any other than those named. */
export type TrustScript = (url: string) => string

/**
 * The page's one Trusted Types policy (CSP `trusted-types kiosk`): it lets exactly these scripts through, of this origin.
 * Browsers without Trusted Types take an address as it is. Called once per page, because a policy can be made only once.
 */
export function trustScripts(urls: readonly string[]): TrustScript {
  const checked = (wanted: string): string => {
    if (!urls.includes(wanted) || new URL(wanted, location.href).origin !== location.origin) {
      throw new TypeError('only the scripts of this origin that were named may run as workers')
    }
    return wanted
  }
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes }
  if (trustedTypes === undefined) return checked
  const policy = trustedTypes.createPolicy('kiosk', { createScriptURL: checked })
  // Workers take a TrustedScriptURL where the DOM types say string.
  return (url) => policy.createScriptURL(url) as unknown as string
}
