import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { unreachable } from '../../relay/protocol/rights.ts'
import { useApp } from '../state/use-app.ts'
import { useSteadyParts, useSteadyPlace } from '../state/use-moved.ts'
import { text } from '../text/text.ts'
import { AlarmBanners } from './alarm-banners.tsx'
import { AlertsView } from './alerts-view.tsx'
import { Announcer } from './announcer.tsx'
import { Bars } from './bars.tsx'
import { Header } from './header.tsx'
import { CHAT, EQUIPMENT, ORDERS, REJECTIONS, SHEETS } from './later-views.ts'
import { Navigation } from './navigation.tsx'
import { NeedsSignIn } from './needs-sign-in.tsx'
import { P0Overlay } from './p0-overlay.tsx'
import { PressNotice } from './press-notice.tsx'
import { SignInView } from './sign-in-view.tsx'
import { UndoNotice } from './undo-notice.tsx'

/** The frame of every screen. The P0 overlay and the banners belong to the frame: no view can be without them. */
export function Shell() {
  const { session, place, area, presses } = useApp()
  const isSignedOut = session.value === null
  const bars = useRef<HTMLElement>(null)
  const content = useRef<HTMLElement>(null)
  useShownView(content)
  useSteadyPlace(content, presses)
  useSteadyParts(bars, { parts: barsAndForm })
  // Before anything is painted that could be pressed.
  useLayoutEffect(() => presses.start(window), [presses])
  return (
    <div class={`shell ${isSignedOut ? 'shell-signed-out' : ''}`}>
      <Header />
      <Navigation />
      <section ref={bars} class="bars" aria-label={text.bars}>
        <AlarmBanners />
        <Bars />
      </section>
      <div class="content">
        {isSignedOut ? <SignInView /> : null}
        <main ref={content} class="main" key={`${place.value.view} ${area.value}`}>
          <View />
        </main>
      </div>
      <OpenSheet />
      <P0Overlay />
      <UndoNotice />
      <PressNotice />
      <Announcer />
    </div>
  )
}

/** Lines over the view that come and go by themselves, and the form that stands under them or beside. */
function barsAndForm(bars: HTMLElement): Iterable<Element> {
  return [...bars.children, ...bars.ownerDocument.querySelectorAll('.sign-in')]
}

/** On a phone nobody is signed in on, the view is below the form: a person who chooses one is brought to it. */
function useShownView(content: { readonly current: HTMLElement | null }): void {
  const { session, place } = useApp()
  const { view } = place.value
  const shown = useRef(view)
  useEffect(() => {
    if (shown.current === view) return
    shown.current = view
    if (session.peek() === null) content.current?.scrollIntoView({ block: 'start' })
  }, [content, session, view])
}

/** Sheets come with the first that is opened. */
function OpenSheet() {
  return useApp().sheet.value === null ? null : <SHEETS.View />
}

function View() {
  const { session, place } = useApp()
  const { view } = place.value
  if (view === 'alerts') return <AlertsView />
  if (view === 'equipment') return <EQUIPMENT.View />
  if (session.value === null) return <NeedsSignIn view={view} />
  switch (view) {
    case 'orders':
      return <ORDERS.View />
    case 'chat':
      return <CHAT.View />
    case 'rejections':
      return <REJECTIONS.View />
    default:
      return unreachable(view)
  }
}
