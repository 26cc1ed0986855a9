// Live values through the programs themselves: a real server that measures its machine, a real relay, real pipes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Program, type Line } from './testing/programs.ts'

const HOST = 'telemetry/line-3/host-1'

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
