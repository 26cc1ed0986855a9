import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFloor, problemIn } from '../testing/http-floor.ts'
import { KEPT_GENERATIONS, keepGenerations } from './page-generations.ts'

let folder = ''
let kept = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'andon-generations-'))
  kept = join(folder, 'data/pages')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A build whose one script says its number; `index.html` names it. */
function built(number: number): string {
  const root = join(folder, `dist-${number}`)
  mkdirSync(join(root, 'assets'), { recursive: true })
  writeFileSync(join(root, 'index.html'), `<script src="/assets/${script(number)}"></script>`)
  writeFileSync(join(root, 'assets', script(number)), `// build ${number}`)
  writeFileSync(join(root, 'assets', `${script(number)}.gz`), gzipSync(`// build ${number}`))
  writeFileSync(join(root, 'assets/shared-00000000.css'), '/* of every build */')
  writeFileSync(join(root, 'assets/plain.txt'), 'not hashed')
  return root
}
const script = (number: number): string => `index-0000000${number}.js`

describe('assets of earlier builds', () => {
  it('are kept for the two builds before this one, and no longer', () => {
    for (let number = 1; number <= KEPT_GENERATIONS; number++) keepGenerations(built(number), kept, number)
    const earlier = [...keepGenerations(built(4), kept, 4).keys()].toSorted()
    expect(earlier.filter((name) => !name.endsWith('.gz'))).toEqual([script(2), script(3), 'shared-00000000.css'])
    expect(readdirSync(kept)).toHaveLength(KEPT_GENERATIONS)
  })

  it('stay when the same build starts again and again', () => {
    keepGenerations(built(1), kept, 1)
    for (let start = 2; start < 9; start++) {
      expect([...keepGenerations(built(2), kept, start).keys()]).toContain(script(1))
    }
  })

  it('a build that comes back counts as the latest', () => {
    for (const [at, number] of [1, 2, 3, 1].entries()) keepGenerations(built(number), kept, at)
    expect([...keepGenerations(built(4), kept, 9).keys()]).toEqual(
      expect.arrayContaining([script(1), script(3)]) as string[],
    )
  })

  it('are never half a build: what a stopped start left behind is made anew', () => {
    keepGenerations(built(1), kept, 1)
    const [whole = ''] = readdirSync(kept)
    rmSync(join(kept, whole), { recursive: true })
    mkdirSync(join(kept, `${whole}.half`))
    keepGenerations(built(1), kept, 2)
    expect(existsSync(join(kept, whole, 'assets', script(1)))).toBe(true)
    expect(readdirSync(kept)).toEqual([whole])
  })

  it('are served for ever after an update of the server, and nothing else is served from there', async () => {
    const before = await openFloor({}, () => ({ staticRoot: built(1), keptPages: kept }))
    await before.close()
    const floor = await openFloor({}, () => ({ staticRoot: built(2), keptPages: kept }))
    try {
      const old = await floor.inject({ url: `/assets/${script(1)}` })
      expect(old.statusCode).toBe(200)
      expect(old.body).toBe('// build 1')
      expect(old.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-type': expect.stringContaining('javascript') as string,
        'x-content-type-options': 'nosniff',
      })
      expect((await floor.inject({ url: `/assets/${script(2)}` })).body).toBe('// build 2')
      for (const url of ['/assets/gone-00000000.js', `/assets/..%2f${script(1)}`, `/assets/x/${script(1)}`]) {
        expect(['not-found', 'bad-request']).toContain(problemIn(await floor.inject({ url })).code)
      }
      expect((await floor.inject({ method: 'POST', url: `/assets/${script(1)}` })).statusCode).toBe(404)
    } finally {
      await floor.close()
    }
  })

  it('go packed to who takes that, like those of this build, and nobody keeps the wrong one', async () => {
    await (await openFloor({}, () => ({ staticRoot: built(1), keptPages: kept }))).close()
    const floor = await openFloor({}, () => ({ staticRoot: built(2), keptPages: kept }))
    try {
      for (const number of [1, 2]) {
        const headers = { 'accept-encoding': 'gzip, deflate, br' }
        const packed = await floor.inject({ url: `/assets/${script(number)}`, headers })
        expect(packed.headers).toMatchObject({
          'content-encoding': 'gzip',
          'content-type': expect.stringContaining('javascript') as string,
          'cache-control': 'public, max-age=31536000, immutable',
          vary: expect.stringMatching(/accept-encoding/i) as string,
        })
        expect(gunzipSync(packed.rawPayload).toString()).toBe(`// build ${number}`)
        const plain = await floor.inject({ url: `/assets/${script(number)}` })
        expect(plain.headers['content-encoding']).toBeUndefined()
        expect(plain.body).toBe(`// build ${number}`)
      }
    } finally {
      await floor.close()
    }
  })

  it('a folder that cannot be written costs only them', async () => {
    writeFileSync(join(folder, 'file'), '')
    const floor = await openFloor({}, () => ({ staticRoot: built(1), keptPages: join(folder, 'file/pages') }))
    try {
      expect((await floor.inject({ url: `/assets/${script(1)}` })).statusCode).toBe(200)
    } finally {
      await floor.close()
    }
  })
})
