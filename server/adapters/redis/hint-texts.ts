import * as v from 'valibot'
import { parseChannel, type ChannelName } from '../../../relay/protocol/channels.ts'
import { Epoch, Offset } from '../../../relay/protocol/ids.ts'
import { StoredEvent } from '../../../relay/protocol/stored-event.ts'
import type { Hint } from '../../ports/hints.ts'
import type { CommittedEvent } from '../../ports/submission.ts'

/** An event of more characters is read from the store; an alert with a long text has fewer. */
const MAX_EVENT = 4 * 1024
/** Characters of one message: what is behind goes with the next. */
const MAX_TEXT = 64 * 1024
/** Of a message that is read: what is told is far below, whatever its letters are. */
const MAX_READ_BYTES = 256 * 1024

const Name = v.custom<ChannelName>((name) => typeof name === 'string' && parseChannel(name) !== null)
const Wire = v.strictObject({
  node: v.string(),
  hints: v.array(v.strictObject({ channel: Name, epoch: Epoch, top: Offset, event: v.nullable(StoredEvent) })),
})

/** What was committed, as messages for the other nodes, in this order. */
export function* hintTexts(node: string, events: readonly CommittedEvent[]): Generator<string> {
  let parts: string[] = []
  let length = 0
  for (const { channel, epoch, event } of events) {
    const whole = JSON.stringify(event)
    const head = JSON.stringify({ channel, epoch, top: event.offset }).slice(0, -1)
    const part = `${head},"event":${whole.length > MAX_EVENT ? 'null' : whole}}`
    if (length + part.length > MAX_TEXT) {
      yield textOf(node, parts)
      parts = []
      length = 0
    }
    parts.push(part)
    length += part.length + 1
  }
  if (parts.length > 0) yield textOf(node, parts)
}

function textOf(node: string, parts: readonly string[]): string {
  return `{"node":${JSON.stringify(node)},"hints":[${parts.join(',')}]}`
}

/** What a message says; null where it is none of a node of this floor. */
export function hintsIn(node: string, text: string): readonly Hint[] | 'own' | null {
  if (text.length > MAX_READ_BYTES) return null
  const parsed = v.safeParse(Wire, parse(text))
  if (!parsed.success) return null
  return parsed.output.node === node ? 'own' : parsed.output.hints
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
