import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import { go } from '../state/actions.ts'
import { useApp } from '../state/use-app.ts'
import { talkWords } from '../text/talk-words.ts'
import { text } from '../text/text.ts'

/** That a message names whoever is signed in, in whatever line, until they have seen it or put it off. It makes no sound. */
export function MentionBar() {
  const app = useApp()
  const { area, talk, view } = app
  // In the log of this line it is seen as it comes.
  const mention = talk.mentions.value.findLast(({ line }) => view.value !== 'chat' || line !== area.value)
  if (mention === undefined) return null
  const { id, by, line, text: words } = mention
  const show = (): void => {
    go(app, 'chat', line)
    talk.reveal.value = id
  }
  const putOff = (): void => {
    talk.putOff.value = new Set([...talk.putOff.value, id])
  }
  return (
    <div class="bar bar-named" role="status">
      <Sign name="chat" />
      <p>
        <strong>{talkWords().mentioned(by, text.areaName(line))}:</strong> {words}
      </p>
      <Button kind="quiet" onPress={show}>
        {talkWords().show}
      </Button>
      <Button kind="quiet" onPress={putOff}>
        {talkWords().later}
      </Button>
    </div>
  )
}
