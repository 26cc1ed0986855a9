import { Button } from '../components/button.tsx'
import { Sheet } from '../components/sheet.tsx'
import { signOut } from '../state/actions.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { Settings } from './settings.tsx'

/**
 * Who is signed in, how they like to see things, and the way to the next person. Both buttons at the bottom end this
 * session; the first says what comes after.
 */
export function OperatorSheet() {
  const app = useApp()
  const person = app.session.value
  if (person === null) return null
  const areas = person.areas.includes('*') ? text.session.everywhere : text.and(person.areas.map(text.areaName))
  const leave = (): void => void signOut(app)
  return (
    <Sheet
      title={person.operator}
      onClose={() => (app.sheet.value = null)}
      footer={
        <>
          <Button kind="primary" onPress={leave}>
            {text.session.switch}
          </Button>
          <Button kind="secondary" onPress={leave}>
            {text.session.signOut}
          </Button>
        </>
      }
    >
      <p class="lead">
        {text.session.role[person.role]} · {areas}
      </p>
      {person.confirmed ? null : <p>{text.session.unconfirmed}</p>}
      {app.pending.value.length === 0 ? null : <p>{text.session.kept}</p>}
      {app.isLive.value ? null : <p>{text.session.offlineSwitch}</p>}
      <Settings />
    </Sheet>
  )
}
