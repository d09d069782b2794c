// The reader's language, and dates and numbers in it. A text is a row of three; one that lacks is a
// type error.
import { computed, effect, signal } from '@preact/signals'

export const languages = ['nb', 'nn', 'en'] as const
export type Language = (typeof languages)[number]
export type Row = readonly [nb: string, nn: string, en: string]
export const languageNames: Record<Language, string> = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' }

function liked(): Language {
  try {
    const kept = localStorage.getItem('language')
    if (languages.includes(kept as Language)) return kept as Language
  } catch { /* the browser keeps nothing */ }
  for (const tag of navigator.languages ?? []) {
    const short = tag.slice(0, 2)
    if (short === 'no') return 'nb'
    if (languages.includes(short as Language)) return short as Language
  }
  return 'nb'
}
export const language = signal<Language>(liked())
export function speak(next: Language) {
  language.value = next
  try { localStorage.setItem('language', next) } catch { /* then for this visit */ }
}
effect(() => { document.documentElement.lang = language.value })

/** `t('key', { count: 3 })` over a catalogue; "{count}" stands in the text. */
export function catalogue<const C extends Record<string, Row>>(rows: C) {
  return (key: keyof C, values: Record<string, string | number> = {}): string =>
    rows[key]![languages.indexOf(language.value)]!.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all))
}

const locale = computed(() => ({ nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' })[language.value])
const zone = 'Europe/Oslo'
export const number = (value: number) => new Intl.NumberFormat(locale.value).format(value)
export function date(value: string): string {
  const day = /^\d{4}-\d\d-\d\d$/.test(value)
  return new Intl.DateTimeFormat(locale.value, { day: 'numeric', month: 'long', year: 'numeric', timeZone: day ? 'UTC' : zone })
    .format(new Date(day ? value + 'T00:00:00Z' : value))
}
export const moment = (value: string) =>
  new Intl.DateTimeFormat(locale.value, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: zone }).format(new Date(value))
/** "2026-03" in few letters. */
export const shortMonth = (month: string) => new Intl.DateTimeFormat(locale.value, { month: 'short', year: '2-digit', timeZone: 'UTC' }).format(new Date(month + '-01T00:00:00Z'))
/** From the date that it is now to that day: 0 is today, -1 was yesterday. */
export const daysTo = (day: string, now: string) =>
  Math.round((Date.parse(day) - Date.parse(new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date(now)))) / 86_400_000)
export const list = (words: string[]) => new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(words)
/** The same in the middle of a text: only the first keeps its capital. */
export const sentence = (words: string[]) => list(words.map((word, i) => i ? word.charAt(0).toLowerCase() + word.slice(1) : word))

/** A text of the policy's, in the reader's language, else in what it has. */
export type Says = Partial<Record<string, string>>
export const said = (says: Says | undefined, otherwise: string) =>
  says?.[language.value] ?? (language.value === 'nn' ? says?.nb : undefined) ?? Object.values(says ?? {})[0] ?? plain(otherwise)
/** A name of a policy, where it says nothing for people: "contact.email" is "contact: email". */
export const plain = (name: string) => name.replace(/[_]/g, ' ').replace(/\./g, ': ')
