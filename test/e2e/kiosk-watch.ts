import { untilAnswered, type RunningKiosk } from './kiosk-device.ts'

/** What a window saw; times on the one clock of the machine. */
export type Seen =
  /** A page is there, and shows alerts from now on. */
  | { readonly kind: 'open'; readonly window: number; readonly at: number }
  /** A P0 is on a screen that has been open since `openSince`. */
  | {
      readonly kind: 'p0'
      /** By order of opening. */
      readonly window: number
      readonly title: string
      readonly at: number
      readonly openSince: number
    }
  /** Words heard on the bus by a listener of the test's own, beside the window's. */
  | { readonly kind: 'bus'; readonly words: readonly string[] }

const MARK = 'ANDON-SEEN '

/** Runs in each page as soon as it has a document. What it sees it says on the console, which outlives the page. */
const PROBE = `(() => {
  const say = (seen) => console.debug('${MARK}' + JSON.stringify(seen))
  const words = new Set()
  new BroadcastChannel('andon').addEventListener('message', ({ data }) => {
    const word = String(data?.body?.t ?? data?.t ?? 'nothing')
    if (words.has(word)) return
    words.add(word)
    say({ kind: 'bus', words: [word] })
  })
  let openSince = null
  const told = new Set()
  new MutationObserver(() => {
    if (openSince === null && document.querySelector('[data-testid="connection-state"]') !== null) {
      openSince = Date.now()
      say({ kind: 'open', at: openSince })
    }
    const shown = document.querySelector('[data-testid="p0-overlay"]')?.textContent ?? ''
    if (openSince === null) return
    for (const [name] of shown.matchAll(/Evacuate \\d+/g)) {
      if (told.has(name)) continue
      told.add(name)
      say({ kind: 'p0', title: name, at: Date.now(), openSince })
    }
  }).observe(document, { childList: true, subtree: true, characterData: true })
})()`

/** Puts the probe into every window, now and after each load. */
export async function watchWindows(kiosk: RunningKiosk): Promise<void> {
  await kiosk.app.evaluate(
    ({ BrowserWindow }, [mark, probe]) => {
      const seen: string[] = []
      Reflect.set(globalThis, 'andonSeen', seen)
      const windows = BrowserWindow.getAllWindows().toSorted((one, other) => one.id - other.id)
      for (const [window, { webContents }] of windows.entries()) {
        // Older runtimes give the message as the third argument.
        webContents.on('console-message', (details: { message?: string }, ...rest: unknown[]) => {
          const text = details.message ?? String(rest[1])
          if (!text.startsWith(mark)) return
          seen.push(JSON.stringify({ ...(JSON.parse(text.slice(mark.length)) as object), window }))
        })
        webContents.on('dom-ready', () => void webContents.executeJavaScript(probe))
        void webContents.executeJavaScript(probe)
      }
    },
    [MARK, PROBE] as const,
  )
}

/** What was seen after the first `from`. */
export async function newlySeen(kiosk: RunningKiosk, from: number): Promise<readonly Seen[]> {
  const lines = await untilAnswered(() =>
    kiosk.app.evaluate((_electron, first) => (Reflect.get(globalThis, 'andonSeen') as string[]).slice(first), from),
  )
  return lines.map((line) => JSON.parse(line) as Seen)
}
