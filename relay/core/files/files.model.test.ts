import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parse } from 'valibot'
import type { ContentHash } from '../../protocol/attachments.ts'
import { COMMANDS } from '../../protocol/commands.ts'
import type { CommandId } from '../../protocol/ids.ts'
import { Floor } from '../../testing/floor.ts'
import { hashOf, MemoryAttachments } from '../../testing/memory-attachments.ts'
import { ModelAttachments, nameOf, photo } from '../../testing/model-attachments.ts'
import { settle } from '../../testing/virtual-clock.ts'

/** What may happen between a camera and the store. Every one of them leaves the system in a state it must recover from. */
type Move =
  | { readonly kind: 'share'; readonly photo: number; readonly size: number }
  | { readonly kind: 'up' | 'down'; readonly frames: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'upload'; readonly how: 'answer' | 'unreachable' | 'file-offset' | 'files-full' | 'unavailable' }
  | { readonly kind: Simple }
type Simple =
  | 'connect'
  | 'cut'
  | 'crash'
  | 'hold'
  | 'release'
  | 'fail'
  | 'repair'
  | 'serve'
  | 'urgent'
  | 'look'
  | 'begin anew'
  | 'reject'
  | 'apply'

const simple = (kind: Simple, weight: number) => ({ weight, arbitrary: fc.constant({ kind } as const) })
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('share' as const),
      // Few, so that two messages have the same one.
      photo: fc.integer({ min: 1, max: 4 }),
      size: fc.constantFrom(1, 20_000, 90_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('up' as const, 'down' as const),
      frames: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('upload' as const),
      how: fc.constantFrom('answer', 'answer', 'answer', 'unreachable', 'file-offset', 'files-full', 'unavailable'),
    }),
  },
  simple('connect', 4),
  simple('serve', 5),
  simple('look', 2),
  simple('urgent', 2),
  simple('cut', 2),
  simple('crash', 1),
  simple('hold', 1),
  simple('release', 2),
  simple('fail', 1),
  simple('repair', 2),
  simple('begin anew', 1),
  simple('reject', 1),
  simple('apply', 2),
)

interface Shared {
  readonly id: CommandId
  readonly hash: ContentHash
}

class Schedule {
  floor: Floor
  readonly attachments = new MemoryAttachments()
  readonly files = new ModelAttachments()
  readonly saved: Shared[] = []
  #count = 0

  constructor(seed: number) {
    this.floor = new Floor({ seed, attachments: this.attachments, files: this.files })
    this.files.isNamed = (name) => this.applied().some((shared) => nameOf({ line: 'line-3', ...shared }) === name)
  }

  async begin(): Promise<void> {
    await this.floor.live()
    await this.floor.relay.signIn('kim', '1111')
  }

  /** The messages that the server has. */
  applied(): readonly Shared[] {
    return this.floor.server.effects.flatMap(({ id, type, data }) => {
      if (type !== 'chat.share') return []
      return parse(COMMANDS['chat.share'].data, data).files.map(({ hash }) => ({ id, hash }))
    })
  }

  async make(next: Move): Promise<void> {
    const { floor, files } = this
    const isLinked = floor.sockets.wires.length > 0
    switch (next.kind) {
      case 'share':
        void this.#share(next.photo, next.size)
        break
      case 'urgent':
        this.#count += 1
        void floor.relay.submit({
          ref: `u${this.#count}`,
          type: 'alert.raise',
          data: { priority: 'P0', area: 'line-3', title: 'Fire' },
        })
        break
      case 'upload':
        files.serve(next.how)
        break
      case 'look':
        files.look()
        break
      case 'begin anew':
        for (const name of files.came.keys()) if (!files.ends.has(name)) files.came.set(name, new Uint8Array())
        break
      case 'connect':
        if (isLinked) floor.server.accept(floor.wire)
        break
      case 'up':
        if (isLinked) floor.server.serve(floor.wire, next.frames)
        break
      case 'down':
        if (isLinked) floor.wire.flushDown(next.frames)
        break
      case 'cut':
        if (isLinked) floor.wire.cut()
        break
      case 'crash':
        // What was killed says nothing any more, by any way.
        if (isLinked) floor.wire.cut()
        files.hangUp()
        this.floor = floor.again()
        await this.floor.relay.start()
        break
      case 'hold':
        floor.store.hold()
        break
      case 'release':
        floor.store.release()
        break
      case 'fail':
      case 'repair':
        floor.store.failing = next.kind === 'fail'
        break
      case 'advance':
        await floor.clock.advance(next.ms)
        break
      case 'reject':
      case 'apply': {
        const outcome = next.kind === 'apply' ? 'applied' : 'rejected'
        floor.server.decide = ({ type }) => ({ outcome: type === 'chat.share' ? outcome : 'applied' })
        break
      }
      case 'serve':
        if (isLinked) await floor.serve()
        break
    }
    await settle()
    this.check()
  }

  /** Nothing hinders an urgent command, and what was said to be saved has its bytes, here or at the server. */
  check(): void {
    if (this.floor.relay.pending().urgent > 0)
      expect(this.files.isAsked, 'nothing is sent beside an urgent command').toBe(false)
    for (const { id, hash } of this.saved) {
      const name = nameOf({ line: 'line-3', id, hash })
      const isThere = this.attachments.held.has(hash) || this.files.ends.get(name) === 'stored'
      expect(isThere, `the bytes of ${name}`).toBe(true)
    }
  }

  /** Everything works again; whatever is on its way arrives. */
  async heal(): Promise<void> {
    this.floor.store.failing = false
    this.floor.store.release()
    for (let round = 0; round < 200; round += 1) {
      await this.floor.clock.advance(2_000)
      if (this.floor.sockets.wires.length === 0) continue
      this.floor.server.accept(this.floor.wire)
      await this.floor.serve()
      this.files.serve()
      await settle()
      this.files.look()
      const isWaiting = this.applied().some((shared) => !this.files.ends.has(nameOf({ line: 'line-3', ...shared })))
      if (round > 20 && !isWaiting && this.floor.disk.rows('outbox').length === 0 && this.#rows('applied') === 0) return
    }
  }

  /** Rows of files on the disk, of messages that became this. */
  #rows(message: string): number {
    const rows = this.floor.disk.rows('meta').filter(({ key }) => key.startsWith('file:'))
    return rows.filter(({ value }) => (value as { readonly message: unknown }).message === message).length
  }

  async #share(n: number, size: number): Promise<void> {
    const { floor } = this
    const { bytes, named } = photo(n * size, size)
    const kept = await floor.relay.keepFile(bytes)
    if (!kept.ok) return
    expect(kept.value).toBe(named.hash)
    this.#count += 1
    const data = { line: 'line-3', text: '', files: [named] }
    const done = await floor.relay.submit({ ref: `r${this.#count}`, type: 'chat.share', data })
    if (done.ok) this.saved.push({ id: done.value.id, hash: named.hash })
  }
}

/** A second on a machine that is idle. */
const TIMEOUT_MS = 60_000

it(
  '[R88 R89] brings every photo of a saved message to the server once, whatever is cut, killed, aborted or refused',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.array(move, { minLength: 5, maxLength: 60, size: 'max' }),
        async (seed, moves) => {
          const schedule = new Schedule(seed)
          await schedule.begin()
          for (const next of moves) await schedule.make(next)
          await schedule.heal()
          const { files, attachments } = schedule
          for (const { id, hash } of schedule.applied()) {
            const name = nameOf({ line: 'line-3', id, hash })
            expect(files.ends.get(name), name).toBe('stored')
            expect(hashOf(files.came.get(name) ?? new Uint8Array())).toBe(hash)
          }
          expect(files.late, 'nothing is sent again after it was said to be stored').toEqual([])
          const applied = new Set(schedule.applied().map(({ id }) => id))
          const inReview = schedule.saved.filter(({ id }) => !applied.has(id))
          expect(new Set(attachments.held.keys()), 'what stays is of messages in review').toEqual(
            new Set(inReview.map(({ hash }) => hash)),
          )
        },
      ),
      { numRuns: 150 },
    )
  },
  TIMEOUT_MS,
)
