import { expect, it } from 'vitest'
import { inWords } from './idb-store.ts'
import { StoreError } from './store-error.ts'

const DENIED = "Failed to execute 'open' on 'IDBFactory': access to the Indexed Database API is denied in this context."

it.each([
  ['SecurityError', 'storage-denied', 'Allow site data'],
  ['UnknownError', 'storage-failed', 'Reload this page.'],
  ['InvalidStateError', 'storage-failed', 'Reload this page.'],
])(
  '[R41] a %s of the browser is %s in words for people, and the browser’s own stay with the cause',
  (name, code, words) => {
    const error = new DOMException(DENIED, name)
    const said = inWords(error)
    expect(said).toBeInstanceOf(StoreError)
    expect(said).toMatchObject({ code, message: expect.stringContaining(words), cause: error })
    expect(String(said)).not.toContain('IDBFactory')
  },
)
