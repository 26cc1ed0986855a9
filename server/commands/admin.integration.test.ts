import { describe, expect, it } from 'vitest'
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
