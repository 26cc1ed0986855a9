/** The part of Electron's `Input` (`before-input-event`) that decides. */
export interface KeyPress {
  readonly type: string
  readonly key: string
  readonly control: boolean
  readonly meta: boolean
  readonly shift: boolean
  readonly alt: boolean
}

/** With Control or, on macOS, Command: developer tools, reload, print, save, find, source, tabs, windows, zoom, quit. */
const WITH_CONTROL = new Set('dfghijlnopqrstuw+-=0')
const WITH_ALT = new Set(['F4', 'Home', 'ArrowLeft', 'ArrowRight', ' '])
const ALONE = new Set(['F1', 'F3', 'F5', 'F6', 'F7', 'F11', 'F12', 'BrowserBack', 'BrowserForward', 'BrowserRefresh'])

/** Whether a key would lead out of the kiosk or change how it looks; nothing a person types is among them. */
export function isBlocked({ type, key, control, meta, shift, alt }: KeyPress): boolean {
  if (type !== 'keyDown' && type !== 'rawKeyDown') return false
  if (ALONE.has(key)) return true
  if (alt && WITH_ALT.has(key)) return true
  const letter = key.toLowerCase()
  // Copying is Control and C alone; with Shift it opens the inspector.
  return (control || meta) && (WITH_CONTROL.has(letter) || (shift && letter === 'c'))
}
