import * as Y from 'yjs'

/** Letters of one change that is cut, at most: three bytes each. */
const MAX_LETTERS = 4_000

type Change = ReturnType<typeof Y.decodeUpdate>['structs'][number]

/**
 * An update of one client as several of at most so many bytes, each building on those before; what it deletes goes with the
 * last. One change that is larger than that by itself stays whole, as does an update of more than one client.
 *
 *   clients | changes | client | clock | change …           clients of deletions | client | ranges | clock | length …
 */
export function cutUpdate(update: Uint8Array, maxBytes: number): readonly Uint8Array[] {
  if (update.byteLength <= maxBytes) return [update]
  const { structs, ds } = Y.decodeUpdate(update)
  const [first] = structs
  if (first === undefined || structs.some(({ id }) => id.client !== first.id.client)) return [update]
  const changes = structs.flatMap(shorter)
  const deleted = deletions(ds)
  const room = maxBytes - HEADER_BYTES
  const pieces: Uint8Array[] = []
  let group: Change[] = []
  let written: Uint8Array[] = []
  let size = 0
  const end = (last: Uint8Array): void => {
    const [from] = group
    if (from === undefined) return
    const header = [...varUint(1), ...varUint(group.length), ...varUint(from.id.client), ...varUint(from.id.clock)]
    pieces.push(joined([Uint8Array.from(header), ...written, last]))
    group = []
    written = []
    size = 0
  }
  for (const change of changes) {
    const bytes = bytesOfChange(change)
    if (size + bytes.byteLength > room) end(NOTHING_DELETED)
    group.push(change)
    written.push(bytes)
    size += bytes.byteLength
  }
  if (size + deleted.byteLength > room) {
    end(NOTHING_DELETED)
    pieces.push(joined([Uint8Array.from(varUint(0)), deleted]))
  } else end(deleted)
  return pieces
}

/** Five numbers of ten bytes, more than there are. */
const HEADER_BYTES = 50
const NOTHING_DELETED = Uint8Array.from([0])

function shorter(change: Change): readonly Change[] {
  if (!(change instanceof Y.Item) || !(change.content instanceof Y.ContentString)) return [change]
  const { content } = change
  if (content.str.length <= MAX_LETTERS) return [change]
  // Between two letters, and not within one of two units.
  const unit = content.str.charCodeAt(MAX_LETTERS - 1)
  const at = unit >= 0xd800 && unit <= 0xdbff ? MAX_LETTERS - 1 : MAX_LETTERS
  const { client, clock } = change.id
  const rest = content.splice(at)
  const own = [change.left, change.origin, change.right, change.rightOrigin, change.parent, change.parentSub] as const
  const head = new Y.Item(change.id, ...own, content)
  const [left, , right, ...others] = own
  const tail = new Y.Item(
    Y.createID(client, clock + at),
    left,
    Y.createID(client, clock + at - 1),
    right,
    ...others,
    rest,
  )
  return [head, ...shorter(tail)]
}

function bytesOfChange(change: Change): Uint8Array {
  const encoder = new Y.UpdateEncoderV1()
  change.write(encoder, 0)
  return encoder.toUint8Array()
}

function deletions(ds: ReturnType<typeof Y.decodeUpdate>['ds']): Uint8Array {
  const numbers = [...varUint(ds.clients.size)]
  for (const [client, ranges] of ds.clients) {
    numbers.push(...varUint(client), ...varUint(ranges.length))
    for (const { clock, len } of ranges) numbers.push(...varUint(clock), ...varUint(len))
  }
  return Uint8Array.from(numbers)
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. */
function varUint(value: number): readonly number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(128 | (rest % 128))
  return [...bytes, rest]
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}
