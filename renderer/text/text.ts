import { en, type Text } from './en.ts'

/** The words of this window. The language is chosen when the page loads; Korean comes as a second table beside `en`. */
export const text: Text = en
