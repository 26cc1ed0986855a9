/**
 * Whatever a person reads and somebody else has written: one type for every field of it, so that a title is never empty to
 * the eye, turns no other words around, and does nothing to a terminal (PROTOCOL C7).
 *
 * `line` is one line (names, titles, labels), `prose` keeps its line breaks (bodies, notes, chat), `deviceName` is what a
 * device calls itself and is cleaned instead of refused: a device in the field must always be able to greet (P6).
 */
import * as v from 'valibot'
import { BREAK, BREAK_OR_TAB, inOneLine, isClean, isVisible, nameFrom } from './plain-text.ts'

const TYPES = new WeakSet<object>()

/** Whether a schema is one of the types of this file: a test holds every field a person reads against it. */
export function isTextType(schema: object): boolean {
  return TYPES.has(schema)
}

/** One line of text that a person reads; a line break in it is a space. */
export function line(maxLength: number) {
  return textType(
    v.pipe(
      v.string('must be text'),
      v.transform(inOneLine),
      v.check(isVisible, 'must not be empty'),
      v.maxLength(maxLength, `must not be longer than ${maxLength} characters`),
      v.check(isClean, 'must not contain control characters'),
    ),
  )
}

/** Text of any number of lines that a person reads. */
export function prose(maxLength: number) {
  return textType(
    v.pipe(
      v.string('must be text'),
      v.transform((words) => words.replaceAll(BREAK, '\n').trim()),
      v.check(isVisible, 'must not be empty'),
      v.maxLength(maxLength, `must not be longer than ${maxLength} characters`),
      v.check(isClean, 'must not contain control characters'),
    ),
  )
}

/** `prose`, or nothing: what nobody could see is nothing. */
export function optionalProse(maxLength: number) {
  return textType(
    v.pipe(
      v.string('must be text'),
      v.transform((words) => (isVisible(words) ? words.replaceAll(BREAK, '\n').trim() : '')),
      v.maxLength(maxLength, `must not be longer than ${maxLength} characters`),
      v.check(isClean, 'must not contain control characters'),
    ),
  )
}

/** A unit as people write it (`°C`, `bar`, `%`, `ms`), told apart to the letter; the empty text is a bare number. */
export function unit(maxLength: number) {
  return textType(
    v.pipe(
      v.string('must be text'),
      v.maxLength(maxLength, `must not be longer than ${maxLength} characters`),
      v.check((words) => isClean(words) && !BREAK_OR_TAB.test(words), 'must not contain control characters'),
      v.check((words) => words === '' || isVisible(words), 'must be empty or something that can be seen'),
    ),
  )
}

/** What a device calls itself: any text, made fit to be read. Never refused. */
export function deviceName(maxLength: number) {
  return textType(
    v.pipe(
      v.string(),
      v.transform((words) => nameFrom(words, maxLength)),
    ),
  )
}

function textType<T extends object>(schema: T): T {
  TYPES.add(schema)
  return schema
}
