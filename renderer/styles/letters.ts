import ranges from '@fontsource/noto-color-emoji/unicode.json'
import regular from '@fontsource/pretendard/files/pretendard-latin-400-normal.woff2?url'
import semibold from '@fontsource/pretendard/files/pretendard-latin-600-normal.woff2?url'
import bold from '@fontsource/pretendard/files/pretendard-latin-700-normal.woff2?url'

/**
 * Pretendard (SIL Open Font License 1.1): one family for Latin, Hangul and figures of one width, three quarters of a megabyte
 * each. What is heavier than `regular` and lighter than `bold` is one weight.
 */
const FACES: readonly (readonly [address: string, weights: string])[] = [
  [regular, '100 499'],
  [semibold, '500 699'],
  [bold, '700 900'],
]

/**
 * Noto Color Emoji (SIL Open Font License 1.1) in slices, each loaded when one of its signs is drawn: the system of a kiosk often
 * has none. Without flags, which are a megabyte.
 */
const EMOJI = import.meta.glob<string>(
  '../../node_modules/@fontsource/noto-color-emoji/files/noto-color-emoji-[1-9]*-400-normal.woff2',
  { query: '?url', import: 'default', eager: true },
)

export interface Letters {
  /** The files are on the disk of this device, not in a network. */
  readonly isLocal: boolean
  /** Which files were kept by this browser, as it was written down; null while none were. */
  readonly kept: string | null
  readonly keep: (files: string) => void
  /** Whether what is fetched now stays on this device, and nobody pays for it by the byte. */
  readonly mayFetch: () => boolean
  readonly whenIdle: (work: () => void) => void
  readonly page: Pick<Document, 'fonts' | 'documentElement'>
}

/**
 * Letters of the product instead of the system's: on a kiosk at once. A browser draws with its own until all of them are kept,
 * which it does in a quiet moment, and from its next start on with these: letters that change under a reader help nobody.
 */
export function useLetters({ isLocal, kept, keep, mayFetch, whenIdle, page }: Letters): void {
  for (const [path, address] of Object.entries(EMOJI)) {
    const slice = /emoji-(\d+)-/.exec(path)?.[1] ?? ''
    const unicodeRange = (ranges as Readonly<Record<string, string>>)[`[${slice}]`]
    if (unicodeRange !== undefined)
      page.fonts.add(new FontFace('Noto Color Emoji', `url("${address}") format("woff2")`, { unicodeRange }))
  }
  const files = FACES.map(([address]) => address).join(' ')
  const faces = FACES.map(
    ([address, weight]) => new FontFace('Pretendard', `url("${address}") format("woff2")`, { weight, display: 'swap' }),
  )
  if (isLocal || kept === files) {
    for (const face of faces) page.fonts.add(face)
    page.documentElement.dataset['type'] = 'bundled'
    return
  }
  whenIdle(() => {
    if (!mayFetch()) return
    Promise.all(faces.map((face) => face.load())).then(
      () => keep(files),
      // Without a network, or on a full disk: the next start tries again.
      () => undefined,
    )
  })
}
