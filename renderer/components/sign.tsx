import type { JSX } from 'preact'

const LINE = 'sign-line'

/** Drawn on 24 × 24 with one line width, so that they stand beside each other as a family. */
const SIGNS = {
  /** Grey hatch: not current, as of an earlier time. */
  stale: (
    <>
      <rect x="3" y="3" width="18" height="18" class={LINE} />
      <path d="M3 10 10 3M3 17 17 3M7 21 21 7M14 21l7-7" class={LINE} />
    </>
  ),
  /** Filled dot in a ring: connected. */
  live: (
    <>
      <circle cx="12" cy="12" r="9" class={LINE} />
      <circle cx="12" cy="12" r="4.5" class="sign-fill" />
    </>
  ),
  /** Clock face, dashed: waiting for the server. */
  waiting: (
    <>
      <circle cx="12" cy="12" r="9" class={`${LINE} sign-dashed`} />
      <path d="M12 7v5l3.5 2" class={LINE} />
    </>
  ),
  outbox: <path d="M4 14v6h16v-6M12 16V4M7 9l5-5 5 5" class={LINE} />,
  person: (
    <>
      <circle cx="12" cy="8" r="4.5" class={LINE} />
      <path d="M3.5 21c.8-4.6 4-7 8.5-7s7.7 2.4 8.5 7" class={LINE} />
    </>
  ),
  down: <path d="m6 9.5 6 6 6-6" class={LINE} />,
  /** A glass. */
  search: <path d="M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13M15.5 15.5 21 21" class={LINE} />,
  close: <path d="M5 5l14 14M19 5 5 19" class={LINE} />,
  erase: <path d="M8 5h13v14H8l-6-7zM11 9l6 6M17 9l-6 6" class={LINE} />,
  chat: <path d="M3 4h18v13H11l-5 4v-4H3z" class={LINE} />,
  /** A page with lines, and a pen. */
  notes: <path d="M19 12V3H5v18h7M8.5 8h7M8.5 12h5M14 21l6-6 1.5 1.5-6 6H14z" class={LINE} />,
  orders: <path d="M5 4h14v17H5zM9 2.5h6v3H9zM8.5 11h7M8.5 15.5h7" class={LINE} />,
  alerts: <path d="M6 17v-5a6 6 0 0 1 12 0v5M3 20.5h18M6 17h12" class={LINE} />,
  /** A gauge with its needle. */
  equipment: <path d="M4.5 18.5a9 9 0 1 1 15 0M12 14l4.5-5.5M12 14h.01" class={LINE} />,
  /** Beyond a limit: a filled triangle up or down. */
  above: <path d="M12 4 22 20H2z" class="sign-fill" />,
  below: <path d="M12 20 2 4h20z" class="sign-fill" />,
  /** One line: a belt with what lies on it. */
  line: <path d="M3 17h18M6 21h.01M12 21h.01M18 21h.01M8 17V9h8v8" class={LINE} />,
  /** All of them: bands. */
  site: <path d="M3 4h18v4H3zM3 10h18v4H3zM3 16h18v4H3z" class={LINE} />,
  sound: <path d="M3.5 9.5v5h4l5 4.5V5l-5 4.5zM16 9a4.5 4.5 0 0 1 0 6M18.5 6a8.5 8.5 0 0 1 0 12" class={LINE} />,
  muted: <path d="M3.5 9.5v5h4l5 4.5V5l-5 4.5zM16 9.5l5.5 5.5M21.5 9.5 16 15" class={LINE} />,
  /** A tray with a cross over it: sent, and not accepted. */
  refused: <path d="M4 14v6h16v-6M8 3.5l8 8M16 3.5l-8 8" class={LINE} />,
  /** An arrow that goes back. */
  answer: <path d="M9 6 3 12l6 6M3 12h11a7 7 0 0 1 7 7" class={LINE} />,
  /** A camera. */
  photo: (
    <>
      <path d="M3 7h4l2-3h6l2 3h4v13H3z" class={LINE} />
      <circle cx="12" cy="13" r="4" class={LINE} />
    </>
  ),
  back: <path d="M15 5l-7 7 7 7" class={LINE} />,
  forth: <path d="M9 5l7 7-7 7" class={LINE} />,
  more: <path d="M5 12h.01M12 12h.01M19 12h.01" class={LINE} />,
  plus: <path d="M12 4v16M4 12h16" class={LINE} />,
  minus: <path d="M4 12h16" class={LINE} />,
} satisfies Record<string, JSX.Element>

export type SignName = keyof typeof SIGNS

/** A small drawn sign. Words beside it always say the same, so it is hidden from screen readers. */
export function Sign({ name }: { readonly name: SignName }) {
  return (
    <svg class="sign" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {SIGNS[name]}
    </svg>
  )
}
