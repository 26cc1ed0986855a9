import { useRef, useState } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import { isPhone, kioskHost } from '../platform/kiosk-host.ts'
import { ACCEPTED, choose, refuseMore, remove } from '../state/chosen-files.ts'
import type { ChosenFile } from '../state/talk.ts'
import { useApp } from '../state/use-app.ts'
import { fileWords } from '../text/file-words.ts'

/**
 * The way of photos and files into a message. A kiosk has its camera and nothing to choose from; a phone has the camera of its
 * system, which is better than one in a page; whatever else there is has both.
 */
export function AddFiles({ line }: { readonly line: string }) {
  const app = useApp()
  const [isOpen, open] = useState(false)
  const camera = useRef<HTMLInputElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const words = fileWords()
  const shoot = (): void => {
    open(false)
    if (isPhone()) camera.current?.click()
    else app.sheet.value = { kind: 'camera', line }
  }
  const press = (): void => {
    const full = refuseMore(app, line)
    if (full !== null) app.notice.value = full
    else if (kioskHost() !== null) shoot()
    else open(!isOpen)
  }
  const take = (event: { readonly currentTarget: HTMLInputElement }): void => {
    const { currentTarget: input } = event
    void choose(app, line, [...(input.files ?? [])])
    // The same one may be chosen again.
    input.value = ''
  }
  return (
    <>
      <button
        type="button"
        class="button button-quiet composer-add"
        aria-label={words.add}
        aria-expanded={kioskHost() === null ? isOpen : undefined}
        data-testid="add-file"
        onClick={press}
      >
        <Sign name="photo" />
      </button>
      {isOpen ? (
        <div class="composer-ways" role="group" aria-label={words.add}>
          <Button kind="secondary" testId="take-photo" onPress={shoot}>
            {words.shoot}
          </Button>
          <Button
            kind="secondary"
            testId="choose-file"
            onPress={() => {
              open(false)
              picker.current?.click()
            }}
          >
            {words.choose}
          </Button>
        </div>
      ) : null}
      <input
        ref={camera}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        aria-hidden="true"
        onChange={take}
      />
      <input ref={picker} type="file" accept={ACCEPTED} multiple hidden aria-hidden="true" onChange={take} />
    </>
  )
}

/** What was chosen, to look at and to take out again. */
export function ChosenFiles({ line }: { readonly line: string }) {
  const app = useApp()
  const chosen = app.talk.chosen.value[line] ?? []
  if (chosen.length === 0) return null
  return (
    <ul class="composer-files" aria-label={fileWords().chosen} data-testid="chosen-files">
      {chosen.map((file) => (
        <li key={file.key}>
          <Chosen file={file} />
          <button
            type="button"
            class="button button-quiet composer-file-remove"
            aria-label={fileWords().remove(file.name)}
            onClick={() => remove(app, line, file.key)}
          >
            <Sign name="close" />
          </button>
        </li>
      ))}
    </ul>
  )
}

function Chosen({ file: { name, url, bytes } }: { readonly file: ChosenFile }) {
  if (url !== null) return <img class="composer-thumb" src={url} alt={fileWords().photo(name)} />
  return (
    <p class="composer-thumb composer-file">
      <bdi>{name}</bdi> <span>{fileWords().size(bytes.byteLength)}</span>
    </p>
  )
}

/** Files that are pasted or dropped; null where there are none, and the words are the field's own business. */
export function filesIn(data: DataTransfer | null): readonly File[] | null {
  const files = [...(data?.files ?? [])]
  return files.length === 0 ? null : files
}
