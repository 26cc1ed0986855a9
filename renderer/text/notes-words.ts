import { partsOf } from '../../relay/domain/notes.ts'
import type { Language } from '../../relay/protocol/records.ts'
import { day } from './format.ts'
import { notesEn } from './notes-en.ts'
import { notesKo } from './notes-ko.ts'
import { text } from './text.ts'

const TABLES: Readonly<Record<Language, typeof notesEn>> = { en: notesEn, ko: notesKo }

/** The words of handover notes in the language of the moment. */
export function notesWords(): typeof notesEn {
  return TABLES[text.language]
}

/** The name of a note as people read it: `Friday, 20 November · Late shift`. */
export function noteTitle(note: string): string {
  const { day: date, shift, continued } = partsOf(note)
  const words = notesWords()
  const moment = new Date(`${date}T12:00:00`)
  const parts = [
    Number.isNaN(moment.getTime()) ? date : day(moment),
    words.shifts[shift] ?? shift,
    ...(continued > 1 ? [words.continued(continued)] : []),
  ]
  return parts.join(' · ')
}
