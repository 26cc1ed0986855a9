import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { unreachable } from '../../relay/protocol/rights.ts'
import { Newcomers } from '../components/newcomers.tsx'
import { useApp } from '../state/use-app.ts'
import { useSteadyParts, useSteadyPlace } from '../state/use-moved.ts'
import { text } from '../text/text.ts'
import { AlarmBanners } from './alarm-banners.tsx'
import { Announcer } from './announcer.tsx'
import { Bars } from './bars.tsx'
import { Header } from './header.tsx'
import { ALERTS, CHAT, EQUIPMENT, LINE, NOTES, ORDERS, REJECTIONS, SHEETS, SITE, WALL } from './later-views.ts'
import { Navigation } from './navigation.tsx'
import { NeedsSignIn } from './needs-sign-in.tsx'
import { P0Overlay } from './p0-overlay.tsx'
import { PressNotice } from './press-notice.tsx'
import { SignInView } from './sign-in-view.tsx'
import { UndoNotice } from './undo-notice.tsx'

/** The frame of every screen: of a terminal, or of a board that is only looked at. */
export function Shell() {
  const { presses, view } = useApp()
  // Before anything is painted that could be pressed.
  useLayoutEffect(() => presses.start(window), [presses])
  return view.value === 'wall' ? <WallShell /> : <TerminalShell />
}

/** P0 go over a board as over everything. */
function WallShell() {
  return (
    <div class="shell-wall shell">
      <main class="main">
        <WALL.View />
      </main>
      <P0Overlay />
      <PressNotice />
      <Announcer />
    </div>
  )
}

/** The P0 overlay and the banners belong to the frame: no view can be without them. */
function TerminalShell() {
  const { session, view, area, presses } = useApp()
  const isSignedOut = session.value === null
  const bars = useRef<HTMLElement>(null)
  const content = useRef<HTMLElement>(null)
  useShownView(content)
  useSteadyPlace(content, presses)
  useSteadyParts(bars, { parts: barsAndForm })
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
        <main ref={content} class="main" key={`${session.value?.operator} ${view.value} ${area.value}`}>
          <View />
        </main>
      </div>
      <Newcomers />
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
  // Not the one a terminal begins with: nobody chose it.
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
  const { session, view } = useApp()
  switch (view.value) {
    case 'line':
      return <LINE.View />
    case 'site':
    case 'wall':
      return <SITE.View />
    case 'alerts':
      return <ALERTS.View />
    case 'equipment':
      return <EQUIPMENT.View />
    case 'orders':
      return session.value === null ? <NeedsSignIn view="orders" /> : <ORDERS.View />
    case 'chat':
      return session.value === null ? <NeedsSignIn view="chat" /> : <CHAT.View />
    case 'notes':
      return session.value === null ? <NeedsSignIn view="notes" /> : <NOTES.View />
    case 'rejections':
      return session.value === null ? <NeedsSignIn view="rejections" /> : <REJECTIONS.View />
    default:
      return unreachable(view.value)
  }
}
