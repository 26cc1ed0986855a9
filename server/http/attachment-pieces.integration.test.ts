import { Readable } from 'node:stream'
import { v4 as uuidv4 } from 'uuid'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { filePath } from '../../relay/protocol/attachments.ts'
import type { CommandId, DeviceId } from '../../relay/protocol/ids.ts'
import { hashOf, SharingPerson } from '../testing/attachments.ts'
import { LINK, openFloor, problemIn, type Floor } from '../testing/http-floor.ts'
import { HTTP_LIMITS } from './limits.ts'

let floor: Floor
beforeEach(async () => {
  floor = await openFloor()
})
afterEach(() => floor.close())

async function deviceOfKim(letter: string): Promise<DeviceId> {
  const device = letter.repeat(43) as DeviceId
  floor.links.welcomed(device, LINK)
  await new SharingPerson(floor, device).signIn('kim', '1111')
  return device
}

async function piece(device: DeviceId, payload: Buffer | Readable, remoteAddress = '10.0.0.1') {
  const place = { line: 'line-3', id: uuidv4() as CommandId, hash: hashOf(Buffer.from('a page')) }
  const headers = { authorization: `Bearer ${floor.deviceToken(device)}`, 'content-type': 'application/octet-stream' }
  const url = `/api/${filePath(place)}/upload?offset=0`
  return await floor.inject({ method: 'PATCH', url, headers, payload, remoteAddress })
}

it('[P8] one person with many slow devices holds no more than a share of the pieces that may be under way', async () => {
  const page = Buffer.from('a page')
  const devices = await Promise.all('CDEFGHIJK'.split('').map(deviceOfKim))
  const [other, ...slow] = devices
  if (other === undefined) throw new Error('there is no other device')
  const begun: Readable[] = []
  const answers: Promise<unknown>[] = []
  for (const device of slow) {
    for (let held = 0; held < HTTP_LIMITS.piecesOfDevice; held += 1) {
      const { promise: isRead, resolve } = Promise.withResolvers<void>()
      const body = new Readable({ read: () => resolve() })
      begun.push(body)
      answers.push(piece(device, body))
      await isRead
    }
  }
  expect(begun).toHaveLength(HTTP_LIMITS.piecesOfAddress)
  expect(problemIn(await piece(other, page))).toMatchObject({ status: 429, code: 'rate-limited' })
  expect(problemIn(await piece(other, page, '10.0.0.2')).code).toBe('file-unknown')
  for (const body of begun) body.push(null)
  await Promise.all(answers)
  expect(problemIn(await piece(other, page)).code).toBe('file-unknown')
})
