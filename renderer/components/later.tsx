import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { text } from '../text/text.ts'
import { Button } from './button.tsx'
import { Empty } from './empty.tsx'

/**
 * A view that is loaded when it is first shown: the first load has a budget, and each terminal shows few of them. What takes longer
 * than a moment says so in words, because a network that stalls fails late or never.
 */
export interface Later {
  readonly View: ComponentType
  /** Resolves when it is at hand; from then on it is drawn at once. */
  readonly load: () => Promise<void>
}

interface LaterOptions {
  /** Where it says that it could not be loaded; a sheet, for what is one. */
  readonly Frame?: ComponentType<{ readonly children: ComponentChildren }>
  /** What nobody waits for says nothing until it is there. */
  readonly isSilent?: true
  /** Between two tries that nobody asks for, milliseconds. */
  readonly againMs?: number
}

/** A server that was away is back without a word; nobody should have to press for what it has then. */
const AGAIN_MS = 5_000

export function later(
  fetch: () => Promise<ComponentType>,
  { Frame = Bare, isSilent, againMs = AGAIN_MS }: LaterOptions = {},
): Later {
  let loaded: ComponentType | null = null
  const load = async (): Promise<void> => {
    loaded ??= await fetch()
  }
  function View() {
    const [state, set] = useState<'coming' | 'here' | 'failed'>('coming')
    const Shown = loaded
    useEffect(() => {
      // Looked at as it was drawn: what has come since then is to be drawn, and nobody else says so.
      if (state !== 'coming' || Shown !== null) return
      void load().then(
        () => set('here'),
        // Neither kept nor to be had: no network, or a server that is off.
        () => set('failed'),
      )
    }, [state, Shown])
    useEffect(() => {
      const tryAgain = (): void =>
        void load().then(
          () => set('here'),
          () => undefined,
        )
      const timer = state === 'failed' ? setInterval(tryAgain, againMs) : undefined
      return () => clearInterval(timer)
    }, [state])
    if (Shown !== null) return <Shown />
    if (isSilent === true) return null
    if (state !== 'failed') {
      return (
        <p class="empty later-coming" role="status">
          {text.later.coming}
        </p>
      )
    }
    return (
      <Frame>
        <Empty>{text.later.failed}</Empty>
        <div class="later-again">
          <Button kind="secondary" onPress={() => set('coming')}>
            {text.later.again}
          </Button>
        </div>
      </Frame>
    )
  }
  return { View, load }
}

function Bare({ children }: { readonly children: ComponentChildren }) {
  return <div role="alert">{children}</div>
}
