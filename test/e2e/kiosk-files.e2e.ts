// The largest file there may be, from a page of a real kiosk by way of its main process to the server.
import { createHash } from 'node:crypto'
import { expect } from '@playwright/test'
import { fileWords } from '../../renderer/text/file-words.ts'
import { filesOf } from '../../server/attachment-desk.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { test } from './kiosk-floor.ts'
import type { Tab } from './device.ts'

const MB = 1024 * 1024

/** A PDF as far as its first bytes say so, of bytes that repeat nowhere: a piece in a wrong place is seen. */
function pdf(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(Math.imul(at + 1, 2_654_435_761) >>> 0, at)
  bytes.write('%PDF-1.7\n')
  return bytes
}

/** Into the field behind the button: a kiosk shows its camera only. */
const choose = (tab: Tab, name: string, buffer: Buffer): Promise<void> =>
  tab.page.locator('input[type="file"][multiple]').setInputFiles({ name, mimeType: 'application/pdf', buffer })

test('[O1] [O4] [R87] a file of 5 MB goes from the page by way of main to the server, and is there byte for byte; one of 6 MB is refused in words', async ({
  floor,
  openKiosk,
}) => {
  const kiosk = await openKiosk(1)
  const kim = kiosk.tab(0)
  await kim.signIn('kim', '1111')
  await kim.show('Line chat')
  const chosen = kim.page.getByTestId('chosen-files')

  await choose(kim, 'too-large.pdf', pdf(6 * MB))
  await expect(kim.page.getByText(fileWords().tooLarge('too-large.pdf'))).toBeVisible()
  await expect(chosen).toBeHidden()

  const bytes = pdf(5 * MB)
  expect(bytes.byteLength).toBe(LIMITS.maxAttachmentBytes)
  // The server takes no more at once, so it comes in twenty pieces at least.
  expect(bytes.byteLength).toBeGreaterThanOrEqual(20 * LIMITS.maxPieceBytes)
  await choose(kim, 'drawing.pdf', bytes)
  await expect(chosen).toContainText('drawing.pdf')
  // Nothing of it leaves before the kiosk has it on its own disk.
  floor.signal('SIGSTOP')
  await kim.say('As drawn')
  await expect(kim.message('As drawn')).toContainText('drawing.pdf')
  await kiosk.kill()
  floor.signal('SIGCONT')

  const again = await openKiosk(1)
  await expect(again.tab(0).connection).toContainText('Live')
  const hash = createHash('sha256').update(bytes).digest('hex')
  const read = async (): Promise<Buffer | number> => {
    const talk = (await (await floor.api('chat/line-3?before=1000000')).json()) as {
      readonly events: readonly { readonly id: string; readonly cause: string | null; readonly data: unknown }[]
    }
    const message = talk.events.find(({ data }) => filesOf(data).some((file) => file.hash === hash))
    if (message === undefined) return 404
    const response = await floor.api(`attachments/line-3/${message.cause ?? message.id}/${hash}`)
    return response.ok ? Buffer.from(await response.arrayBuffer()) : response.status
  }
  await expect.poll(async () => Buffer.isBuffer(await read())).toBe(true)
  const there = await read()
  expect(Buffer.isBuffer(there) && there.equals(bytes)).toBe(true)
  kiosk.expectNoErrors()
})
