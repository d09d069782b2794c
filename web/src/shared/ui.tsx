// Pieces that both pages are made of.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, type Problem } from './api'
import { catalogue, language, languageNames, languages, speak } from './language'

const t = catalogue({
  language: ['Språk', 'Språk', 'Language'],
  loading: ['Henter …', 'Hentar …', 'Loading …'],
  offline: ['Vi får ikke kontakt med tjenesten. Se om du er på nett, og prøv igjen.', 'Vi får ikkje kontakt med tenesta. Sjå om du er på nett, og prøv igjen.', 'The service cannot be reached. Check your connection and try again.'],
  failed: ['Noe gikk galt hos oss. Det du skrev, står her ennå.', 'Noko gjekk gale hos oss. Det du skreiv, står her enno.', 'Something went wrong on our side. What you wrote is still here.'],
  moving: ['Tjenesten flyttes akkurat nå. Du kan lese, men ingenting kan endres før det er gjort. Det du skrev, står her ennå: prøv igjen om litt.', 'Tenesta blir flytta akkurat no. Du kan lese, men ingenting kan endrast før det er gjort. Det du skreiv, står her enno: prøv igjen om litt.', 'The service is being moved right now. You can read, but nothing can be changed until that is done. What you wrote is still here: try again in a while.'],
  again: ['Prøv igjen', 'Prøv igjen', 'Try again'],
  summary: ['Rett dette før du går videre', 'Rett dette før du går vidare', 'Put this right before you go on'],
  signedOut: ['Du er logget ut. Det du skrev, står her ennå: logg inn i en ny fane og prøv igjen.', 'Du er logga ut. Det du skreiv, står her enno: logg inn i ei ny fane og prøv igjen.', 'You are signed out. What you wrote is still here: sign in in a new tab and try again.'],
  refused: ['Det går ikke nå', 'Det går ikkje no', 'That is not possible now'],
  rule: ['Regel: {rule}', 'Regel: {rule}', 'Rule: {rule}'],
  copied: ['Kopiert', 'Kopiert', 'Copied'],
  copy: ['Kopier', 'Kopier', 'Copy'],
})

const paths = {
  eye: 'M2 12s3.600-7 10-7 10 7 10 7-3.600 7-10 7-10-7-10-7Z M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  download: 'M12 3v12m0 0 4.500-4.500M12 15l-4.500-4.500M4 19.500h16',
  pen: 'm4 20 1-5L16.500 3.500l4 4L9 19z',
  bin: 'M4 6.500h16M9 6V3.500h6V6M6 6.500 7 20.500h10l1-14M10 10.500v6m4-6v6',
  pause: 'M8.500 5v14m7-14v14',
  hand: 'M12 2.500 4 5.500v6c0 5 3.500 8.500 8 10 4.500-1.500 8-5 8-10v-6z M8.500 12h7',
  people: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7Zm-6.500 9c0-3.500 3-6 6.500-6s6.500 2.500 6.500 6M16 4.300a3.500 3.500 0 0 1 0 6.400M18.500 14.500c2 .9 3 3 3 5.500',
  mail: 'M3 5.500h18v13H3z m0 .5 9 7 9-7',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3.500 2',
  check: 'm4.500 12.500 5 5 10-11',
  warning: 'M12 3 2.500 20h19zM12 10v4.500m0 2.500v.5',
  home: 'm3.500 11 8.500-7.500L20.500 11M6 9.500V20h12V9.500',
  scroll: 'M6 3.500h12v17H6zM9 8h6m-6 4h6m-6 4h4',
  search: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13Zm5-1.500L20.500 20.500',
  bell: 'M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 2h-15zM10 21h4',
  chain: 'M9.500 14.500l5-5M8 11l-2.500 2.500a3.500 3.500 0 0 0 5 5L13 16m-2-8 2.500-2.500a3.500 3.500 0 0 1 5 5L16 13',
  at: 'M15.500 12a3.500 3.500 0 1 1-7 0 3.500 3.500 0 0 1 7 0Zm0-3.500v4.500a2.750 2.750 0 0 0 5.500 0V12a9 9 0 1 0-3.500 7.100',
  door: 'M14 4h5v16h-5M4 12h10m0 0-3.500-3.500M14 12l-3.500 3.500',
  chart: 'M4 20.500h16M7 17v-5m5 5V6m5 11V9',
  gear: 'M12 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM12 2.500v3m0 13v3m9.500-9.500h-3m-13 0h-3m16.200-6.700-2.100 2.100M7.400 16.600l-2.100 2.100m13.400 0-2.100-2.100M7.400 7.400 5.300 5.300',
  back: 'M19 12H5m0 0 5.500-5.500M5 12l5.500 5.500',
} as const
export type IconName = keyof typeof paths
export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d={paths[name]} /></svg>
)

export function Languages() {
  return (
    <div class="languages" role="group" aria-label={t('language')}>
      {languages.map((one) => (
        <button key={one} type="button" lang={one} aria-pressed={language.value === one} onClick={() => speak(one)}>
          {languageNames[one]}
        </button>
      ))}
    </div>
  )
}

type Color = 'accent' | 'neutral' | 'danger' | 'success' | 'warning' | 'info'
interface ButtonProps {
  variant?: 'primary' | 'secondary' | 'tertiary'; color?: Color; busy?: boolean; type?: 'button' | 'submit'; disabled?: boolean
  onClick?: (event: MouseEvent) => unknown; children: ComponentChildren; label?: string
}
export const Button = ({ variant = 'primary', color = 'accent', busy, children, type = 'button', disabled, onClick, label }: ButtonProps) => (
  <button type={type} class="ds-button" data-variant={variant} data-color={color} aria-busy={busy || undefined} disabled={disabled || busy} aria-label={label}
    onClick={onClick as (event: MouseEvent) => void}>
    {children}
  </button>
)

export const Alert = ({ color = 'info', title, children, live }: { color?: Color; title?: string; children?: ComponentChildren; live?: boolean }) => (
  <div class="ds-alert" data-color={color} role={live ? 'alert' : undefined}>
    {title && <h2 class="ds-heading" data-size="2xs">{title}</h2>}
    {children}
  </div>
)
export const Tag = ({ color = 'neutral', children }: { color?: Color; children: ComponentChildren }) => (
  <span class="ds-tag" data-color={color} data-variant="outline">{children}</span>
)

const saidOf = (problem?: Problem) =>
  problem?.status === 0 ? 'offline' : problem?.status === 401 ? 'signedOut' : problem?.type === '/problems/moving' ? 'moving' : 'failed'

/** What went wrong, in words; the rule that refuses in a footnote. */
export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  if (!error) return null
  const problem = error instanceof ApiError ? error.problem : undefined
  const refused = problem && (problem.status === 403 || problem.status === 409 || problem.status === 422)
  return (
    <Alert color={refused ? 'warning' : 'danger'} title={refused ? t('refused') : undefined} live>
      {refused ? <p lang="en">{problem.detail ?? problem.title}</p> : <p>{t(saidOf(problem))}</p>}
      {problem?.rule && <p class="quiet"><small>{t('rule', { rule: problem.rule })}{problem.article ? ` · ${problem.article}` : ''}</small></p>}
      {again && <p><Button variant="secondary" onClick={again}>{t('again')}</Button></p>}
    </Alert>
  )
}

/** Loads on sight; `again` loads anew. */
export function useLoad<T>(load: () => Promise<T>, key = ''): { value?: T; error?: unknown; again: () => void } {
  const [state, set] = useState<{ value?: T; error?: unknown; key?: string }>({})
  const [turn, next] = useState(0)
  useEffect(() => {
    let here = true
    load().then((value) => here && set({ value, key }), (error: unknown) => here && set({ error, key }))
    return () => { here = false }
  }, [key, turn])
  return { ...(state.key === key ? { value: state.value, error: state.error } : {}), again: () => next((n) => n + 1) }
}
export function Loaded<T>({ of, children }: { of: { value?: T; error?: unknown; again: () => void }; children: (value: T) => ComponentChildren }) {
  if (of.error) return <Trouble error={of.error} again={of.again} />
  if (of.value === undefined) return <p class="loading quiet" role="status">{t('loading')}</p>
  return <>{children(of.value)}</>
}

/** A heading that takes the focus when its page comes, so that a reader of the screen hears where they are. */
export function Title({ children, focus = true }: { children: ComponentChildren; focus?: boolean }) {
  const ref = useRef<HTMLHeadingElement>(null)
  useEffect(() => { if (focus) ref.current?.focus() }, [])
  return <h1 class="ds-heading" data-size="lg" tabIndex={-1} ref={ref}>{children}</h1>
}

interface FieldProps { id: string; label: string; help?: string; error?: string; value: string; onInput: (value: string) => void; long?: boolean; type?: 'text' | 'email' | 'search' | 'date'; autocomplete?: string; list?: string }
export function Field({ id, label, help, error, value, onInput, long, type = 'text', autocomplete = 'off', list }: FieldProps) {
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  const common = { id, class: 'ds-input', value, autocomplete, 'aria-describedby': described, 'aria-invalid': error ? true : undefined }
  return (
    <div class="ds-field">
      <label class="ds-label" data-weight="medium" for={id}>{label}</label>
      {help && <div data-field="description" id={`${id}-help`} class="quiet">{help}</div>}
      {long
        ? <textarea {...common} rows={4} onInput={(event) => onInput(event.currentTarget.value)} />
        : <input {...common} type={type} list={list} onInput={(event) => onInput(event.currentTarget.value)} />}
      {error && <p class="ds-validation-message" id={`${id}-error`}>{error}</p>}
    </div>
  )
}
export function Choice({ name, value, label, help, checked, onChange, kind = 'radio' }: { name: string; value: string; label: ComponentChildren; help?: ComponentChildren; checked: boolean; onChange: (checked: boolean) => void; kind?: 'radio' | 'checkbox' | 'switch' }) {
  const id = `${name}-${value}`
  const common = { class: 'ds-input', id, name, value, checked, 'aria-describedby': help ? `${id}-help` : undefined,
    onChange: (event: { currentTarget: HTMLInputElement }) => onChange(event.currentTarget.checked) }
  return (
    <div class="ds-field choice">
      {kind === 'radio' ? <input {...common} type="radio" /> : kind === 'switch' ? <input {...common} type="checkbox" role="switch" /> : <input {...common} type="checkbox" />}
      <label class="ds-label" data-weight="regular" for={id}>{label}</label>
      {help && <div data-field="description" class="quiet" id={`${id}-help`}>{help}</div>}
    </div>
  )
}

/** Takes the focus when it comes, and leads to each field. */
export function ErrorSummary({ errors }: { errors: Record<string, string> }) {
  const ref = useRef<HTMLDivElement>(null)
  const rows = Object.entries(errors)
  useEffect(() => { if (rows.length) ref.current?.focus() }, [errors])
  if (!rows.length) return null
  return (
    <div class="ds-error-summary" role="group" tabIndex={-1} ref={ref} aria-labelledby="summary-title">
      <h2 class="ds-heading" data-size="2xs" id="summary-title">{t('summary')}</h2>
      <ul class="ds-list">
        {rows.map(([id, text]) => (
          <li key={id}><a class="ds-link" href={`#${id}`} onClick={(event) => { event.preventDefault(); document.getElementById(id)?.focus() }}>{text}</a></li>
        ))}
      </ul>
    </div>
  )
}

export function Copy({ text }: { text: string }) {
  const [done, set] = useState(false)
  return <button type="button" class="copy" onClick={() => void navigator.clipboard?.writeText(text).then(() => set(true))}>{done ? t('copied') : t('copy')}</button>
}

/** Hands a file to the reader; nothing of it is kept by the page. */
export async function save(answer: Response, name: string) {
  const url = URL.createObjectURL(await answer.blob())
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
