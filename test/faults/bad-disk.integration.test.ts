import { copyFile, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Program, startServer } from '../support/processes.ts'

const KEY = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }

let folder = ''
const programs: Program[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-bad-disk-'))
})
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.kill()))
  await rm(folder, { recursive: true, force: true })
})
const file = (suffix = '') => join(folder, `andon.sqlite${suffix}`)

async function start(): Promise<{ program: Program; url: string }> {
  const started = await startServer(folder, 0)
  programs.push(started.program)
  return started
}

/** A server on this folder that must not start: what it says and how it ends. */
async function refused(): Promise<string> {
  const program = new Program('server/cli.ts', ['server', '--demo', '--data', folder, '--port', '0'])
  programs.push(program)
  expect(await program.exited).toBe(1)
  expect(program.lines).toEqual([])
  expect(program.stderr, 'one sentence').toMatch(/^andon: [^\n]+\.\n$/)
  return program.stderr
}

async function raise(url: string, title: string): Promise<void> {
  const body = JSON.stringify({ priority: 'P1', area: 'line-3', title })
  expect((await fetch(`${url}/api/alerts`, { method: 'POST', headers: KEY, body })).status).toBe(201)
}

async function titles(url: string): Promise<readonly string[]> {
  const answer = (await (await fetch(`${url}/api/alerts`, { headers: KEY })).json()) as { alerts: { title: string }[] }
  return answer.alerts.map(({ title }) => title)
}

/** A folder as a kill leaves it: the last commits are in the log only. */
async function killed(): Promise<void> {
  const { program, url } = await start()
  await raise(url, 'before the kill')
  await program.kill()
  expect(await readdir(folder)).toContain('andon.sqlite-wal')
}

describe('a data folder that was damaged while the server was away', () => {
  it('[T8] a log without its database stops the start; with its database back nothing is lost', async () => {
    await killed()
    await rename(file(), join(folder, 'elsewhere'))
    const log = await readFile(file('-wal'))
    expect(await refused()).toContain('andon.sqlite-wal holds what was written last')
    expect(await readFile(file('-wal'))).toEqual(log)
    await rename(join(folder, 'elsewhere'), file())
    expect(await titles((await start()).url)).toEqual(['before the kill'])
  })

  it('[T6] a database that was cut or emptied stops the start, and is left as it is', async () => {
    const { program, url } = await start()
    await raise(url, 'kept')
    expect(await program.stop()).toBe(0)
    await copyFile(file(), join(folder, 'whole'))
    const { length } = await readFile(file())
    for (const size of [length - 1, Math.floor(length / 2), 4096, 100, 0]) {
      await copyFile(join(folder, 'whole'), file())
      await truncate(file(), size)
      expect([size, await refused()]).toEqual([size, expect.stringContaining('is damaged')])
      expect((await readFile(file())).length).toBe(size)
    }
    await copyFile(join(folder, 'whole'), file())
    expect(await titles((await start()).url)).toEqual(['kept'])
  })

  it('[T6] a flipped bit is refused, or the server answers every question with an answer or a problem', async () => {
    const { program, url } = await start()
    await raise(url, 'kept')
    expect(await program.stop()).toBe(0)
    const whole = await readFile(file())
    // The header, the schema, and pages all over the file.
    const places = [20, 60, 105, 1000, ...[1, 2, 3, 4, 5].map((sixth) => Math.floor((whole.length * sixth) / 6) + 9)]
    for (const place of places) {
      const bytes = Buffer.from(whole)
      bytes[place] = (bytes[place] ?? 0) ^ 0x10
      await writeFile(file(), bytes)
      await rm(file('-wal'), { force: true })
      const flipped = new Program('server/cli.ts', ['server', '--demo', '--data', folder, '--port', '0'])
      programs.push(flipped)
      const started = await flipped.until((line) => line['event'] === 'listening').catch(() => null)
      if (started === null) {
        expect([place, await flipped.exited, flipped.stderr]).toEqual([place, 1, expect.stringMatching(/\.\n$/)])
        continue
      }
      for (const path of ['/api/alerts', '/api/orders', '/healthz', '/readyz']) {
        const response = await fetch(`${started['url'] as string}${path}`, { headers: KEY })
        if (response.status >= 400) {
          expect([place, path, await response.json()]).toMatchObject([place, path, { code: expect.any(String) }])
        }
      }
      expect([place, flipped.exit]).toEqual([place, null])
      expect([place, await flipped.stop()]).toEqual([place, 0])
    }
  })
})
