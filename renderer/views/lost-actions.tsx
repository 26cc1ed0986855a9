import { isPhoto } from '../../relay/protocol/attachments.ts'
import { Button } from '../components/button.tsx'
import { letGo, takeAgain, type LostFiles } from '../state/lost-files.ts'
import { useApp } from '../state/use-app.ts'
import { fileWords } from '../text/file-words.ts'

/** What its author can do about what is lost. */
export function LostActions({ lost }: { readonly lost: LostFiles }) {
  const app = useApp()
  const words = fileWords()
  const [{ type }] = lost.files
  return (
    <div class="outbox-actions" data-testid="lost-files">
      <Button kind="secondary" onPress={() => takeAgain(app, lost)}>
        {isPhoto(type) ? words.takeAgain : words.chooseAgain}
      </Button>
      <Button kind="secondary" onPress={() => letGo(app, lost)}>
        {words.letGo}
      </Button>
    </div>
  )
}
