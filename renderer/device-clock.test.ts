import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const HERE = new URL('./', import.meta.url)
/** The one that gives this device's clock to the others, and what is never shipped. */
const MAY_ASK = /^(main\.tsx|testing\/)|\.test\.tsx?$|^dist\//

it('[P7] no screen asks this device what time it is: what the server dated is held against the server’s clock', () => {
  const asking = readdirSync(HERE, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !MAY_ASK.test(name))
    .filter((name) => {
      const code = readFileSync(new URL(name, HERE), 'utf8').replaceAll(/^ *(\/?\*|\/\/).*$/gm, '')
      return /\bDate\.now\b|\bnew Date\(\)/.test(code)
    })
  expect(asking).toEqual([])
})
