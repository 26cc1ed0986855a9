import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createDevice, WireClient } from '../../test/support/wire-client.ts'
import { run, serveDemo, useFolder } from '../testing/command-processes.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'

const folder = useFolder()
const URGENT = 'alerts/urgent' as ChannelName

it(
  '[P2] backs up and restores a running server: the old state under a new incarnation, and readers are told',
  { timeout: 60_000 },
  async () => {
    const { url } = await serveDemo('--data', 'site')
    const on = ['--server', url, '--key', 'demo-key']
    const raise = (title: string) =>
      run(['alert', 'raise', '--priority', 'P1', '--area', 'line-3', '--title', title, ...on])
    const titles = async () => {
      const { out } = await run(['alert', 'list', '--json', ...on])
      return (JSON.parse(out) as { alerts: { title: string }[] }).alerts.map(({ title }) => title)
    }
    await raise('before')
    const backup = await run(['admin', 'backup', 'site.backup', ...on])
    expect(backup).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^site\.backup holds the store with its photos and files, \d+ bytes\.\n$/),
    })
    expect((await stat(join(folder(), 'site.backup'))).size).toBeGreaterThan(10_000)
    const { mtimeMs } = await stat(join(folder(), 'site.backup'))
    expect(await run(['admin', 'backup', 'site.backup', ...on])).toMatchObject({
      code: 1,
      err: 'andon: site.backup is there already; choose another name, or replace it with --force.\n',
    })
    expect((await stat(join(folder(), 'site.backup'))).mtimeMs).toBe(mtimeMs)
    expect(await run(['admin', 'backup', 'site.backup', '--force', ...on])).toMatchObject({ code: 0 })
    await raise('after')

    const device = await createDevice()
    const client = new WireClient(url)
    const { incarnation } = await client.greet(device)
    client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
    const { epoch, offset, id } = await client.next('snapshot')
    expect(offset).toBe(2)

    expect(await run(['admin', 'restore', 'site.backup', ...on])).toMatchObject({ code: 0, err: '' })
    expect(await client.next('bye')).toMatchObject({ retryAfterMs: expect.any(Number) })
    expect(await titles()).toEqual(['before'])

    const again = new WireClient(url)
    const welcome = await again.greet(device, {
      outbox: { epoch: device.epoch, incarnation, oldest: { urgent: 1, normal: 3 } },
    })
    expect(welcome).toMatchObject({ outbox: 'adopted', marks: { urgent: 0, normal: 2 } })
    expect(welcome.incarnation).not.toBe(incarnation)
    again.send({ t: 'subscribe', channel: URGENT, cursor: { epoch, offset, id }, credit: 4 })
    expect(await again.next('reset')).toMatchObject({ reason: 'unknown-epoch' })
    expect((await again.next('snapshot')).records).toHaveLength(1)
    await raise('and on')
    expect(await again.next('event')).toMatchObject({ offset: 2, data: { record: { title: 'and on' } } })
    again.close()
  },
)

it(
  'changes nothing when the file is no backup, or the key is not an administrator’s',
  { timeout: 60_000 },
  async () => {
    const { url } = await serveDemo('--data', 'site')
    const on = ['--server', url, '--key', 'demo-key']
    await run(['alert', 'raise', '--priority', 'P1', '--area', 'line-3', '--title', 'stays', ...on])
    await writeFile(join(folder(), 'garbage'), 'x'.repeat(10_000))
    expect(await run(['admin', 'restore', 'garbage', ...on])).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing was changed'),
    })
    expect(await run(['admin', 'restore', 'missing', ...on])).toMatchObject({
      code: 1,
      err: expect.stringContaining('cannot be read'),
    })
    expect(await run(['admin', 'backup', 'no/such/folder/file', ...on])).toMatchObject({
      code: 1,
      err: expect.stringContaining('ENOENT'),
    })
    expect(await run(['admin', 'backup', 'file', '--server', url, '--key', 'wrong'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('bad-key'),
    })
    expect((await run(['alert', 'list', ...on])).out).toContain('stays')
  },
)
