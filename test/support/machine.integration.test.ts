import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Machine } from './machine.ts'

let machine: Machine

beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.clear())

const canMount = process.platform === 'linux' && process.getuid?.() === 0

it('gives its folder back', () => {
  const folder = machine.makeFolder('relay-1')
  expect(existsSync(folder)).toBe(true)
  machine.clear()
  expect(existsSync(machine.folder)).toBe(false)
})

it('clears what a killed soak left behind, and leaves a running one alone', () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  const dead = mkdtempSync(join(tmpdir(), `andon-machine-${pid}-`))
  const later = new Machine()
  expect([existsSync(dead), existsSync(machine.folder)]).toEqual([false, true])
  later.clear()
})

it('says what it cannot do, or can do it', () => {
  expect(machine.lacks.some((sentence) => sentence.startsWith('no full disks'))).toBe(!canMount)
})

describe.runIf(canMount)('a small disk', () => {
  it('can be filled to the last byte, and freed', async () => {
    const disk = machine.makeDisk('relay-0', 2)
    const file = join(disk?.folder ?? '', 'file')
    const free = await disk?.fill()
    expect(() => writeFileSync(file, 'x')).toThrow('ENOSPC')
    await free?.()
    writeFileSync(file, 'x')
    expect(readFileSync(file, 'utf8')).toBe('x')
  })

  it('stays full when somebody gives back room, until the end is asked for', async () => {
    const disk = machine.makeDisk('relay-1', 2)
    const given = join(disk?.folder ?? '', 'given')
    writeFileSync(given, Buffer.alloc(1024 * 1024))
    const free = disk?.keepFull()
    const filled = () => statSync(join(disk?.folder ?? '', 'filler')).size
    await expect.poll(filled).toBeGreaterThan(0)
    rmSync(given)
    await expect.poll(filled).toBeGreaterThan(1024 * 1024)
    await free?.()
    writeFileSync(given, 'x')
  })

  it('is unmounted at the end', () => {
    machine.makeDisk('server', 2)
    machine.clear()
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(machine.folder)
  })
})

it('sets the wall clock of a program that runs, where the library is installed', ({ skip }) => {
  const clock = machine.makeClock('server')
  skip(clock === null, 'libfaketime is not installed')
  if (clock === null) return
  const hour = 3_600_000
  clock.set(hour)
  const { stdout } = spawnSync(process.execPath, ['-p', 'Date.now()'], {
    encoding: 'utf8',
    env: { ...process.env, ...clock.env },
  })
  expect(Math.abs(Number(stdout) - Date.now() - hour)).toBeLessThan(60_000)
})
