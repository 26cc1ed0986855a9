// Live values through the programs themselves: a real server that measures its machine, a real relay, real pipes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Program, type Line } from './testing/programs.ts'

const HOST = 'telemetry/line-3/host-1'
const LINE = 'presence/line-3'

let folder: string
const running: Program[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-cli-live-'))
})
afterEach(async () => {
  for (const program of running) program.kill('SIGKILL')
  await Promise.all(running.splice(0).map((program) => program.exited()))
  await rm(folder, { recursive: true })
})

function start(script: string, ...args: readonly string[]): Program {
  const program = new Program(script, args)
  running.push(program)
  return program
}

it('andon relay prints the values of a machine as they come, with the fields of the contract and nothing of a state', async () => {
  const server = start('server/cli.ts', 'server', '--demo', '--data', join(folder, 'server'), '--port', '0')
  const { url } = await server.until((line) => line['event'] === 'listening')
  const relay = start('relay/cli.ts', '--server', String(url), '--data', join(folder, 'wall'), '--subscribe', HOST)
  const measured = (after: string) => (line: Line) =>
    line.kind === 'live' && line['key'] === 'memory' && String(line['at']) > after
  const first = await relay.until(measured(''))
  const second = await relay.until(measured(String(first['at'])))
  for (const line of [first, second]) {
    expect(Object.keys(line)).toEqual(['kind', 'channel', 'key', 'value', 'at'])
    expect(line).toMatchObject({
      channel: HOST,
      value: { unit: '%', label: 'Memory', limits: { low: null, high: 90 } },
    })
  }
  expect(relay.of('snapshot').filter((line) => line['channel'] === HOST)).toEqual([])
  relay.send({ subscribe: HOST, from: 'start' }, { subscribe: 'telemetry/line-9/press-1' })
  expect(await relay.until((line) => line['code'] === 'not-a-log')).toMatchObject({ kind: 'error', channel: HOST })
  expect(await relay.until((line) => line['code'] === 'unknown-channel')).toMatchObject({ kind: 'error' })
})

it('[R95] andon relay prints who comes to a room and who leaves it', async () => {
  const data = ['--data', join(folder, 'server')]
  const server = start('server/cli.ts', 'server', '--demo', ...data, '--port', '0', '--heartbeat-ms', '1000')
  const { url } = await server.until((line) => line['event'] === 'listening')
  const kim = ['--user', 'kim', '--pin', '1111']
  const at = (name: string) => ['--server', String(url), '--data', join(folder, name), ...kim]
  const watches = start('relay/cli.ts', ...at('watches'), '--subscribe', LINE)
  const isConfirmed = ({ kind, key, value }: Line): boolean =>
    kind === 'live' && key === 'roster' && (value as { readonly confirmed: boolean }).confirmed
  await watches.until(isConfirmed)
  const comes = start('relay/cli.ts', ...at('comes'))
  comes.send({ track: LINE, state: { state: 'here', looks: 'Press 2' } })
  const isIt = ({ member }: Line): boolean => (member as { readonly looks?: string } | undefined)?.looks === 'Press 2'
  const joined = await watches.until((line) => line.kind === 'joined' && isIt(line))
  expect(Object.keys(joined)).toEqual(['kind', 'channel', 'member'])
  expect(joined).toMatchObject({ channel: LINE, member: { operator: 'kim', state: 'here' } })
  comes.send({ track: LINE, state: null })
  const left = await watches.until((line) => line.kind === 'left' && isIt(line))
  expect(left['member']).toEqual(joined['member'])
})
