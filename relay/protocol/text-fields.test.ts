import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from './commands.ts'
import { ClientFrame } from './frames.ts'
import { MachineDescription, SeriesQuery, TelemetrySample } from './telemetry.ts'
import { isTextType } from './text.ts'

/** Everything that comes from outside: frames, commands (which are the bodies of the HTTP API, too), samples, questions. */
const INPUTS: Readonly<Record<string, v.GenericSchema<unknown, unknown>>> = {
  ...Object.fromEntries(ClientFrame.options.map((frame) => [frame.entries.t.literal, frame])),
  ...Object.fromEntries(Object.entries(COMMANDS).map(([type, { data }]) => [type, data])),
  sample: TelemetrySample,
  description: MachineDescription,
  question: SeriesQuery,
}

/** Texts and values without a form of their own, and why no person reads them as they came. */
const NOT_READ: Readonly<Record<string, string>> = {
  'hello.proof': 'a JWS, verified',
  'auth.token': 'a JWT, verified',
  'command.type': 'held against the lane table; printed by `printable` where there is none',
  'command.data': 'checked against the row of its type; kept as it came where it is rejected, shown by `legible`',
  'subscribe.channel': 'parsed as a name of a channel',
  'unsubscribe.channel': 'held against what is subscribed',
  'ping.nonce': 'sent back as it came',
  'hello.life': 'compared with that of the same device',
  'hello.takes': 'held against what the server knows',
  'signal.data': 'for the program at the other end; shown by `legible`',
  'take.link': 'held against the trials of the device',
  'outbox.report.command.type': 'as command.type',
  'outbox.report.command.data': 'as command.data',
}

interface Leaf {
  readonly path: string
  readonly schema: Node
}
/** As much of a schema of valibot as is needed to walk it. */
interface Node {
  readonly type: string
  readonly entries?: Readonly<Record<string, Node>>
  readonly item?: Node
  readonly wrapped?: Node
  readonly options?: readonly unknown[]
  readonly pipe?: readonly { readonly kind: string; readonly type: string }[]
}

function leavesOf(schema: Node, path: string): readonly Leaf[] {
  if (schema.entries !== undefined)
    return Object.entries(schema.entries).flatMap(([name, entry]) => leavesOf(entry, `${path}.${name}`))
  if (schema.item !== undefined) return leavesOf(schema.item, path)
  if (schema.wrapped !== undefined) return leavesOf(schema.wrapped, path)
  if (schema.type === 'union' || schema.type === 'variant')
    return (schema.options as readonly Node[]).flatMap((option) => leavesOf(option, path))
  return [{ path, schema }]
}

const LEAVES = Object.entries(INPUTS).flatMap(([name, schema]) => leavesOf(schema as unknown as Node, name))
const FREE = LEAVES.filter(({ schema }) => schema.type === 'string' || schema.type === 'unknown')

/** Whether the form of a text is given to the letter: a pattern, a time, a channel. */
function isFormed({ schema }: Leaf): boolean {
  const parse = schema as unknown as v.GenericSchema<unknown, unknown>
  return schema.type === 'string' && EVIL.every((words) => !v.is(parse, words))
}

const EVIL = ['a', 'Press 2', '\u001b[2J', 'a\u202eb', '\u200b']
  .flatMap((words) => [words, `${words}\u0000`, `x\u001b${words}`])
  .filter((words) => /[^\u0020-\u007e]/.test(words))

describe('every field that comes from outside', () => {
  it('[C7] is a text for people, has a form of its own, or is one that nobody reads', () => {
    const open = FREE.filter((leaf) => !isTextType(leaf.schema) && !isFormed(leaf)).map(({ path }) => path)
    expect(new Set(open)).toEqual(new Set(Object.keys(NOT_READ)))
  })

  it('[C7] that is a text for people lets nothing through that acts on who reads it', () => {
    const texts = FREE.filter(({ schema }) => isTextType(schema))
    expect(texts.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'hello.name',
        'alert.raise.title',
        'alert.raise.body',
        'order.create.number',
        'order.edit.fields.note',
        'chat.post.text',
        'sample.unit',
        'sample.label',
      ]),
    )
    for (const { path, schema } of texts) {
      for (const words of EVIL) {
        const parsed = v.safeParse(schema as unknown as v.GenericSchema<unknown, string>, words)
        if (parsed.success) expect(parsed.output, path).not.toMatch(/[\u0000\u001b\u202e\u200b]/u) // oxlint-disable-line no-control-regex -- what must not be there
      }
    }
  })
})
