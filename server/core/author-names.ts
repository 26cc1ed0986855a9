/** Names that events tell of without a person or a key behind them: the server itself, and devices alone (`device:NAME`). */
const TAKEN = /^(system$|device:)/

/**
 * Whether two names would be read as one on a screen: what a program did under such a name would be told as a person's, in
 * alerts and in the evidence. Letters of other alphabets that only look alike are not told apart here.
 */
export function looksLike(one: string, other: string): boolean {
  return plain(one) === plain(other)
}

/** Whether the name would pass for the server's own word, or for a device's. */
export function isReservedName(name: string): boolean {
  return TAKEN.test(plain(name))
}

/** Without what is not seen or not looked at: case, width, spaces, marks of direction and joiners. */
function plain(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\p{Cf}\p{Cc}\p{Z}\u115f\u1160\u3164\uffa0]/gu, '')
}
