import { expect, it } from 'vitest'
import { StoreOpenError } from '../ports/store-errors.ts'
import { startFailure } from './start-failure.ts'

const CONFIG = { host: '127.0.0.1', port: 7070, data: './data' }
const coded = (code: string) => Object.assign(new Error('text nobody decides on'), { code })

it('a store that cannot be opened speaks for itself', () => {
  const cause = new StoreOpenError('database-newer', 'Update Andon.')
  expect(startFailure(cause, CONFIG)).toEqual({ message: 'Update Andon.', isExpected: true })
})

it.each(['EADDRINUSE', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EACCES', 'ENOSPC', 'ERR_MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED'])(
  '%s is one sentence that says what to do',
  (code) => {
    const { message, isExpected } = startFailure(coded(code), CONFIG)
    expect(isExpected).toBe(true)
    expect(message).toMatch(/^[A-Z][^\n]*\.$/)
  },
)

it('a port for the privileged is told apart from a folder of somebody else', () => {
  expect(startFailure(coded('EACCES'), { ...CONFIG, port: 80 }).message).toContain('--port')
  expect(startFailure(coded('EACCES'), CONFIG).message).toContain('data folder')
})

it('what nobody thought of points to the log', () => {
  for (const cause of [new Error('x'), coded('EWEIRD'), 'x', null]) {
    expect(startFailure(cause, CONFIG)).toMatchObject({ isExpected: false, message: expect.stringContaining('log') })
  }
})
