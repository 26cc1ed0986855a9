import { useEffect, useRef } from 'preact/hooks'
import { unreachable } from '../../relay/protocol/rights.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { AlarmBanners } from './alarm-banners.tsx'
import { AlertsView } from './alerts-view.tsx'
import { Announcer } from './announcer.tsx'
import { Bars } from './bars.tsx'
import { ChatView } from './chat-view.tsx'
import { EquipmentView } from './equipment-view.tsx'
import { Header } from './header.tsx'
import { Navigation } from './navigation.tsx'
import { NeedsSignIn } from './needs-sign-in.tsx'
import { OrdersView } from './orders-view.tsx'
import { P0Overlay } from './p0-overlay.tsx'
import { RejectionsView } from './rejections-view.tsx'
import { Sheets } from './sheets.tsx'
import { SignInView } from './sign-in-view.tsx'

/** The frame of every screen. The P0 overlay and the banners belong to the frame: no view can be without them. */
export function Shell() {
  const { session, place, area } = useApp()
  const isSignedOut = session.value === null
  const content = useRef<HTMLElement>(null)
  useShownView(content)
  return (
    <div class={`shell ${isSignedOut ? 'shell-signed-out' : ''}`}>
      <Header />
      <Navigation />
      <section class="bars" aria-label={text.bars}>
        <AlarmBanners />
        <Bars />
      </section>
      <div class="content">
        {isSignedOut ? <SignInView /> : null}
        <main ref={content} class="main" key={`${place.value.view} ${area.value}`}>
          <View />
        </main>
      </div>
      <Sheets />
      <P0Overlay />
      <Announcer />
    </div>
  )
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

function View() {
  const { session, place } = useApp()
  const { view } = place.value
  if (view === 'alerts') return <AlertsView />
  if (view === 'equipment') return <EquipmentView />
  if (session.value === null) return <NeedsSignIn view={view} />
  switch (view) {
    case 'orders':
      return <OrdersView />
    case 'chat':
      return <ChatView />
    case 'rejections':
      return <RejectionsView />
    default:
      return unreachable(view)
  }
}
