import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Incarnation } from '../../relay/protocol/ids.ts'
import { createDevice, WireClient } from '../../test/support/wire-client.ts'
import { run, serve, useFolder } from '../testing/command-processes.ts'

useFolder()

describe('andon admin', () => {
  it('makes areas, people and keys in the folder of a stopped server', async () => {
    const data = ['--data', 'site']
    expect(await run(['admin', 'area', 'add', 'hall-1', ...data])).toMatchObject({ code: 0 })
    const user = ['admin', 'user', 'add', 'mina', '--role', 'supervisor', '--areas', 'hall-1', '--pin-stdin', ...data]
    expect(await run(user, { stdin: '4711\n' })).toMatchObject({ code: 0, err: '' })
    expect(await run(user, { stdin: '4711\n' })).toMatchObject({
      code: 1,
      err: 'andon: There already is a person "mina".\n',
    })
    const key = await run(['admin', 'key', 'add', 'PLC', '--areas', 'hall-1', ...data])
    expect(key.out).toMatch(/^andon_[\w-]{43}\n$/)
    // What a program does must never be told as a person's, nor the other way round.
    const rights = ['--areas', '*', ...data]
    for (const [args, code, reason] of [
      [['key', 'add', 'Mina'], 1, 'reads like the person "mina"'],
      [['key', 'add', 'plc'], 1, 'reads like the API key "PLC"'],
      [['key', 'add', 'system'], 2, 'what the server calls itself'],
      [['user', 'add', 'plc', '--pin-stdin'], 1, 'reads like the API key "PLC"'],
    ] as const)
      expect(await run(['admin', ...args, ...rights], { stdin: '4711\n' })).toMatchObject({
        code,
        out: '',
        err: expect.stringContaining(reason),
      })
    const { url } = await serve(...data)
    const raised = await run([
      'alert',
      'raise',
      '--server',
      url,
      '--key',
      key.out.trim(),
      '--priority',
      'P2',
      '--area',
      'hall-1',
      '--title',
      'x',
      '--json',
    ])
    expect(JSON.parse(raised.out)).toMatchObject({ raised: { by: 'PLC' } })
    expect(await run(['admin', 'area', 'add', 'hall-2', ...data])).toMatchObject({
      code: 1,
      err: expect.stringContaining('in use by another Andon'),
    })
  })

  it('[A7] signs a person out everywhere on a running server, and says why not', async () => {
    const { url } = await serve('--demo')
    const to = ['--server', url, '--key', 'demo-key']
    expect(await run(['admin', 'user', 'sign-out', 'kim', ...to])).toMatchObject({
      code: 0,
      out: 'kim is signed out on every device; what was not sent yet goes to review.\n',
    })
    expect(await run(['admin', 'user', 'sign-out', 'nobody', ...to])).toMatchObject({
      code: 1,
      err: 'andon: There is no such person. (unknown-operator)\n',
    })
    expect(await run(['admin', 'user', 'sign-out', 'kim', '--server', url])).toMatchObject({ code: 2 })
  })

  it('[T13] [C7] reads what outboxes did that a person should look at, in words and as JSON', async () => {
    const { url } = await serve('--demo')
    const to = ['--server', url, '--key', 'demo-key']
    expect(await run(['admin', 'reviews', ...to])).toMatchObject({
      code: 0,
      out: 'Nothing to look at: every outbox fits what the server knows.\n',
    })
    const device = await createDevice()
    const client = new WireClient(url)
    await client.greet(device, {
      name: 'Press\u001b[2J 2',
      outbox: { epoch: device.epoch, incarnation: randomUUID() as Incarnation, oldest: { urgent: 1, normal: 7 } },
    })
    client.close()
    const { out } = await run(['admin', 'reviews', ...to])
    expect(out).toContain(
      ` Press[2J 2 (${device.id})  skipped-range: Commands 1 to 6 of its normal lane were answered before`,
    )
    expect(out.trim().split('\n')).toHaveLength(1)
    const json = JSON.parse((await run(['admin', 'reviews', '--json', ...to])).out) as unknown
    expect(json).toMatchObject({
      reviews: [{ kind: 'skipped-range', device: device.id, name: 'Press[2J 2', detail: { from: 1, to: 6 } }],
      dropped: 0,
    })
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('andon_reviews{state="listed"} 1')
    expect(await run(['admin', 'reviews', '--server', url])).toMatchObject({ code: 2 })
    expect(await run(['admin', 'reviews', '--server', url, '--key', 'wrong'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('(bad-key)'),
    })
  })

  it('[M7] [Y7] removes a machine from a running server, and says why not', async () => {
    const { url } = await serve('--demo')
    const to = ['--server', url, '--key', 'demo-key']
    const report = (machine: string) =>
      fetch(`${url}/api/telemetry`, {
        method: 'POST',
        headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json' },
        body: JSON.stringify({ area: 'line-3', machine, signal: 'heat', value: 1, unit: '' }),
      })
    expect((await report('oven-1')).status).toBe(202)
    expect(await run(['admin', 'machine', 'remove', 'line-3/oven-1', ...to])).toMatchObject({
      code: 0,
      out: 'line-3/oven-1 is removed; its past stays as long as history is kept.\n',
    })
    for (const [name, code, err] of [
      ['line-3/oven-1', 1, 'andon: There is no machine "line-3/oven-1". (machine-not-found)\n'],
      ['line-3/press-1', 1, expect.stringContaining('(machine-reserved)')],
      ['oven-1', 2, expect.stringContaining('like line-3/press-1')],
      ['line-3/oven-1/heat', 2, expect.stringContaining('is no machine')],
    ] as const)
      expect(await run(['admin', 'machine', 'remove', name, ...to])).toMatchObject({ code, err })
    expect((await report('host-1')).status).toBe(403)
  })

  it('makes a person inactive and active again in the folder of a stopped server', async () => {
    const data = ['--data', 'site']
    const add = ['admin', 'user', 'add', 'mina', '--areas', '*', '--pin-stdin', ...data]
    expect(await run(add, { stdin: '4711' })).toMatchObject({ code: 0 })
    expect(await run(['admin', 'user', 'deactivate', 'mina', ...data])).toMatchObject({
      code: 0,
      out: 'mina can no longer sign in.\n',
    })
    expect(await run(['admin', 'user', 'activate', 'mina', ...data])).toMatchObject({ out: 'mina can sign in.\n' })
    expect(await run(['admin', 'user', 'deactivate', 'lina', ...data])).toMatchObject({
      code: 1,
      err: 'andon: There is no person "lina".\n',
    })
  })

  it('refuses what could not be used', async () => {
    for (const [args, code] of [
      [['area', 'add', 'Hall 1'], 2],
      [['user', 'add', 'Mina', '--areas', '*', '--pin-stdin'], 2],
      [['user', 'add', 'mina', '--areas', '*', '--pin-stdin'], 2],
      [['user', 'add', 'mina', '--areas', '*'], 2],
      [['key', 'add', 'PLC'], 2],
      [['key', 'add', 'PLC', '--areas', 'nowhere'], 1],
    ] as const) {
      expect(await run(['admin', ...args], { stdin: '12' })).toMatchObject({ code, out: '' })
    }
  })
})
