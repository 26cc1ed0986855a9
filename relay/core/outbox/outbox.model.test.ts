import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CommandId } from '../../protocol/ids.ts'
import { Floor } from '../../testing/floor.ts'
import { settle } from '../../testing/virtual-clock.ts'
import { DEFAULT_PAGING, type Paging } from '../disk/paging.ts'

/** What may happen between a person and the store. Every one of them leaves the system in a state it must recover from. */
type Move =
  | { readonly kind: 'submit'; readonly lane: 'urgent' | 'normal' }
  | { readonly kind: 'connect' }
  | { readonly kind: 'up'; readonly frames: number }
  | { readonly kind: 'down'; readonly frames: number }
  | { readonly kind: 'cut' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'release' }
  | { readonly kind: 'fail' }
  | { readonly kind: 'repair' }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'later'; readonly afterMs: number | null }
  | { readonly kind: 'serve' }

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      lane: fc.constantFrom('urgent' as const, 'normal' as const),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'connect' as const }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('up' as const), frames: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('down' as const), frames: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'cut' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'crash' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'hold' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'release' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'fail' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'repair' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('later' as const), afterMs: fc.constantFrom(null, 5, 3_000) }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'serve' as const }) },
)

/** A floor whose relay is killed and started again, with what its host was told over all of its lives. */
class Schedule {
  floor: Floor
  readonly saved: { readonly ref: string; readonly id: CommandId; readonly lane: string }[] = []
  readonly refused: string[] = []
  readonly results = new Map<string, string>()
  #count = 0
  #noted = 0

  constructor(seed: number, paging: Paging) {
    this.floor = new Floor({ seed, paging })
  }

  /** Signed in, so that both lanes can be used; on later lives the session is restored from the disk. */
  async begin(): Promise<void> {
    await this.floor.live()
    await this.floor.relay.signIn('kim', '1111')
  }

  async make(next: Move): Promise<void> {
    const { floor } = this
    switch (next.kind) {
      case 'submit':
        this.#submit(next.lane)
        break
      case 'connect':
        if (floor.sockets.wires.length > 0) floor.server.accept(floor.wire)
        break
      case 'up':
        if (floor.sockets.wires.length > 0) floor.server.serve(floor.wire, next.frames)
        break
      case 'down':
        if (floor.sockets.wires.length > 0) floor.wire.flushDown(next.frames)
        break
      case 'cut':
        if (floor.sockets.wires.length > 0) floor.wire.cut()
        break
      case 'crash':
        this.note()
        this.floor = floor.again()
        this.#noted = 0
        await this.floor.relay.start()
        break
      case 'hold':
        floor.store.hold()
        break
      case 'release':
        floor.store.release()
        break
      case 'fail':
        floor.store.failing = true
        break
      case 'repair':
        floor.store.failing = false
        break
      case 'advance':
        await floor.clock.advance(next.ms)
        break
      case 'later': {
        const { afterMs } = next
        floor.server.decide = () => (afterMs === null ? { outcome: 'applied' } : { afterMs })
        break
      }
      case 'serve':
        if (floor.sockets.wires.length > 0) await floor.serve()
        break
    }
    await settle()
    this.note()
  }

  /** Everything works again; whatever is on its way arrives. */
  async heal(): Promise<void> {
    this.floor.store.failing = false
    this.floor.store.release()
    this.floor.server.decide = () => ({ outcome: 'applied' })
    for (let round = 0; round < 60; round += 1) {
      await this.floor.clock.advance(5_000)
      if (this.floor.sockets.wires.length === 0) continue
      this.floor.server.accept(this.floor.wire)
      await this.floor.serve()
      this.note()
      const { urgent, normal } = this.floor.relay.pending()
      if (this.floor.status() === 'live' && urgent + normal === 0) return
    }
  }

  /** What is claimed to be waiting is what the disk has: the count is kept, not read. */
  check(paging: Paging): void {
    const { relay, disk } = this.floor
    const { urgent, normal } = relay.pending()
    const rows = disk.rows('outbox').length
    // A failed write may have left rows that are being undone, and a result that is not told yet has none any more.
    if (!this.floor.store.isQuiet) return
    expect(urgent + normal, `what waits, ${paging.head} at a time`).toBe(rows)
  }

  note(): void {
    for (const each of this.floor.observed.slice(this.#noted)) {
      if (each.kind === 'result' && each.outcome !== 'retry-later') this.results.set(each.ref, each.outcome)
    }
    this.#noted = this.floor.observed.length
  }

  #submit(lane: 'urgent' | 'normal'): void {
    this.#count += 1
    const ref = `r${this.#count}`
    const request =
      lane === 'urgent'
        ? { type: 'alert.raise', data: { priority: 'P0', area: 'line-3', title: ref } }
        : { type: 'chat.post', data: { line: 'line-3', text: ref } }
    void this.floor.relay.submit({ ref, ...request }).then((checked) => {
      if (checked.ok) this.saved.push({ ref, id: checked.value.id, lane })
      else this.refused.push(ref)
    })
  }
}

/** A second on a machine that is idle. */
const TIMEOUT_MS = 60_000

/** Two pages that fit everything, and one so small that almost every command is read back from the disk. */
const PAGINGS: readonly [string, Paging][] = [
  ['all of it in memory', DEFAULT_PAGING],
  ['a page of three at a time', { head: 3, page: 2 }],
]

it.each(PAGINGS)(
  '[R4 R5 R8 R9 R31] applies every saved command exactly once, in order, whatever is cut, killed, held or refused, with %s',
  async (_name, paging) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.array(move, { minLength: 5, maxLength: 80, size: 'max' }),
        async (seed, moves) => {
          const schedule = new Schedule(seed, paging)
          await schedule.begin()
          for (const next of moves) {
            await schedule.make(next)
            schedule.check(paging)
          }
          await schedule.heal()
          const { effects } = schedule.floor.server
          const ids = new Set(effects.map((effect) => effect.id))
          expect(ids.size, 'nothing took effect twice').toBe(effects.length)
          const saved = new Set(schedule.saved.map((each) => each.id))
          for (const lane of ['urgent', 'normal'] as const) {
            const applied = effects.filter((effect) => effect.lane === lane).map((effect) => effect.id)
            const wanted = schedule.saved.filter((each) => each.lane === lane).map((each) => each.id)
            expect(
              applied.filter((id) => saved.has(id)),
              'all that was saved took effect, in the order it was saved',
            ).toEqual(wanted)
          }
          for (const { ref } of schedule.saved) {
            expect(schedule.results.get(ref), `the result of ${ref}`).toBe('applied')
          }
          expect(schedule.floor.status()).toBe('live')
          expect(schedule.floor.disk.rows('outbox')).toEqual([])
          expect(schedule.floor.relay.pending()).toEqual({ urgent: 0, normal: 0 })
        },
      ),
      { numRuns: 300 },
    )
  },
  TIMEOUT_MS,
)
