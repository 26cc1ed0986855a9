import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { unreachable } from '../../relay/protocol/rights.ts'
import { Button } from '../components/button.tsx'
import { Sheet } from '../components/sheet.tsx'
import { choose } from '../state/chosen-files.ts'
import { cameraOf, camerasHere, openCamera, photoOf, type CameraTrouble } from '../state/camera.ts'
import { useApp } from '../state/use-app.ts'
import { fileWords } from '../text/file-words.ts'

type State =
  | { readonly kind: 'starting' }
  | { readonly kind: 'seeing'; readonly stream: MediaStream }
  | { readonly kind: 'shot'; readonly photo: Blob; readonly url: string }
  | { readonly kind: 'trouble'; readonly trouble: CameraTrouble }

/** The camera of a terminal: what it sees, the photo that was taken, and that one taken into the message. */
export function CameraSheet({ line }: { readonly line: string }) {
  const app = useApp()
  const [state, set] = useState<State>({ kind: 'starting' })
  const [cameras, setCameras] = useState<readonly string[]>([])
  const [camera, setCamera] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  const words = fileWords()
  const close = (): void => void (app.sheet.value = null)
  useStream({ camera, attempt }, set, setCameras)
  const url = state.kind === 'shot' ? state.url : null
  // However the sheet goes: the photo is in no message, and is nobody's any more.
  useLayoutEffect(() => () => void (url === null || URL.revokeObjectURL(url)), [url])
  const again = (): void => {
    set({ kind: 'starting' })
    setAttempt(attempt + 1)
  }
  const turn = (): void => {
    if (state.kind !== 'seeing') return
    // The one that is on was chosen by the browser at first.
    const at = cameras.indexOf(cameraOf(state.stream) ?? camera ?? '')
    setCamera(cameras[(at + 1) % cameras.length] ?? null)
  }
  const use = (photo: Blob): void => {
    close()
    void choose(app, line, [
      new File([photo], `${words.photo(clockName(new Date(app.now.value)))}.jpg`, { type: photo.type }),
    ])
  }
  return (
    <Sheet
      title={words.camera}
      look="whole"
      onClose={close}
      footer={hasFoot(state) ? <Foot {...{ state, set, again, turn, use, cameras }} /> : undefined}
    >
      <div class="camera" data-testid="camera">
        {state.kind === 'seeing' ? <Sight stream={state.stream} /> : null}
        {state.kind === 'shot' ? <img class="camera-sight" src={state.url} alt={words.shot} /> : null}
        {state.kind === 'starting' ? <p role="status">{words.starting}</p> : null}
        {state.kind === 'trouble' ? <p role="alert">{troubleWords(state.trouble)}</p> : null}
      </div>
    </Sheet>
  )
}

/** Where there is no camera, nothing can be done about it here. */
function hasFoot(state: State): boolean {
  return state.kind === 'trouble' ? state.trouble !== 'none' : state.kind !== 'starting'
}

interface FootProps {
  readonly state: State
  readonly set: (state: State) => void
  readonly again: () => void
  readonly turn: () => void
  readonly use: (photo: Blob) => void
  readonly cameras: readonly string[]
}

function Foot({ state, set, again, turn, use, cameras }: FootProps) {
  const words = fileWords()
  switch (state.kind) {
    case 'seeing':
      return (
        <>
          {cameras.length > 1 ? (
            <Button kind="secondary" onPress={turn}>
              {words.turn}
            </Button>
          ) : null}
          <Button
            kind="primary"
            testId="shoot"
            onPress={() => {
              void photoOf(state.stream).then((photo) => {
                if (photo === null) return set({ kind: 'trouble', trouble: 'busy' })
                stop(state.stream)
                set({ kind: 'shot', photo, url: URL.createObjectURL(photo) })
              })
            }}
          >
            {words.press}
          </Button>
        </>
      )
    case 'shot':
      return (
        <>
          <Button kind="secondary" onPress={again}>
            {words.shootAgain}
          </Button>
          <Button kind="primary" testId="use-photo" onPress={() => use(state.photo)}>
            {words.use}
          </Button>
        </>
      )
    case 'trouble':
      return (
        <Button kind="secondary" onPress={again}>
          {words.tryAgain}
        </Button>
      )
    case 'starting':
      return null
    default:
      return unreachable(state)
  }
}

function Sight({ stream }: { readonly stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = stream
  }, [stream])
  return <video ref={video} class="camera-sight" aria-label={fileWords().shown} autoPlay muted playsInline />
}

/** The camera is on for as long as somebody looks through it. */
function useStream(
  { camera, attempt }: { readonly camera: string | null; readonly attempt: number },
  set: (state: State) => void,
  setCameras: (cameras: readonly string[]) => void,
): void {
  useEffect(() => {
    let isOver = false
    let seen: MediaStream | null = null
    void openCamera(camera).then(async (opened) => {
      if (!opened.ok) return isOver ? undefined : set({ kind: 'trouble', trouble: opened.trouble })
      seen = opened.stream
      if (isOver) return stop(seen)
      set({ kind: 'seeing', stream: seen })
      setCameras(await camerasHere())
    })
    return () => {
      isOver = true
      if (seen !== null) stop(seen)
    }
  }, [camera, attempt])
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

function troubleWords(trouble: CameraTrouble): string {
  const words = fileWords()
  if (trouble === 'none') return words.none
  return trouble === 'not-allowed' ? words.notAllowed : words.busy
}

/** `14.05.09`: what a photo of a terminal is called. */
function clockName(now: Date): string {
  return [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => String(part).padStart(2, '0')).join('.')
}
