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
