import { useEffect, useState } from 'preact/hooks'
import { kioskHost } from '../platform/kiosk-host.ts'
import { readTalk } from './read-talk.ts'
import { useApp } from './use-app.ts'

/**
 * While the newest of the talk is in sight of somebody, it is read. Returns the key of the first message that was new when they
 * came to it: there they had left off. It stays until they come anew, so that no line moves while they read.
 */
export function useReading(isAtEnd: boolean): string | null {
  const app = useApp()
  const { isLive, talk } = app
  const [from, setFrom] = useState(() => talk.news.peek().first)
  const isSeen = useVisible()
  const { count } = talk.news.value
  const unread = talk.unread.value
  useEffect(() => {
    if (isSeen) setFrom((before) => talk.news.peek().first ?? before)
  }, [isSeen, talk])
  useEffect(() => {
    if (isSeen && isAtEnd && (count > 0 || unread.count > 0)) readTalk(app)
  }, [isSeen, isAtEnd, count, unread, isLive.value, app])
  return from
}

/** Whether the page can be seen at all: as its document says, and on a kiosk as main does. */
function useVisible(): boolean {
  const [isVisible, setVisible] = useState(() => document.visibilityState === 'visible')
  const [isInSight, setInSight] = useState(() => kioskHost() === null)
  useEffect(() => {
    const changed = (): void => setVisible(document.visibilityState === 'visible')
    document.addEventListener('visibilitychange', changed)
    return () => document.removeEventListener('visibilitychange', changed)
  }, [])
  useEffect(() => {
    const kiosk = kioskHost()
    if (kiosk === null) return undefined
    // Where main does not answer, its window is there all the same.
    kiosk.isInSight().then(setInSight, () => setInSight(true))
    return kiosk.watchSight(setInSight)
  }, [])
  return isVisible && isInSight
}
