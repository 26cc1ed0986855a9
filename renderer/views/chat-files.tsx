import { useRef } from 'preact/hooks'
import { isPhoto, type FilePlace, type ShownFile } from '../../relay/protocol/attachments.ts'
import type { ChatRow } from '../../relay/domain/chat.ts'
import type { WaitingFile } from '../../relay/protocol/local.ts'
import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import { photosOf } from '../state/photos.ts'
import { mayKeep, saveFile } from '../state/save-file.ts'
import { useApp } from '../state/use-app.ts'
import { lostFiles } from '../state/lost-files.ts'
import { useNear, usePhoto } from '../state/use-photo.ts'
import { fileWords, heldWords } from '../text/file-words.ts'
import { LostActions } from './lost-actions.tsx'

/** What a message shows besides its words: photos as they stand in a list, files to be saved, and how far each of them is. */
export function MessageFiles({ row }: { readonly row: ChatRow }) {
  const app = useApp()
  if (row.id === null || row.files.length === 0) return null
  const { id } = row
  const line = app.area.value
  const photos = row.files.filter(({ type }) => isPhoto(type))
  const others = row.files.filter(({ type }) => !isPhoto(type))
  const lost = lostFiles(app).find((each) => each.id === id)
  return (
    <div class="chat-files">
      {photos.map((file) => (
        <Photo key={file.hash} place={{ line, id, hash: file.hash }} file={file} isWaiting={row.waiting !== null} />
      ))}
      {others.map((file) => (
        <OtherFile key={file.hash} place={{ line, id, hash: file.hash }} file={file} />
      ))}
      {lost === undefined ? null : <LostActions lost={lost} />}
    </div>
  )
}

interface OneFile {
  readonly place: FilePlace
  readonly file: ShownFile
}

function Photo({ place, file, isWaiting }: OneFile & { readonly isWaiting: boolean }) {
  const app = useApp()
  const tile = useRef<HTMLDivElement>(null)
  const isNear = useNear(tile)
  const own = useOwn(place)
  // One's own is here before the server has it.
  const isHere = own !== undefined && own.trouble !== 'file-missing'
  const mayBeHere = file.end?.how === 'stored' || (file.end === null && (isWaiting || isHere))
  const photo = usePhoto(mayBeHere && isNear ? place : null, 'small')
  const words = fileWords()
  const state = stateWords(file, own)
  const open = (): void => {
    app.sheet.value = { kind: 'photo', id: place.id, hash: place.hash }
  }
  return (
    <div ref={tile} class="chat-photo" data-testid="chat-photo">
      {photo?.kind === 'here' ? (
        <button type="button" class="chat-photo-open" aria-label={words.open(file.name)} onClick={open}>
          <img src={photo.url} alt="" draggable={false} />
        </button>
      ) : photo?.kind === 'failed' ? (
        <PhotoAbsent place={place} name={file.name} code={photo.code} />
      ) : state === null || mayBeHere ? (
        <p class="chat-photo-absent">{words.coming}</p>
      ) : null}
      {state === null ? null : (
        <p class={photo?.kind === 'here' ? 'chat-photo-state' : 'chat-photo-absent'} data-testid="file-state">
          {state}
        </p>
      )}
    </div>
  )
}

/** Not to be had now, or not at all. */
function PhotoAbsent({
  place,
  name,
  code,
}: {
  readonly place: FilePlace
  readonly name: string
  readonly code: string
}) {
  const app = useApp()
  const words = fileWords()
  if (code === 'file-lost') return <p class="chat-photo-absent">{words.lost}</p>
  if (code === 'file-missing') return <p class="chat-photo-absent">{words.lostBy[code]}</p>
  if (code === 'file-awaited') return <p class="chat-photo-absent">{words.onItsWay}</p>
  if (code === 'file-unknown' || code === 'file-refused') return <p class="chat-photo-absent">{words.refused}</p>
  return (
    <button
      type="button"
      class="chat-photo-open chat-photo-absent"
      aria-label={`${words.again}: ${name}`}
      onClick={() => photosOf(app).again(place, 'small')}
    >
      {words.again}
    </button>
  )
}

function OtherFile({ place, file }: OneFile) {
  const app = useApp()
  const words = fileWords()
  const state = stateWords(file, useOwn(place))
  return (
    <div class="chat-file" data-testid="chat-file">
      <Sign name="notes" />
      <p class="chat-file-name">
        <bdi>{file.name}</bdi>
        <span class="chat-file-size">
          {state ?? (mayKeep() ? words.size(file.size) : `${words.size(file.size)} · ${words.saveElsewhere}`)}
        </span>
      </p>
      {state === null && mayKeep() ? (
        <Button kind="secondary" label={words.save(file.name)} onPress={() => void saveFile(app, place, file.name)}>
          {words.saveShort}
        </Button>
      ) : null}
    </div>
  )
}

/** The same file as it is on its way from this device; undefined where it is not. */
function useOwn({ id, hash }: FilePlace): WaitingFile | undefined {
  return useApp().files.value.waiting.find((one) => one.id === id && one.hash === hash)
}

/** How far it is, in words; null where there is nothing to say. */
function stateWords({ type, end }: ShownFile, own: WaitingFile | undefined): string | null {
  const words = fileWords()
  if (end?.how === 'stored') return null
  const held = own === undefined ? null : heldWords(own)
  if (own?.isLost === true && held !== null) return held
  if (end?.how === 'lost') return words.lost
  if (end?.how === 'refused') return words.refused
  if (held !== null) return held
  if (own !== undefined && own.sent > 0) return words.sent(Math.floor((100 * own.sent) / own.size))
  return isPhoto(type) ? words.onItsWay : words.fileOnItsWay
}
