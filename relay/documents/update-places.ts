import * as Y from 'yjs'
import { BLOCK } from './schema.ts'

export type Change = ReturnType<typeof Y.decodeUpdate>['structs'][number]

/**
 * Where a new element goes, as far as its update does not say: a change of the note. `beside-block`: a block stands beside it,
 * so it has to be a block of the note. `beside-inline`: a text or a chip stands beside it, so it has to be in a block. `inside`:
 * a text or a chip hangs in it, so it has to be a block.
 */
export type Place = readonly [client: number, clock: number, is: 'beside-block' | 'beside-inline' | 'inside']

/**
 * Places of the elements that these changes of one update bring.
 *
 * @throws {Error} for a block within a block, and for what is no block and in none
 */
export function placesOf(changes: readonly Change[]): readonly Place[] {
  const known = new Changes(changes)
  return changes.flatMap((change): readonly Place[] => {
    if (!(change instanceof Y.Item) || !(change.content instanceof Y.ContentType)) return []
    const block = isBlock(change)
    const home = known.homeOf(change)
    if (home.kind === 'unknown') {
      const { client, clock } = home.beside
      return [[client, clock, block ? 'beside-block' : 'beside-inline']]
    }
    if (home.kind === 'inside' && !block && known.find(home.id) === null)
      return [[home.id.client, home.id.clock, 'inside']]
    if (!known.takes(home, block)) throw new Error('an element where no editor puts one')
    return []
  })
}

/** Whether elements may stand there in a note of these changes; what is not in them says nothing. */
export function fits(note: readonly Change[], places: readonly Place[]): boolean {
  const known = new Changes(note)
  return places.every(([client, clock, is]) => {
    const id = Y.createID(client, clock)
    if (is === 'inside') return known.takes({ kind: 'inside', id }, false)
    const change = known.find(id)
    return change === null || known.takes(known.homeOf(change), is === 'beside-block')
  })
}

/** What a change hangs in. `gone`: in what was deleted, so that nobody sees it. `attribute`: it is the value of one. */
type Home =
  | { readonly kind: 'note' | 'attribute' | 'gone' }
  | { readonly kind: 'inside'; readonly id: Y.ID }
  | { readonly kind: 'unknown'; readonly beside: Y.ID }

class Changes {
  /** By client, in the order of their clocks. */
  readonly #of = new Map<number, Change[]>()
  readonly #count: number

  constructor(changes: readonly Change[]) {
    this.#count = changes.length
    for (const change of changes) {
      const own = this.#of.get(change.id.client)
      if (own === undefined) this.#of.set(change.id.client, [change])
      else own.push(change)
    }
    for (const own of this.#of.values()) own.sort((one, other) => one.id.clock - other.id.clock)
  }

  find({ client, clock }: Y.ID): Change | null {
    const own = this.#of.get(client) ?? []
    let from = 0
    let to = own.length
    while (from < to) {
      const middle = (from + to) >> 1
      const change = own[middle]
      if (change === undefined || change.id.clock > clock) to = middle
      else if (change.id.clock + change.length <= clock) from = middle + 1
      else return change instanceof Y.Skip ? null : change
    }
    return null
  }

  /** A change that does not say what it hangs in hangs in what its neighbour hangs in. @throws {Error} where that goes round */
  homeOf(change: Change): Home {
    let at = change
    for (let steps = 0; steps <= this.#count; steps += 1) {
      if (!(at instanceof Y.Item)) return { kind: 'gone' }
      // Untyped: a name, an id, or null.
      const parent: unknown = at.parent
      if (at.parentSub !== null) return { kind: 'attribute' }
      if (typeof parent === 'string') return { kind: 'note' }
      if (parent instanceof Y.ID) return { kind: 'inside', id: parent }
      const beside = at.origin ?? at.rightOrigin
      if (beside === null) return { kind: 'gone' }
      const next = this.find(beside)
      if (next === null) return { kind: 'unknown', beside }
      at = next
    }
    throw new Error('changes that are beside each other')
  }

  /** Whether a block, or what goes in one, may be there. */
  takes(home: Home, block: boolean): boolean {
    if (home.kind === 'gone' || home.kind === 'unknown') return true
    if (home.kind !== 'inside') return block && home.kind === 'note'
    if (block) return false
    const holder = this.find(home.id)
    return !(holder instanceof Y.Item) || holder.content instanceof Y.ContentDeleted || isBlock(holder)
  }
}

function isBlock({ content }: Y.Item): boolean {
  return content instanceof Y.ContentType && content.type instanceof Y.XmlElement && content.type.nodeName === BLOCK
}
