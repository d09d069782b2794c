// What several views of the portal are made of.
import { useState } from 'preact/hooks'
import { ApiError, post, send, session } from '../shared/api'
import { date, list, moment, number, plain, said } from '../shared/language'
import { Alert, Button, Choice, Icon, save, Title, Trouble } from '../shared/ui'
import { type Item, type Overview, overview, type Taken } from './data'
import { t } from './words'

export const what = (item: Item) => upper(said(item.says, item.field))
export const purposeOf = (view: Overview, name: string) => view.purposes.find((one) => one.purpose === name)
export const why = (view: Overview, name: string) => said(purposeOf(view, name)?.says, name)
export const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
export const many = (count: number, one: 'item' | 'purpose') => count === 1 ? t(one) : t(`${one}s`, { count: number(count) })
export const companyName = (view: Overview, id: string) => view.controllers.find((one) => one.id === id)?.name ?? plain(id)
export const firm = (view: Overview) => list(view.controllers.map((one) => one.name ?? plain(one.id)))
/** Each field once, with what it is called. */
export const fields = (items: Item[]) => [...new Map(items.map((item) => [item.field, what(item)])).entries()]

const fresh = (error: unknown) => error instanceof ApiError && error.status === 403 && !error.problem.rule
const known = { 'always.identity_first': 'rule_identity', 'always.guardian_consents': 'rule_guardian' } as const
const SignInAgain = () => (
  <p><a class="ds-button" data-variant="secondary" href={`/r/${session.value?.register}/sign-in`} target="_blank" rel="noopener">{t('signInAgain')}</a></p>
)

/** The page's own trouble; one that a new sign-in mends leads there, and leaves what is typed here. */
export function Failed({ error }: { error: unknown }) {
  const problem = error instanceof ApiError ? error.problem : undefined
  if (fresh(error)) return <Alert color="warning" live><p>{t('fresh')}</p><SignInAgain /></Alert>
  if (problem?.status === 401) return <Alert color="warning" live><p>{t('outMidway')}</p><SignInAgain /></Alert>
  if (problem?.status === 429) return <Alert color="warning" live><p>{t('tooMany')}</p></Alert>
  const rule = problem?.rule as keyof typeof known | undefined
  if (rule && known[rule]) return <Alert color="warning" live><p>{t(known[rule])}</p></Alert>
  return <Trouble error={error} />
}

/** At the foot of every view, also on paper. */
export function Complain() {
  const at = overview.value?.complaint.supervisors ?? ['datatilsynet.no']
  return (
    <span>{t('complain')} {at.map((one, i) => (
      <>{i > 0 && ', '}<a class="ds-link" data-color="neutral" href={/^https?:/.test(one) ? one : `https://${one}`} rel="noreferrer">{one}</a></>
    ))}</span>
  )
}

/** Takes the receipt of an entry, or keeps the one that came with the answer. */
export function SaveReceipt({ index, receipt, plain }: { index: number; receipt?: unknown; plain?: boolean }) {
  const [error, fail] = useState<unknown>()
  const give = async () => {
    fail(undefined)
    try { await save(receipt ? new Response(JSON.stringify(receipt, null, 2)) : await send('POST', '/v1/me/receipts', { log_index: index }), `kvittering-${index}.json`) } catch (problem) { fail(problem) }
  }
  return (
    <>
      {plain ? <button type="button" class="ds-link" onClick={() => void give()}>{t('saveReceipt')}</button> : <Button variant="secondary" onClick={() => void give()}>{t('saveReceipt')}</Button>}
      {!plain && <a class="ds-link" href={`/r/${session.value?.register}/verify?lang=${document.documentElement.lang}`}>{t('checkReceipt')}</a>}
      <Failed error={error} />
    </>
  )
}

/** What was written, when, and its receipt; with `undo`, the way back. */
export function Saved({ at, time, undo }: { at: number; time: string; undo?: () => void }) {
  return (
    <p class="row quiet saved">
      <Icon name="check" /><span>{t('saved', { time: moment(time), index: number(at) })}</span>
      <SaveReceipt index={at} plain />
      {undo && <button type="button" class="ds-link" onClick={undo}>{t('undo')}</button>}
    </p>
  )
}

/** An act is done: what it was, its receipt, what follows. */
export function Done({ title, children, index, receipt }: { title: string; children: preact.ComponentChildren; index: number; receipt?: unknown }) {
  return (
    <div class="receipt panel stack">
      <Icon name="check" />
      <Title key={title}>{title}</Title>
      {children}
      <div class="row no-print"><SaveReceipt index={index} receipt={receipt} /></div>
    </div>
  )
}

/** A request has come in at the desk. */
export function Receipt({ taken }: { taken: Taken }) {
  return (
    <div class="stack wide-gap">
      <div class="receipt panel stack">
        <Icon name="check" />
        <Title>{t('receiptTitle')}</Title>
        <dl class="facts">
          <div><dt>{t('receiptNumber')}</dt><dd class="mono">{taken.number}</dd></div>
          <div><dt>{t('receiptWhen')}</dt><dd>{moment(taken.received)}</dd></div>
          <div><dt>{t('receiptAnswer')}</dt><dd>{date(taken.legal)}</dd></div>
        </dl>
        <div class="row no-print"><SaveReceipt index={taken.log_index} receipt={taken.receipt} /></div>
      </div>
      <div class="stack measure">
        <h2 class="ds-heading" data-size="xs">{t('next')}</h2>
        <p>{t('nextText')}</p>
        {taken.follow && <p><a class="ds-link" href={taken.follow}>{t('follow')}</a></p>}
        <p><a class="ds-link" href="/mine/requests">{t('toRequests')}</a></p>
      </div>
    </div>
  )
}

export function useAsk() {
  const [state, set] = useState<{ busy?: boolean; error?: unknown; taken?: Taken }>({})
  const ask = async (rights: string[], text?: string, headers?: Record<string, string>) => {
    set({ busy: true })
    try { set({ taken: await post<Taken>('/v1/me/requests', { rights, receipt: true, ...(text ? { text } : {}) }, headers) }) } catch (error) { set({ error }) }
  }
  return { ...state, ask }
}

/** Which of several companies is asked; nothing is to be chosen where there is one. */
export function Company({ view, value, onChange }: { view: Overview; value: string; onChange: (id: string) => void }) {
  if (view.controllers.length < 2) return null
  return (
    <fieldset class="ds-fieldset">
      <legend class="ds-label" data-weight="medium">{t('company')}</legend>
      <p data-field="description" class="quiet">{t('companyHelp')}</p>
      {view.controllers.map((one) => (
        <Choice key={one.id} name="company" value={one.id} label={companyName(view, one.id)} checked={value === one.id} onChange={() => onChange(one.id)} />
      ))}
    </fieldset>
  )
}

/** After an address was changed nothing is handed out for a while. */
export const Waits = ({ view }: { view: Overview }) => view.waits ? <Alert color="warning"><p>{t('waits')}</p></Alert> : null

/** What a sheet of paper says of itself. */
export const OnPaper = ({ view }: { view: Overview }) => (
  <p class="only-print quiet">{firm(view)} · {t('printed', { time: moment(view.now), reference: view.reference })}</p>
)
