import { Button } from '../components/button.tsx'
import { Sheet } from '../components/sheet.tsx'
import { signOutEverywhere } from '../state/actions.ts'
import { useApp } from '../state/use-app.ts'
import { everywhereWords } from '../text/everywhere-words.ts'
import { text } from '../text/text.ts'

/** Asks once more: what waits on other terminals goes to review, which nobody takes back. */
export function SignOutEverywhereSheet() {
  const app = useApp()
  const words = everywhereWords()
  const close = (): void => void (app.sheet.value = null)
  if (app.session.value === null) return null
  return (
    <Sheet
      title={words.title}
      onClose={close}
      footer={
        <>
          <Button kind="primary" onPress={() => void signOutEverywhere(app)}>
            {text.settings.everywhere}
          </Button>
          <Button kind="secondary" onPress={close}>
            {text.cancel}
          </Button>
        </>
      }
    >
      <p class="lead">{words.explain}</p>
      <p>{words.queue}</p>
      {app.isLive.value ? null : <p>{words.offline}</p>}
    </Sheet>
  )
}
