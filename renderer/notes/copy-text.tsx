import { Button } from '../components/button.tsx'
import { useApp } from '../state/use-app.ts'
import { notesWords } from '../text/notes-words.ts'

export function CopyText({ said }: { readonly said: () => string }) {
  const app = useApp()
  const words = notesWords()
  const copy = (): void => {
    void navigator.clipboard.writeText(said()).then(
      () => (app.notice.value = words.copied),
      () => undefined,
    )
  }
  return (
    <Button kind="secondary" onPress={copy}>
      {words.copy}
    </Button>
  )
}
