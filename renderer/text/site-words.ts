import type { Language } from '../../relay/protocol/records.ts'
import { siteEn } from './site-en.ts'
import { siteKo } from './site-ko.ts'
import { text } from './text.ts'

const TABLES: Readonly<Record<Language, typeof siteEn>> = { en: siteEn, ko: siteKo }

/** The words of boards in the language of the moment. */
export function siteWords(): typeof siteEn {
  return TABLES[text.language]
}
