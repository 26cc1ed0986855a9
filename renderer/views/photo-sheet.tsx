import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isPhoto, type ContentHash, type FilePlace, type ShownFile } from '../../relay/protocol/attachments.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { Button } from '../components/button.tsx'
import { Sheet } from '../components/sheet.tsx'
import { Sign } from '../components/sign.tsx'
import { mayKeep, saveFile } from '../state/save-file.ts'
import { photosOf } from '../state/photos.ts'
import { useApp } from '../state/use-app.ts'
import { usePhoto } from '../state/use-photo.ts'
import { ALL_OF_IT, moveBy, STEP, TAPPED_SCALE, zoomBy, type Box, type Point, type Zoom } from '../state/zoom.ts'
import { fileWords } from '../text/file-words.ts'
import { text } from '../text/text.ts'

/** A photo as large as the screen, and larger; the others of its message beside it. */
export function PhotoSheet({ id, hash }: { readonly id: CommandId; readonly hash: ContentHash }) {
  const app = useApp()
  const row = app.chat.value.find((one) => one.id === id)
  const photos = (row?.files ?? []).filter(({ type }) => isPhoto(type))
  const at = photos.findIndex((one) => one.hash === hash)
  const file = photos[at]
  const close = (): void => void (app.sheet.value = null)
  if (row === undefined || file === undefined)
    return (
      <Sheet title={fileWords().photo('')} look="whole" onClose={close}>
        <p class="lead">{fileWords().gone}</p>
      </Sheet>
    )
  const go = (step: number): void => {
    const next = photos[(at + step + photos.length) % photos.length]
    if (next !== undefined) app.sheet.value = { kind: 'photo', id, hash: next.hash }
  }
  const place = { line: app.area.value, id, hash }
  const title = `${row.author ?? text.chat.terminal} · ${file.name}`
  const aside = photos.length > 1 ? fileWords().place(at + 1, photos.length) : ''
  return <Viewer key={hash} {...{ place, file, title, aside, go, close, hasOthers: photos.length > 1 }} />
}

interface ViewerProps {
  readonly place: FilePlace
  readonly file: ShownFile
  readonly title: string
  readonly aside: string
  readonly hasOthers: boolean
  readonly go: (step: number) => void
  readonly close: () => void
}

function Viewer({ place, file, title, aside, hasOthers, go, close }: ViewerProps) {
  const app = useApp()
  const words = fileWords()
  const stage = useRef<HTMLDivElement>(null)
  const [zoom, setZoom] = useState<Zoom>(ALL_OF_IT)
  const small = usePhoto(place, 'small')
  const whole = usePhoto(place, 'whole')
  const shown = whole?.kind === 'here' ? whole : small?.kind === 'here' ? small : null
  const by = (factor: number, at: Point = MIDDLE): void =>
    setZoom((before) => zoomBy(before, factor, { at, box: boxOf(stage.current) }))
  const move = (point: Point): void => setZoom((before) => moveBy(before, point, boxOf(stage.current)))
  useHands(stage, { by, move })
  useKeys(stage, { by, move, go: hasOthers ? go : null, fit: () => setZoom(ALL_OF_IT), isZoomed: zoom.scale > 1 })
  const foot = (
    <>
      {hasOthers ? <Tool label={words.before} sign="back" onPress={() => go(-1)} /> : null}
      <Tool label={words.farther} sign="minus" onPress={() => by(1 / STEP)} disabled={zoom.scale <= 1} />
      <Tool label={words.nearer} sign="plus" onPress={() => by(STEP)} />
      <Button kind="secondary" onPress={() => setZoom(ALL_OF_IT)} disabled={zoom.scale <= 1}>
        {words.fit}
      </Button>
      {mayKeep() && shown !== null ? (
        <Button kind="secondary" label={words.save(file.name)} onPress={() => void saveFile(app, place, file.name)}>
          {words.saveShort}
        </Button>
      ) : null}
      {hasOthers ? <Tool label={words.next} sign="forth" onPress={() => go(1)} /> : null}
    </>
  )
  return (
    <Sheet title={title} aside={aside} look="whole" onClose={close} footer={foot}>
      <div ref={stage} class="viewer" data-testid="viewer" data-scale={zoom.scale}>
        {shown === null ? (
          <Absent
            code={whole?.kind === 'failed' ? whole.code : null}
            again={() => photosOf(app).again(place, 'whole')}
          />
        ) : (
          <img
            src={shown.url}
            alt={words.photo(file.name)}
            draggable={false}
            style={{ transform: `translate(${zoom.x}px, ${zoom.y}px) scale(${zoom.scale})` }}
          />
        )}
      </div>
    </Sheet>
  )
}

/** Why there is nothing to see, and the way to it where there is one. */
function Absent({ code, again }: { readonly code: string | null; readonly again: () => void }) {
  const words = fileWords()
  if (code === null) return <p role="status">{words.coming}</p>
  if (code === 'file-lost') return <p role="status">{words.lost}</p>
  if (code === 'file-awaited') return <p role="status">{words.onItsWay}</p>
  if (code === 'file-unknown' || code === 'file-refused') return <p role="status">{words.refused}</p>
  // The stage takes every finger that is put on it.
  return (
    <div class="viewer-absent" role="status" onPointerDown={(event) => event.stopPropagation()}>
      <p>{words.needsServer}</p>
      <Button kind="secondary" onPress={again}>
        {words.tryAgain}
      </Button>
    </div>
  )
}

function Tool({
  label,
  sign,
  onPress,
  disabled,
}: {
  readonly label: string
  readonly sign: 'back' | 'forth' | 'plus' | 'minus'
  readonly onPress: () => void
  readonly disabled?: boolean
}) {
  return (
    <button
      type="button"
      class="button button-secondary viewer-tool"
      aria-label={label}
      disabled={disabled}
      onClick={onPress}
    >
      <Sign name={sign} />
    </button>
  )
}

const MIDDLE: Point = { x: 0, y: 0 }

function boxOf(stage: HTMLElement | null): Box {
  return { width: stage?.clientWidth ?? 0, height: stage?.clientHeight ?? 0 }
}

interface Deeds {
  readonly by: (factor: number, at?: Point) => void
  readonly move: (by: Point) => void
}

/** Two taps at one place within this time, milliseconds, and this far apart, pixels. */
const TAPS_MS = 350
const TAPS_PX = 40
/** Of a wheel: a notch is about a hundred. */
const WHEEL = 0.002

/** One finger moves, two spread, two taps go near; a wheel as a finger on a desk. */
function useHands(stage: { readonly current: HTMLElement | null }, deeds: Deeds): void {
  const current = useRef(deeds)
  current.current = deeds
  useLayoutEffect(() => {
    const element = stage.current
    if (element === null) return undefined
    const ended = new AbortController()
    const { signal } = ended
    const fingers = new Map<number, Point>()
    let tap: { readonly point: Point; readonly at: number } | null = null
    let isNear = false
    const pointOf = ({ clientX, clientY }: MouseEvent): Point => {
      const { left, top, width, height } = element.getBoundingClientRect()
      return { x: clientX - left - width / 2, y: clientY - top - height / 2 }
    }
    element.addEventListener(
      'pointerdown',
      (event) => {
        element.setPointerCapture(event.pointerId)
        fingers.set(event.pointerId, pointOf(event))
      },
      { signal },
    )
    element.addEventListener(
      'pointermove',
      (event) => {
        const before = fingers.get(event.pointerId)
        if (before === undefined) return
        const now = pointOf(event)
        const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1]
        fingers.set(event.pointerId, now)
        if (other === undefined) return current.current.move({ x: now.x - before.x, y: now.y - before.y })
        tap = null
        const factor = far(now, other) / Math.max(1, far(before, other))
        current.current.by(factor, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 })
        current.current.move({ x: (now.x - before.x) / 2, y: (now.y - before.y) / 2 })
      },
      { signal },
    )
    const lifted = (event: PointerEvent): void => {
      if (!fingers.delete(event.pointerId) || event.type === 'pointercancel' || fingers.size > 0) return
      const point = pointOf(event)
      const isSecond = tap !== null && event.timeStamp - tap.at < TAPS_MS && far(tap.point, point) < TAPS_PX
      tap = isSecond ? null : { point, at: event.timeStamp }
      if (!isSecond) return
      isNear = Number(element.dataset['scale']) > 1
      current.current.by(isNear ? 0 : TAPPED_SCALE, point)
    }
    element.addEventListener('pointerup', lifted, { signal })
    element.addEventListener('pointercancel', lifted, { signal })
    element.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault()
        current.current.by(Math.exp(-event.deltaY * WHEEL), pointOf(event))
      },
      { signal, passive: false },
    )
    return () => ended.abort()
  }, [stage])
}

function far(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y)
}

interface KeyDeeds extends Deeds {
  readonly go: ((step: number) => void) | null
  readonly fit: () => void
  readonly isZoomed: boolean
}

/** How far an arrow moves, pixels. */
const ARROW = 80
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: ARROW, y: 0 },
  ArrowRight: { x: -ARROW, y: 0 },
  ArrowUp: { x: 0, y: ARROW },
  ArrowDown: { x: 0, y: -ARROW },
}

/** Plus, minus and nought as everywhere; arrows move in a photo that is near, and go from one to the next otherwise. */
function useKeys(stage: { readonly current: HTMLElement | null }, deeds: KeyDeeds): void {
  const current = useRef(deeds)
  current.current = deeds
  useEffect(() => {
    const dialog = stage.current?.closest('dialog')
    const pressed = (event: KeyboardEvent): void => {
      const { by, move, go, fit, isZoomed } = current.current
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const arrow = ARROWS[event.key]
      if (event.key === '+' || event.key === '=') by(STEP)
      else if (event.key === '-') by(1 / STEP)
      else if (event.key === '0') fit()
      else if (arrow !== undefined && isZoomed) move(arrow)
      else if (event.key === 'ArrowLeft' && go !== null) go(-1)
      else if (event.key === 'ArrowRight' && go !== null) go(1)
      else return
      event.preventDefault()
    }
    dialog?.addEventListener('keydown', pressed)
    return () => dialog?.removeEventListener('keydown', pressed)
  }, [stage])
}
