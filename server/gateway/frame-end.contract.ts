/** What every end that carries frames promises (`FrameEnd`): a suite that each of them runs on its own way. */
import { afterEach, describe, expect, it } from 'vitest'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { FrameEnd, FrameForm, FrameTaker } from './frame-end.ts'
import { SharedBytes } from './shared-bytes.ts'

/** The other end of the way. */
export interface FramePeer {
  /** Every text frame that came, in order. */
  readonly heard: readonly string[]
  /** Every binary one. */
  readonly heardBytes: readonly Uint8Array[]
  /** How it ended for the peer: the code and sentence that it was told, 1006 where it was told nothing; null while it has not. */
  readonly closed: { readonly code: number; readonly says: string } | null
  send(text: string): void
  sendBinary(bytes: Buffer): void
  /** Takes nothing from the way, its close included, or goes on. */
  stopReading(): void
  readOn(): void
  /** Closes in the manner of the way, answering the other half by itself. */
  close(): void
  /** Is gone without a word; the system notices. Null where nobody is there between two questions, so that only silence tells. */
  readonly vanish: (() => void) | null
}

export interface EndUnderTest {
  readonly end: FrameEnd
  readonly peer: FramePeer
  /** Writes of frames that reached the system. */
  readonly writes: () => number
}

/** How long something on the way may take before the test counts it as lost, milliseconds. Nothing is asserted about time. */
const POLL = { timeout: 30_000, interval: 5 }
/** More than any system takes for a peer that does not read, bytes. */
const FLOOD_BYTES = 64 * 1024 * 1024

class Taker implements FrameTaker {
  readonly taken: string[] = []
  readonly binary: Buffer[] = []
  drains = 0
  ends = 0
  took(payload: Buffer, form: FrameForm): void {
    if (form === 'binary') this.binary.push(payload)
    else this.taken.push(payload.toString())
  }
  holding(): void {}
  drained(): void {
    this.drains += 1
  }
  ended(): void {
    this.ends += 1
  }
}

/** Every frame is JSON; what it says is nobody's business here. */
const frame = (says: string): string => JSON.stringify({ says })
const frames = (...says: string[]): string[] => says.map(frame)
const shared = (...says: string[]): SharedBytes => new SharedBytes(frames(...says))
/** A frame of so many bytes. */
const sized = (bytes: number): string => `{"":"${'x'.repeat(bytes - 7)}"}`

/** `open`: an end that is joined to its peer and not yet started; its release is registered where it is opened. */
export function frameEndContract(name: string, open: () => Promise<EndUnderTest>): void {
  const opened: FrameEnd[] = []
  afterEach(() => {
    for (const end of opened.splice(0)) end.cut()
  })

  async function opening() {
    const under = await open()
    opened.push(under.end)
    return under
  }

  async function started() {
    const under = await opening()
    const taker = new Taker()
    under.end.start(taker)
    const { peer } = under
    return {
      ...under,
      taker,
      heard: (count: number) => expect.poll(() => peer.heard.length, POLL).toBe(count),
      taken: (count: number) => expect.poll(() => taker.taken.length, POLL).toBe(count),
      ended: () => expect.poll(() => taker.ends, POLL).toBe(1),
      peerClosed: () => expect.poll(() => peer.closed, POLL).not.toBeNull(),
    }
  }

  describe(`frame end: ${name}`, () => {
    it('[V30] brings frames of every size in the order they were sent, each once and unchanged', async () => {
      const { peer, taker, taken } = await started()
      const sizes = [7, 125, 126, 65_535, 65_536, LIMITS.maxFrameBytes, 2 * LIMITS.maxFrameBytes - 64]
      const texts = [...sizes.map(sized), ...Array.from({ length: 300 }, (_, at) => frame(`위급 ${at}`))]
      for (const text of texts) peer.send(text)
      await taken(texts.length)
      expect(taker.taken.every((text, at) => text === texts[at])).toBe(true)
    })

    it('[V30] brings bytes as bytes, beside text', async () => {
      const { peer, taker, taken } = await started()
      peer.sendBinary(Buffer.from([0, 255, 1]))
      peer.send(frame('text'))
      await taken(1)
      expect(taker.binary).toEqual([Buffer.from([0, 255, 1])])
    })

    it('[U2] [V30] writes bytes as bytes, beside text', async () => {
      const { end, peer, heard } = await started()
      const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => at)
      end.write(new SharedBytes([bytes, frame('behind')]))
      end.writeAll([new SharedBytes([new Uint8Array(0)]), shared('last')])
      await heard(2)
      expect(peer.heard).toEqual(frames('behind', 'last'))
      expect(peer.heardBytes.map((each) => Buffer.from(each))).toEqual([Buffer.from(bytes), Buffer.alloc(0)])
    })

    it('[V30] ends by itself on a frame that is longer than anybody answers', async () => {
      const { peer, taker, ended } = await started()
      peer.send(frame('before'))
      peer.send(sized(2 * LIMITS.maxFrameBytes + 1))
      await ended()
      expect(taker.taken).toEqual(frames('before'))
    })

    it('[U2] [V30] brings shared bytes to whoever gets them, in order, each frame once', async () => {
      const [one, other] = [await started(), await started()]
      const both = [shared('event 1'), shared('event 2', 'event 3'), new SharedBytes([sized(70_000)])]
      for (const bytes of both) for (const { end } of [one, other]) end.write(bytes)
      one.end.writeAll([shared('own'), ...both])
      await one.heard(9)
      await other.heard(4)
      const expected = both.flatMap(({ messages }) => messages)
      expect(other.peer.heard).toEqual(expected)
      expect(one.peer.heard).toEqual([...expected, frame('own'), ...expected])
    })

    it('[V1] [V30] makes one write of one call', async () => {
      const { end, writes, heard } = await started()
      const before = writes()
      end.write(shared('a', 'b'))
      await heard(2)
      expect(writes() - before).toBe(1)
      end.writeAll([shared('c'), shared('d'), shared('e', 'f')])
      await heard(6)
      expect(writes() - before).toBe(2)
    })

    it('[V2] [V30] says when the system has enough, what waits, and once when that has gone', async () => {
      const { end, peer, taker, heard } = await started()
      expect(end.unwrittenBytes).toBe(0)
      peer.stopReading()
      const page = new SharedBytes([sized(LIMITS.maxPageBytes)])
      let count = 0
      let hasRoom = true
      for (; hasRoom && count * page.length < FLOOD_BYTES; count += 1) hasRoom = end.write(page)
      expect(hasRoom).toBe(false)
      const waiting = end.unwrittenBytes
      expect(waiting).toBeGreaterThan(0)
      end.write(page)
      expect(end.unwrittenBytes).toBeGreaterThanOrEqual(waiting + page.length)
      expect(taker.drains).toBe(0)
      peer.readOn()
      await heard(count + 1)
      await expect.poll(() => taker.drains, POLL).toBe(1)
      await expect.poll(() => end.unwrittenBytes, POLL).toBe(0)
    })

    it('[V30] takes nothing while it is paused, and loses nothing of it', async () => {
      const { end, peer, taker, heard, taken } = await started()
      end.pause()
      const texts = Array.from({ length: 50 }, (_, at) => frame(`${at}`))
      for (const text of texts) peer.send(text)
      // Turns of the way back and forth, in which what was sent would have come.
      for (let turns = 1; turns <= 5; turns += 1) {
        end.write(shared('turn'))
        await heard(turns)
      }
      expect(taker.taken).toEqual([])
      end.resume()
      expect(taker.taken, 'within the call').toEqual([])
      await taken(texts.length)
      expect(taker.taken).toEqual(texts)
    })

    it.each(Object.values(CLOSE))(
      '[V30] closes with $code, behind everything written and before nothing',
      async (row) => {
        const { end, peer, taker, writes, ended, peerClosed } = await started()
        end.write(shared('a'))
        end.writeAll([shared('b'), shared('c')])
        end.close(row)
        const before = [writes(), end.unwrittenBytes]
        end.write(shared('late'))
        end.writeAll([shared('later'), shared('latest')])
        expect([writes(), end.unwrittenBytes]).toEqual(before)
        await peerClosed()
        expect(peer.closed).toEqual({ code: row.code, says: row.says })
        await ended()
        expect(peer.heard).toEqual(frames('a', 'b', 'c'))
        expect(taker.ends).toBe(1)
      },
    )

    it('[V30] takes nothing any more once it was told to close, and reads the close of the peer though it was paused', async () => {
      const { end, peer, taker, ended, peerClosed } = await started()
      peer.stopReading()
      end.pause()
      end.close(CLOSE.goingAway)
      peer.send(frame('too late'))
      peer.readOn()
      await peerClosed()
      await ended()
      expect(peer.closed?.code).toBe(CLOSE.goingAway.code)
      expect(taker.taken).toEqual([])
    })

    it('[V30] ends although the peer does not let it close', async () => {
      const { end, peer, taker, ended } = await started()
      peer.stopReading()
      end.close(CLOSE.tooSlow)
      await ended()
      expect([taker.ends, peer.heard]).toEqual([1, []])
    })

    it('[V30] ends once when it is cut off, and not within the call', async () => {
      const { end, peer, taker, ended, peerClosed } = await started()
      end.cut()
      expect(taker.ends).toBe(0)
      await ended()
      await peerClosed()
      expect(peer.closed?.code).toBe(1006)
      end.cut()
      end.close(CLOSE.normal)
      expect(taker.ends).toBe(1)
    })

    it('[V30] ends once when the peer closes first, and brings what it sent before that', async () => {
      const { peer, taker, ended } = await started()
      peer.send(frame('last words'))
      peer.close()
      await ended()
      expect([taker.taken, taker.ends]).toEqual([frames('last words'), 1])
    })

    it('[V30] ends once when the peer vanishes, and then nothing does anything', async () => {
      const { end, peer, taker, ended } = await started()
      // Where silence alone would tell, what is cut off stands for it.
      if (peer.vanish === null) end.cut()
      else peer.vanish()
      await ended()
      expect(end.write(shared('nobody'))).toBe(true)
      expect(end.writeAll([shared('nobody'), shared('here')])).toBe(true)
      end.pause()
      end.resume()
      end.close(CLOSE.silent)
      end.cut()
      expect([taker.taken, taker.ends]).toEqual([[], 1])
    })

    it('[V30] writes and closes without ever having been started', async () => {
      const { end, peer } = await opening()
      end.write(shared('come back later'))
      end.close(CLOSE.overloaded)
      await expect.poll(() => peer.closed, POLL).toEqual({ code: CLOSE.overloaded.code, says: CLOSE.overloaded.says })
      expect(peer.heard).toEqual(frames('come back later'))
    })
  })
}
