import { describe, expect, it } from 'vitest'
import { parseArguments, type RelayArguments } from './cli-arguments.ts'

const BASE = ['--server', 'http://127.0.0.1:7070', '--data', './data']

function parse(args: readonly string[], env: Record<string, string> = {}) {
  let errors = ''
  let help = ''
  const parsed = parseArguments(args, {
    env,
    printError: (text) => (errors += text),
    printHelp: (text) => (help += text),
  })
  return { parsed, errors, help }
}
function taken(args: readonly string[], env: Record<string, string> = {}): RelayArguments {
  const { parsed, errors } = parse(args, env)
  if (parsed.kind !== 'run') throw new Error(errors)
  return parsed.arguments
}

describe('the arguments of andon relay', () => {
  it('need a server and a folder, and have defaults for the rest', () => {
    expect(taken(BASE)).toMatchObject({
      server: 'http://127.0.0.1:7070',
      data: './data',
      user: null,
      subscribe: [],
      from: null,
      linger: false,
      transport: null,
    })
    expect(taken(BASE).name).toMatch(/.+/)
  })

  it('are all taken', () => {
    const more = [
      '--name',
      ' Kiosk 7 ',
      '--user',
      'kim',
      '--pin',
      '1111',
      '--from',
      'start',
      '--linger',
      '--transport',
      'poll',
    ]
    expect(taken([...BASE, ...more, '--subscribe', 'chat/line-3, alerts/line-3,'])).toMatchObject({
      name: 'Kiosk 7',
      user: { operator: 'kim', pin: '1111' },
      subscribe: ['chat/line-3', 'alerts/line-3'],
      from: 'start',
      linger: true,
      transport: 'poll',
    })
  })

  it('take the PIN from the environment, where other users of the machine cannot read it', () => {
    expect(taken([...BASE, '--user', 'kim'], { ANDON_PIN: '1111' }).user).toEqual({ operator: 'kim', pin: '1111' })
    expect(taken([...BASE, '--user', 'kim', '--pin', '2222'], { ANDON_PIN: '1111' }).user?.pin).toBe('2222')
    expect(taken(BASE, { ANDON_PIN: '1111' }).user).toBeNull()
  })

  it.each([
    [[], /--server/],
    [['--server', 'http://host'], /--data/],
    [['--server', 'floor', '--data', 'd'], /http/],
    [['--server', 'ws://host', '--data', 'd'], /http/],
    [['--server', 'http://host', '--data', ''], /empty/],
    [[...BASE, '--name', ' '], /1 to 64/],
    [[...BASE, '--name', 'x'.repeat(65)], /1 to 64/],
    [[...BASE, '--user', 'kim'], /--pin/],
    [[...BASE, '--pin', '1111'], /--user/],
    [[...BASE, '--from', 'end'], /start/],
    [[...BASE, '--lingr'], /--lingr/],
    [[...BASE, 'chat/line-3'], /argument/],
  ])('end with 2 and a sentence when they are bad: %j', (args, sentence) => {
    const { parsed, errors, help } = parse(args)
    expect(parsed).toEqual({ kind: 'exit', code: 2 })
    expect(errors).toMatch(sentence)
    expect(help).toBe('')
  })

  it('are explained by --help, with the lines of the contract', () => {
    const { parsed, help } = parse(['--help'])
    expect(parsed).toEqual({ kind: 'exit', code: 0 })
    for (const word of ['--server', '--linger', 'ANDON_PIN', '"subscribe"', '"seen"', 'snapshot'])
      expect(help).toContain(word)
  })
})
