import { useEffect, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import type { FilePlace } from '../../relay/protocol/attachments.ts'
import { photosOf, type PhotoSize, type PhotoState } from './photos.ts'
import { useApp } from './use-app.ts'

/** The photo as far as it is here; null while it is not to be read. */
export function usePhoto(place: FilePlace | null, size: PhotoSize): PhotoState | null {
  const app = useApp()
  const [state, set] = useState<PhotoState | null>(null)
  const { line = '', id, hash } = place ?? {}
  useEffect(() => {
    if (id === undefined || hash === undefined) return set(null)
    const [photo, release] = photosOf(app).show({ line, id, hash }, size)
    const stop = photo.subscribe(set)
    return () => {
      stop()
      release()
    }
  }, [app, line, id, hash, size])
  return state
}

/** Whether it has been near to what is in sight: what is far away is not read before somebody comes there. */
export function useNear(element: RefObject<HTMLElement | null>): boolean {
  const [isNear, set] = useState(false)
  useEffect(() => {
    const { current } = element
    if (current === null || isNear) return undefined
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && set(true),
      { rootMargin: '400px' },
    )
    observer.observe(current)
    return () => observer.disconnect()
  }, [element, isNear])
  return isNear
}
