import { expect, it } from 'vitest'
import { authorName } from './author-name.ts'
import { en } from './en.ts'
import { ko } from './ko.ts'

it('[T20] what the system did by itself is told as its deed, in the words of the screen', () => {
  expect(['kim', 'device:Press 2', 'scada', 'system'].map(authorName)).toEqual(['kim', 'Press 2', 'scada', en.system])
  expect(en.alerts.raisedBy(en.system)).toBe('by the system')
  expect(ko.alerts.raisedBy(ko.system)).toBe('올림: 시스템')
})
