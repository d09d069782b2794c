// The console: deadlines first, consequences before acts, values masked until they are needed.
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { get, once, post, send } from '../shared/api'
import { date, daysTo, list, moment, number, plain, said } from '../shared/language'
import { go } from '../shared/route'
import { Alert, Button, Choice, Copy, ErrorSummary, Field, Icon, Loaded, save, Tag, Title, Trouble, useLoad } from '../shared/ui'
import type { Item, Overview as View, Use } from '../mine/data'
import { type Act, type Alarm, type Breach, type Forecast, loadRegister, may, now, register, type Request, requests, type Right, type Row } from './data'
import * as verify from './verify'
import { named, t } from './words'

const short = (id: string) => `k:${id.slice(0, 4)}…${id.slice(-2)}`
const Scroll = ({ label, children }: { label: string; children: ComponentChildren }) => <div class="scroll" role="region" aria-label={label} tabIndex={0}>{children}</div>

function Deadline({ day, closed, over }: { day: string; closed?: string | null; over?: boolean }) {
  if (closed) return <span class="quiet">{t('answered', { date: date(closed) })}</span>
  const days = daysTo(day + 'T23:59:59Z', now())
  return (
    <span class={`deadline-cell ${over || days < 0 ? 'over' : days <= 7 ? 'soon' : ''}`}>
      {date(day)} · {over || days < 0 ? t('daysOver', { count: Math.max(1, -days) }) : days === 1 ? t('dayLeft') : t('daysLeft', { count: days })}
    </span>
  )
}
const worstFirst = (a: Row, b: Row) => Number(a.state !== 'open') - Number(b.state !== 'open') || a.legal.localeCompare(b.legal)

function RequestTable({ rows, label }: { rows: Row[]; label: string }) {
  return (
    <Scroll label={label}>
      <table class="ds-table" data-color="neutral" data-size="sm" data-hover>
        <thead><tr><th scope="col">{t('number')}</th><th scope="col">{t('type')}</th><th scope="col">{t('deadline')}</th><th scope="col">{t('identity')}</th><th scope="col">{t('cameBy')}</th><th scope="col">{t('status')}</th></tr></thead>
        <tbody>{rows.map((row) => (
          <tr key={row.id}>
            <th scope="row"><a class="ds-link mono" href={`/admin/requests/${row.id}`}>{row.number}</a></th>
            <td>{list(row.rights.map((right) => named('right', right)))}</td>
            <td><Deadline day={row.legal} closed={row.closed} over={row.overdue} /></td>
            <td>{named('proof', row.identity)}</td>
            <td>{row.channel ? named('channel', row.channel) : '–'}</td>
            <td><Tag color={row.state === 'open' ? (row.overdue ? 'danger' : 'info') : 'neutral'}>{named('state', row.state)}</Tag></td>
          </tr>
        ))}</tbody>
      </table>
    </Scroll>
  )
}

// ---- what goes: bars, and the table beside ----

function Bars({ forecast }: { forecast: Forecast }) {
  const days = new Map<string, number>()
  for (const one of forecast.days) days.set(one.date, (days.get(one.date) ?? 0) + one.items)
  const rows = [...days.entries()].sort(), most = Math.max(...days.values(), 1)
  if (!rows.length) return null
  const [top] = [...rows].sort((a, b) => b[1] - a[1])
  const from = Date.parse(forecast.from), span = Date.parse(forecast.until) - from
  const label = t('chart', { count: number(forecast.count), most: number(top![1]), day: date(top![0]) })
  return (
    <figure class="stack">
      <svg class="bars" viewBox="0 0 600 90" role="img" aria-label={label} preserveAspectRatio="none">
        <line x1="0" y1="89" x2="600" y2="89" />
        {rows.map(([day, count]) => { const height = Math.max(3, 84 * count / most); return <rect key={day} x={Math.min(592, 600 * Math.max(0, (Date.parse(day) - from) / span))} y={89 - height} width="8" height={height} rx="1" /> })}
      </svg>
      <figcaption class="row apart quiet"><span>{date(forecast.from)}</span><span>{label}</span><span>{date(forecast.until)}</span></figcaption>
      <details class="ds-details" data-color="neutral">
        <summary>{t('asTable')}</summary>
        <div><Scroll label={t('retention')}>
          <table class="ds-table" data-color="neutral" data-size="sm">
            <thead><tr><th scope="col">{t('day')}</th><th scope="col">{t('what')}</th><th scope="col">{t('rule')}</th><th scope="col" class="number">{t('items')}</th></tr></thead>
            <tbody>{forecast.days.map((one, i) => <tr key={i}><th scope="row">{date(one.date)}</th><td>{plain(one.field)}</td><td class="mono">{one.rule}</td><td class="number">{number(one.items)}</td></tr>)}</tbody>
          </table>
        </Scroll></div>
      </details>
    </figure>
  )
}

// ---- overview ----

function Figure({ value, label, href, bad }: { value: number; label: string; href: string; bad?: boolean }) {
  return <a class={`figure ${bad ? 'bad' : ''}`} href={href}><strong>{number(value)}</strong><span>{label}</span></a>
}

function Acts({ acts, again }: { acts: Act[]; again: () => void }) {
  const [error, fail] = useState<unknown>()
  if (!acts.length) return null
  return (
    <section class="panel stack">
      <h2 class="ds-heading" data-size="xs">{t('waiting')}</h2>
      <ul class="plain-list lines">{acts.filter((act) => !act.approved).map((act) => (
        <li key={act.id}>
          <span><strong>{plain(act.act)}</strong> <span class="mono quiet">{act.path}</span></span>
          <Button variant="secondary" onClick={() => void post(`/v1/acts/${act.id}/approve`, {}, once()).then(again, fail)}>{t('approve')}</Button>
        </li>
      ))}</ul>
      <Trouble error={error} />
    </section>
  )
}

const WEEK = 7
export function Overview() {
  const loaded = useLoad(async () => {
    const [rows, alarms, breaches, forecast, acts] = await Promise.all([requests(), get<{ alarms: Alarm[] }>('/v1/alarms'),
      get<{ breaches: Breach[] }>('/v1/breaches'), get<Forecast>('/v1/forecast?days=30'), get<{ acts: Act[] }>('/v1/acts'), loadRegister()])
    return { rows, alarms: alarms.alarms, breaches: breaches.breaches, forecast, acts: acts.acts }
  })
  return <Loaded of={loaded}>{({ rows, alarms, breaches, forecast, acts }) => {
    const open = rows.filter((row) => row.state === 'open').sort(worstFirst), over = open.filter((row) => row.overdue)
    const week = forecast.days.filter((one) => daysTo(one.date, now()) <= WEEK).reduce((sum, one) => sum + one.items, 0)
    return (
      <div class="stack wide-gap">
        <Title focus={false}>{t('overview')}</Title>
        {register.value?.destruction_stopped && <Alert color="danger" title={t('stopped')} />}
        {over.length > 0 && <Alert color="danger" title={over.length === 1 ? t('overdueOne') : t('overdueBanner', { count: over.length })}><p>{over.map((row) => <a class="ds-link mono" key={row.id} href={`/admin/requests/${row.id}`}>{row.number} </a>)}</p></Alert>}
        <div class="figures">
          <Figure value={open.length} label={t('openRequests')} href="/admin/requests" bad={over.length > 0} />
          <Figure value={alarms.filter((one) => !one.closed).length} label={t('openAlarms')} href="/admin/alarms" bad={alarms.some((one) => !one.closed)} />
          <Figure value={breaches.filter((one) => !one.closed).length} label={t('openBreaches')} href="/admin/breaches" />
          <Figure value={week} label={t('goingToday')} href="/admin/retention" />
        </div>
        <Acts acts={acts} again={loaded.again} />
        <section class="panel stack">
          <h2 class="ds-heading" data-size="xs">{t('queue')}</h2>
          {open.length ? <RequestTable rows={open.slice(0, 8)} label={t('queue')} /> : <p class="quiet">{t('queueEmpty')}</p>}
        </section>
        <section class="panel stack">
          <h2 class="ds-heading" data-size="xs">{t('ahead', { days: 30 })}</h2>
          {forecast.count ? <Bars forecast={forecast} /> : <p class="quiet">{t('aheadNone', { days: 30 })}</p>}
        </section>
      </div>
    )
  }}</Loaded>
}

// ---- requests ----

const filters = { open: 'filterOpen', unproven: 'filterUnproven', over: 'filterOver', all: 'filterAll' } as const
type Filter = keyof typeof filters
const passes: Record<Filter, (row: Row) => boolean> = {
  open: (row) => row.state === 'open', unproven: (row) => row.state === 'open' && row.identity !== 'proven', over: (row) => !!row.overdue, all: () => true,
}

export function Requests() {
  const [filter, choose] = useState<Filter>('open')
  return <Loaded of={useLoad(requests)}>{(rows) => {
    const shown = rows.filter(passes[filter]).sort(worstFirst)
    return (
      <div class="stack wide-gap">
        <Title>{t('requests')}</Title>
        <div class="chips" role="group" aria-label={t('status')}>
          {(Object.keys(filters) as Filter[]).map((one) => <button type="button" key={one} aria-pressed={filter === one} onClick={() => choose(one)}>{t(filters[one])} <span class="quiet">{number(rows.filter(passes[one]).length)}</span></button>)}
        </div>
        <section class="panel">
          {shown.length ? <RequestTable rows={shown} label={t('requests')} /> : (
            <div class="stack"><p>{rows.length ? t('filterEmpty', { filter: t(filters[filter]) }) : t('queueEmpty')}</p>{rows.length > 0 && <div><Button variant="secondary" onClick={() => choose('all')}>{t('reset')}</Button></div>}</div>
          )}
        </section>
      </div>
    )
  }}</Loaded>
}

const ACCEPTED = 202 // it is done once another has approved it, and it is asked for again
/** An act of the staff: it waits for the receipt, and says what the log holds. */
function useAct(again: () => void) {
  const [state, set] = useState<{ busy?: boolean; error?: unknown; waits?: boolean }>({})
  return { ...state, act: async (path: string, body: object = {}) => {
    set({ busy: true })
    try {
      const answer = await send('POST', path, body, once())
      if (answer.status === ACCEPTED) return set({ waits: true })
      set({})
      again()
    } catch (error) { set({ error }) }
  } }
}

const methods = ['document', 'eid', 'in_person', 'known_contact', 'call_back'] as const
function Prove({ one, again }: { one: Request; again: () => void }) {
  const { busy, error, act } = useAct(again)
  const [subject, name] = useState(one.subject ?? one.signed_in ?? '')
  const [method, by] = useState<(typeof methods)[number]>('document')
  const [reasons, say] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  return (
    <section class="panel stack">
      <h2 class="ds-heading" data-size="xs">{t('proveTitle')}</h2>
      <p class="measure">{t('proveText')} {one.identity === 'mailbox' && t('proveMailbox')}</p>
      <ErrorSummary errors={errors} />
      <div class="measure stack">
        <Field id="subject" label={t('subject')} value={subject} onInput={name} />
        <fieldset class="ds-fieldset">
          <legend class="ds-label" data-weight="medium">{t('method')}</legend>
          {methods.map((one) => <Choice key={one} name="method" value={one} label={t(`method_${one}`)} checked={method === one} onChange={() => by(one)} />)}
        </fieldset>
        <Trouble error={error} />
        <div class="row"><Button busy={busy} onClick={() => void act(`/v1/requests/${one.id}/identity`, { outcome: 'proven', subject, method })}>{t('prove')}</Button></div>
        <details class="ds-details" data-color="neutral">
          <summary>{t('askProof')}</summary>
          <div class="stack">
            <Field id="proof-reasons" label={t('reasons')} help={t('reasonsHelp')} value={reasons} onInput={say} error={errors['proof-reasons']} long />
            <div><Button variant="secondary" busy={busy} onClick={() => { if (reasons.trim().length < 8) return refuse({ 'proof-reasons': t('errReasons') }); refuse({}); void act(`/v1/requests/${one.id}/identity`, { outcome: 'asked', reasons }) }}>{t('askProof')}</Button></div>
          </div>
        </details>
      </div>
    </section>
  )
}

const exceptions: Record<string, string[]> = {
  access: ['unfounded', 'excessive', 'national_law', 'rights_of_others'], portability: ['unfounded', 'excessive', 'national_law', 'nothing_held', 'rights_of_others', 'other_basis'],
  rectify: ['unfounded', 'excessive', 'national_law', 'nothing_held', 'not_wrong'],
  erase: ['legal_duty', 'legal_claims', 'no_ground', 'expression', 'public_health', 'archiving', 'unfounded', 'excessive', 'national_law', 'nothing_held'],
  restrict: ['no_ground', 'unfounded', 'excessive', 'national_law', 'nothing_held'], object: ['compelling_grounds', 'legal_claims', 'no_ground', 'unfounded', 'excessive', 'national_law', 'nothing_held'],
  withdraw: ['no_consent', 'unfounded', 'excessive', 'national_law', 'nothing_held'], complain: ['not_upheld', 'unfounded', 'excessive', 'national_law', 'nothing_held'],
}

function Decide({ one, right, again }: { one: Request; right: Right; again: () => void }) {
  const { busy, error, act } = useAct(again)
  const [outcome, choose] = useState<'granted' | 'refused'>('granted')
  const [exception, except] = useState(exceptions[right.right]?.[0] ?? 'unfounded')
  const [reasons, say] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  const id = `reasons-${right.right}`
  const decide = () => {
    if (reasons.trim().length < 8) return refuse({ [id]: t('errReasons') })
    refuse({})
    void act(`/v1/requests/${one.id}/decision`, { right: right.right, outcome, reasons, ...(outcome === 'refused' ? { exception } : {}) })
  }
  return (
    <section class="panel stack">
      <h2 class="ds-heading" data-size="xs">{t('decideTitle')}: {named('right', right.right)}</h2>
      <ErrorSummary errors={errors} />
      <div class="measure stack">
        <fieldset class="ds-fieldset">
          <legend class="ds-sr-only">{t('decideTitle')}</legend>
          <Choice name={`outcome-${right.right}`} value="granted" label={t('grant')} checked={outcome === 'granted'} onChange={() => choose('granted')} />
          <Choice name={`outcome-${right.right}`} value="refused" label={t('refuse')} checked={outcome === 'refused'} onChange={() => choose('refused')} />
        </fieldset>
        {outcome === 'refused' && (
          <div class="ds-field"><label class="ds-label" data-weight="medium" for={`ex-${right.right}`}>{t('exception')}</label>
            <select class="ds-input" id={`ex-${right.right}`} value={exception} onChange={(event) => except(event.currentTarget.value)}>{(exceptions[right.right] ?? []).map((name) => <option key={name} value={name}>{plain(name)}</option>)}</select></div>
        )}
        <Field id={id} label={t('reasons')} help={t('reasonsHelp')} value={reasons} onInput={say} error={errors[id]} long />
        <Trouble error={error} />
        <div><Button busy={busy} onClick={decide}>{outcome === 'granted' ? t('grant') : t('refuse')}</Button></div>
      </div>
    </section>
  )
}

const Stay = ({ item }: { item: Item }) => <>{item.stays.claim ? t('claim') : item.stays.law}{item.stays.until ? ` ${t('until', { date: date(item.stays.until) })}` : ''}</>
function EraseAct({ one, again }: { one: Request; again: () => void }) {
  const { busy, error, waits, act } = useAct(again)
  const [sure, tick] = useState(false)
  const [errors, refuse] = useState<Record<string, string>>({})
  return <Loaded of={useLoad(() => get<View>(`/v1/subjects/${one.subject}/overview`))}>{(view) => {
    const stays = view.items.filter((item) => item.stays.claim || item.stays.law !== undefined), goes = view.items.filter((item) => !stays.includes(item))
    return (
      <section class="panel stack">
        <h2 class="ds-heading" data-size="xs">{t('dryTitle')}</h2>
        <ErrorSummary errors={errors} />
        <div class="pair">
          <div class="stack"><h3 class="ds-heading" data-size="2xs">{t('goes', { count: number(goes.length) })}</h3><ul class="plain-list lines">{goes.map((item) => <li key={item.id}>{said(item.says, item.field)}</li>)}</ul></div>
          <div class="stack"><h3 class="ds-heading" data-size="2xs">{t('stays', { count: number(stays.length) })}</h3><ul class="plain-list lines">{stays.map((item) => <li key={item.id}><span>{said(item.says, item.field)}</span><span class="quiet"><Stay item={item} /></span></li>)}</ul></div>
        </div>
        <Choice kind="checkbox" name="sure" value="yes" label={t('eraseSure')} checked={sure} onChange={tick} />
        <Trouble error={error} />
        {waits && <Alert color="info" title={t('waits')} live><p>{t('waitsText')}</p></Alert>}
        <div><Button color="danger" busy={busy} onClick={() => { if (!sure) return refuse({ 'sure-yes': t('errSure') }); refuse({}); void act(`/v1/subjects/${one.subject}/erase`, { case: one.id, warned: true }) }}>{t('eraseDo', { count: number(goes.length) })}</Button></div>
      </section>
    )
  }}</Loaded>
}

function CopyAct({ one, right, again }: { one: Request; right: Right; again: () => void }) {
  const [state, set] = useState<{ busy?: boolean; error?: unknown }>({})
  const make = async () => {
    set({ busy: true })
    try {
      const path = right.right === 'access' ? 'access' : 'portability'
      await save(await send('POST', `/v1/subjects/${one.subject}/${path}`, { case: one.id, ...(path === 'access' ? { format: 'html', language: document.documentElement.lang } : {}) }), path === 'access' ? `kopi-${one.number}.html` : `data-${one.number}.json`)
      set({})
      again()
    } catch (error) { set({ error }) }
  }
  return <section class="panel stack"><h2 class="ds-heading" data-size="xs">{named('right', right.right)}</h2><Trouble error={state.error} /><div><Button busy={state.busy} onClick={() => void make()}>{t('copyDo')}</Button></div></section>
}

function Answer({ one, ready, again }: { one: Request; ready: boolean; again: () => void }) {
  const { busy, error, act } = useAct(again)
  const [letter, show] = useState<{ text?: string; error?: unknown }>({})
  const [reasons, say] = useState('')
  const read = async () => {
    try { show({ text: await (await send('POST', `/v1/requests/${one.id}/letter`, { format: 'text', language: document.documentElement.lang === 'nn' ? 'nb' : document.documentElement.lang })).text() }) } catch (problem) { show({ error: problem }) }
  }
  return (
    <section class="panel stack">
      <h2 class="ds-heading" data-size="xs">{t('answerTitle')}</h2>
      <div class="row"><Button variant="secondary" onClick={() => void read()}>{t('letter')}</Button><Button busy={busy} disabled={!ready} onClick={() => void act(`/v1/requests/${one.id}/close`)}>{t('closeRequest')}</Button></div>
      {!ready && <p class="quiet">{t('notYet')}</p>}
      <Trouble error={error ?? letter.error} />
      {letter.text && <Scroll label={t('letter')}><pre class="letter">{letter.text}</pre></Scroll>}
      {!one.extended && <details class="ds-details" data-color="neutral"><summary>{t('extend')}</summary><div class="stack measure"><p>{t('extendText')}</p><Field id="extend" label={t('reasons')} value={reasons} onInput={say} long /><div><Button variant="secondary" busy={busy} disabled={reasons.trim().length < 8} onClick={() => void act(`/v1/requests/${one.id}/extension`, { reasons })}>{t('extendDo')}</Button></div></div></details>}
    </section>
  )
}

function Steps({ one }: { one: Request }) {
  const decided = one.rights.every((right) => right.outcome !== 'open'), acted = one.rights.every((right) => right.outcome === 'refused' || right.outcome === 'joined' || right.done)
  const steps: [keyof typeof keys, boolean][] = [['received', true], ['identity', one.identity === 'proven'], ['decision', decided], ['act', decided && acted], ['answer', one.closed !== null]]
  const keys = { received: 'step_received', identity: 'step_identity', decision: 'step_decision', act: 'step_act', answer: 'step_answer' } as const
  const current = steps.findIndex(([, done]) => !done)
  return <ol class="steps plain-list" aria-label={t('steps')}>{steps.map(([key, done], i) => <li key={key} class={done ? 'done' : ''} aria-current={i === current ? 'step' : undefined}>{done ? <Icon name="check" /> : <span class="dot">{i + 1}</span>}{t(keys[key])}</li>)}</ol>
}

/** "granted:erase" is a decision of a right, "request:received" a step of the request. */
function stepName(step: string): string {
  const [what = '', of = ''] = step.split(':')
  return ['granted', 'partly', 'refused', 'joined'].includes(what) ? `${named('right', of)}: ${named('outcome', what)}` : named('event', `${what}_${of}`.replace(/_$/, ''))
}

export function OneRequest({ id }: { id: string }) {
  const loaded = useLoad(() => get<Request>(`/v1/requests/${id}`), id)
  return <Loaded of={loaded}>{(one) => {
    const open = one.state === 'open', proven = one.identity === 'proven', again = loaded.again
    const undecided = one.rights.filter((right) => right.outcome === 'open'), granted = one.rights.filter((right) => right.outcome === 'granted' && !right.done)
    const words = one.steps.map((step) => step.said?.text).filter(Boolean)
    return (
      <div class="stack wide-gap">
        <div class="row apart">
          <div class="stack tight"><Title>{t('requestTitle', { number: one.number })}</Title><p>{list(one.rights.map((right) => named('right', right.right)))} <Copy text={one.number} /></p></div>
          <div class="stack tight deadline-box"><Deadline day={one.due.legal} closed={one.closed} over={one.is_overdue} /><small class="quiet">{t('legalBasis')}</small></div>
        </div>
        <Steps one={one} />
        {words.length > 0 && <section class="panel stack"><h2 class="ds-heading" data-size="xs">{t('said')}</h2>{words.map((text, i) => <blockquote key={i}>{text}</blockquote>)}</section>}
        {open && !may('officer') && <Alert color="info"><p>{t('readOnly', { scope: 'officer' })}</p></Alert>}
        {open && !proven && <Prove one={one} again={again} />}
        {open && proven && undecided.map((right) => <Decide key={right.right} one={one} right={right} again={again} />)}
        {open && granted.map((right) => right.right === 'erase' ? <EraseAct key="erase" one={one} again={again} /> : right.right === 'access' || right.right === 'portability' ? <CopyAct key={right.right} one={one} right={right} again={again} /> : null)}
        {open && proven && undecided.length === 0 && <Answer one={one} ready={granted.length === 0} again={again} />}
        <section class="panel stack">
          <h2 class="ds-heading" data-size="xs">{t('timeline')}</h2>
          <ul class="plain-list lines">{one.steps.map((step, i) => <li key={i}><span>{stepName(step.step)}{step.said?.reasons && <span class="block quiet">{step.said.reasons}</span>}</span><span class="quiet">{moment(step.at)}</span></li>)}</ul>
          {one.subject && <p><a class="ds-link" href={`/admin/people/${one.subject}`}>{t('person', { id: short(one.subject) })}</a></p>}
        </section>
      </div>
    )
  }}</Loaded>
}

// ---- people ----

export function People() {
  const [kind, choose] = useState('number')
  const [field, name] = useState('contact.email')
  const [value, write] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  const [state, set] = useState<{ busy?: boolean; error?: unknown; ids?: string[] }>({})
  const find = async (event: Event) => {
    event.preventDefault()
    if (!value.trim()) return refuse({ value: t('errValue') })
    refuse({})
    set({ busy: true })
    try {
      const { ids } = await post<{ ids: string[] }>('/v1/subjects/find', { kind: kind === 'number' ? 'number' : field, value })
      if (ids.length === 1) go(`/admin/people/${ids[0]}`)
      set({ ids })
    } catch (error) { set({ error }) }
  }
  return (
    <form class="stack wide-gap" onSubmit={(event) => void find(event)} noValidate>
      <Title>{t('findTitle')}</Title>
      <ErrorSummary errors={errors} />
      <section class="panel stack">
        <div class="measure stack">
          <fieldset class="ds-fieldset">
            <legend class="ds-label" data-weight="medium">{t('kind')}</legend>
            <Choice name="kind" value="number" label={t('kindNumber')} checked={kind === 'number'} onChange={() => choose('number')} />
            <Choice name="kind" value="field" label={t('kindField')} checked={kind === 'field'} onChange={() => choose('field')} />
          </fieldset>
          {kind === 'field' && <Field id="field" label={t('kindField')} value={field} onInput={name} />}
          <Field id="value" label={t('value')} help={t('findHelp')} value={value} onInput={write} error={errors.value} />
          <Trouble error={state.error} />
          <div><Button type="submit" busy={state.busy}>{t('find')}</Button></div>
        </div>
      </section>
      <div role="status">{state.ids && (state.ids.length
        ? <ul class="plain-list lines panel">{state.ids.map((id) => <li key={id}><a class="ds-link mono" href={`/admin/people/${id}`}>{short(id)}</a></li>)}</ul>
        : <p class="panel">{t('noPerson')}</p>)}</div>
    </form>
  )
}

interface Values { log_index: number; items: { id: string; allowed: boolean; value?: string }[] }

/** From the day of the oldest item to the last end that is known; what has none runs off the edge. */
function Life({ view }: { view: View }) {
  const ends = view.items.flatMap((item) => item.purposes.map((ground) => ground.ends).concat(item.ends)).filter((end): end is string => !!end).map(Date.parse)
  const from = Math.min(...view.items.map((item) => Date.parse(item.collected)), Date.parse(view.now)), to = Math.max(...ends, Date.parse(view.now) + 31536e6)
  const x = (time: number) => 600 * (time - from) / (to - from), row = 26, height = view.items.length * row
  const label = t('lifeLabel', { count: number(view.items.length), from: date(new Date(from).toISOString()), to: date(new Date(to).toISOString()) })
  if (!view.items.length) return null
  return (
    <figure class="stack">
      <div class="life">
        <ul class="plain-list">{view.items.map((item) => <li key={item.id}>{said(item.says, item.field)}</li>)}</ul>
        <svg viewBox={`0 0 600 ${height}`} height={height} role="img" aria-label={label} preserveAspectRatio="none">
          <line class="now" x1={x(Date.parse(view.now))} y1="0" x2={x(Date.parse(view.now))} y2={height} />
          {view.items.map((item, i) => {
            const end = item.ends ? x(Date.parse(item.ends)) : 600, law = item.stays.until ? x(Date.parse(item.stays.until)) : 0
            return <g key={item.id}><rect class={item.ends ? 'known' : 'open'} x={x(Date.parse(item.collected))} y={i * row + 6} width={Math.max(2, end - x(Date.parse(item.collected)))} height="12" rx="2" />{law > 0 && <rect class="law" x={x(Date.parse(item.collected))} y={i * row + 18} width={Math.max(2, law - x(Date.parse(item.collected)))} height="4" />}</g>
          })}
        </svg>
      </div>
      <figcaption class="row apart quiet"><span>{date(new Date(from).toISOString())}</span><span>{date(new Date(to).toISOString())}</span></figcaption>
    </figure>
  )
}

export function Person({ id }: { id: string }) {
  const [values, keep] = useState<Values | undefined>()
  const [purpose, choose] = useState('')
  const [error, fail] = useState<unknown>()
  const loaded = useLoad(async () => ({ view: await get<View>(`/v1/subjects/${id}/overview`), uses: (await get<{ uses: Use[] }>(`/v1/subjects/${id}/uses`)).uses }), id)
  const reveal = async () => {
    fail(undefined)
    try { keep(await post<Values>(`/v1/subjects/${id}/read`, { purpose })); loaded.again() } catch (problem) { fail(problem) }
  }
  return <Loaded of={loaded}>{({ view, uses }) => {
    const why = (name: string) => said(view.purposes.find((one) => one.purpose === name)?.says, name)
    const chosen = purpose || view.purposes[0]?.purpose || ''
    if (!purpose && chosen) choose(chosen)
    return (
      <div class="stack wide-gap">
        <div class="row"><Title>{t('person', { id: short(id) })}</Title><Copy text={id} /></div>
        <section class="panel stack">
          <div class="row apart">
            <h2 class="ds-heading" data-size="xs">{t('tabData')}</h2>
            {values && <Button variant="secondary" onClick={() => keep(undefined)}>{t('hide')}</Button>}
          </div>
          <div class="row reveal">
            <div class="ds-field"><label class="ds-label" data-weight="medium" for="purpose">{t('purposeFor')}</label>
              <select class="ds-input" id="purpose" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>{view.purposes.map((one) => <option key={one.purpose} value={one.purpose}>{said(one.says, one.purpose)}</option>)}</select></div>
            <Button onClick={() => void reveal()}>{t('reveal')}</Button>
          </div>
          <p class="quiet">{t('revealText')}</p>
          <Trouble error={error} />
          {values && <p role="status" class="row quiet"><Icon name="check" />{t('entry', { index: number(values.log_index) })}</p>}
          <Scroll label={t('tabData')}>
            <table class="ds-table" data-color="neutral" data-size="sm">
              <thead><tr><th scope="col">{t('what')}</th><th scope="col">{t('value')}</th><th scope="col">{t('why')}</th><th scope="col">{t('ends')}</th></tr></thead>
              <tbody>{view.items.map((item) => { const value = values?.items.find((one) => one.id === item.id); return (
                <tr key={item.id}>
                  <th scope="row">{said(item.says, item.field)}</th>
                  <td>{value ? value.allowed ? value.value : <span class="quiet">{t('withheld')}</span> : <span class="masked" aria-label={t('masked')} role="img">••••••</span>}</td>
                  <td>{item.purposes.map((ground) => <span class="block" key={ground.purpose}>{why(ground.purpose)} <span class="quiet">{named('basis', ground.basis)}</span></span>)}</td>
                  <td>{item.ends ? date(item.ends) : t('pending')}{item.stays.law !== undefined && <span class="block quiet"><Stay item={item} /></span>}</td>
                </tr>
              ) })}</tbody>
            </table>
          </Scroll>
        </section>
        <section class="panel stack"><h2 class="ds-heading" data-size="xs">{t('lifeTitle')}</h2><Life view={view} /></section>
        <section class="panel stack">
          <h2 class="ds-heading" data-size="xs">{t('tabChoices')}</h2>
          <ul class="plain-list lines">{view.purposes.filter((one) => one.basis === 'consent' || one.stopped).map((one) => <li key={one.purpose}><span>{said(one.says, one.purpose)}</span>{one.stopped ? <Tag color="warning">{t('stoppedBy')}</Tag> : <Tag>{t('consent')}: {one.consented ? t('yes') : t('no')}</Tag>}</li>)}</ul>
        </section>
        <section class="panel stack">
          <h2 class="ds-heading" data-size="xs">{t('tabUses')}</h2>
          {uses.length === 0 ? <p class="quiet">{t('usesNone')}</p> : (
            <Scroll label={t('tabUses')}>
              <table class="ds-table" data-color="neutral" data-size="sm">
                <thead><tr><th scope="col">{t('when')}</th><th scope="col">{t('who')}</th><th scope="col">{t('did')}</th><th scope="col">{t('purposeFor')}</th></tr></thead>
                <tbody>{uses.map((use) => <tr key={use.index}><th scope="row">{moment(use.at)}</th><td>{use.roles?.length ? list(use.roles.map(plain)) : plain(use.by)}</td><td>{plain(use.action)} · {use.decision === 'refuse' ? t('refusedUse') : t('allowedUse')}</td><td>{use.purpose ? why(use.purpose) : '–'}</td></tr>)}</tbody>
              </table>
            </Scroll>
          )}
        </section>
      </div>
    )
  }}</Loaded>
}

// ---- policy ----

interface Finding { severity: string; rule: string; file?: string; line?: number; text: string; suggestion?: string; article?: string }
interface Effect { people: number; closes: number; opens: number; erases: number; problems?: Finding[] }
interface Version { version: string; standing: string; effective?: string; hash: string; in_force: boolean }

function Findings({ rows, text }: { rows: Finding[]; text: string }) {
  const lines = text.split('\n')
  if (!rows.length) return <p class="quiet">{t('noFindings')}</p>
  return (
    <ul class="plain-list lines">{rows.map((one, i) => (
      <li key={i} class="finding">
        <span class="row"><Tag color={one.severity === 'error' ? 'danger' : one.severity === 'warning' ? 'warning' : 'info'}>{named('severity', one.severity)}</Tag>{one.line ? <strong>{t('line', { line: one.line })}</strong> : null}<span class="quiet mono">{one.rule}</span></span>
        {one.line && lines[one.line - 1] ? <code class="excerpt">{lines[one.line - 1]}</code> : null}
        <span>{one.text}</span>
        {one.suggestion && <span class="row"><code>{one.suggestion}</code><Copy text={one.suggestion} /></span>}
      </li>
    ))}</ul>
  )
}
const problems = (error: unknown): Finding[] | undefined => (error as { problem?: { problems?: Finding[] } }).problem?.problems

export function Policy() {
  const [draft, write] = useState('')
  const [state, set] = useState<{ busy?: boolean; error?: unknown; effect?: Effect; found?: Finding[] }>({})
  const loaded = useLoad(async () => {
    const { versions } = await get<{ versions: Version[] }>('/v1/policy')
    const current = versions.find((one) => one.in_force) ?? versions[0]!
    const whole = await post<{ policy: string; deployment?: string }>('/v1/policy/text', { version: current.version })
    return { versions, current, text: whole.policy }
  })
  const preview = async () => {
    set({ busy: true })
    try { const effect = await post<Effect>('/v1/policy/preview', { policy: draft }); set({ effect, found: effect.problems ?? [] }) } catch (error) {
      const found = problems(error)
      set(found ? { found } : { error })
    }
  }
  return <Loaded of={loaded}>{({ versions, current, text }) => (
    <div class="stack wide-gap">
      <div class="stack tight"><Title>{t('policyTitle')}</Title><p class="quiet">{t('version', { version: current.version })} · {current.effective ? t('inForce', { date: date(current.effective) }) : ''} · <span class="mono">{current.hash.slice(0, 16)}</span> <Copy text={current.hash} /></p></div>
      {may('administer') && (
        <section class="panel stack">
          <h2 class="ds-heading" data-size="xs">{t('draftTitle')}</h2>
          <p class="measure">{t('draftText')}</p>
          <Field id="draft" label={t('draft')} value={draft} onInput={write} long />
          <div class="row"><Button busy={state.busy} disabled={!draft.trim()} onClick={() => void preview()}>{t('preview')}</Button><Button variant="tertiary" onClick={() => write(text)}>{t('version', { version: current.version })}</Button></div>
          <Trouble error={state.error} />
          <div role="status" class="stack">
            {state.effect && <Alert color={state.effect.erases ? 'warning' : 'info'}><p>{t('effect', { people: number(state.effect.people), closes: number(state.effect.closes), opens: number(state.effect.opens), erases: number(state.effect.erases) })}</p></Alert>}
            {state.found && <><h3 class="ds-heading" data-size="2xs">{t('findings')}</h3><Findings rows={state.found} text={draft} /></>}
          </div>
        </section>
      )}
      <section class="panel stack">
        <h2 class="ds-heading" data-size="xs">{t('policy')}</h2>
        <Scroll label={t('policy')}><pre class="source"><code>{text.split('\n').map((line, i) => <span class={line.trim().startsWith('#') ? 'comment' : ''} key={i}>{line || ' '}{'\n'}</span>)}</code></pre></Scroll>
      </section>
      <section class="panel stack"><h2 class="ds-heading" data-size="xs">{t('versions')}</h2><ul class="plain-list lines">{versions.map((one) => <li key={one.hash}><strong>{one.version}</strong><span class="quiet">{named('standing', one.standing)}{one.effective ? ` · ${date(one.effective)}` : ''}</span></li>)}</ul></section>
    </div>
  )}</Loaded>
}

// ---- retention ----

export function Retention() {
  return <Loaded of={useLoad(() => get<Forecast>('/v1/forecast?days=400'))}>{(forecast) => (
    <div class="stack wide-gap"><Title>{t('retention')}</Title><section class="panel stack"><h2 class="ds-heading" data-size="xs">{t('ahead', { days: 400 })}</h2>{forecast.count ? <Bars forecast={forecast} /> : <p class="quiet">{t('aheadNone', { days: 400 })}</p>}</section></div>
  )}</Loaded>
}

// ---- recipients ----

interface Recipient { recipient: string; kind: string; says?: Record<string, string>; closed: boolean; purposes: { purpose: string; basis: string; law?: string }[]; categories: string[] }
export function Recipients() {
  return <Loaded of={useLoad(() => get<{ recipients: Recipient[] }>('/v1/recipients'))}>{({ recipients }) => (
    <div class="stack wide-gap">
      <Title>{t('recipients')}</Title>
      <section class="panel">
        {recipients.length === 0 ? <p>{t('recipientsNone')}</p> : (
          <Scroll label={t('recipients')}>
            <table class="ds-table" data-color="neutral" data-size="sm">
              <thead><tr><th scope="col">{t('recipient')}</th><th scope="col">{t('why')}</th><th scope="col">{t('gives')}</th></tr></thead>
              <tbody>{recipients.map((one) => (
                <tr key={one.recipient}>
                  <th scope="row">{said(one.says, one.recipient)}<span class="block quiet">{named('kind', one.kind)}</span>{one.closed && <Tag color="warning">{t('recipientClosed')}</Tag>}</th>
                  <td>{one.purposes.map((row) => <span class="block" key={row.purpose}>{plain(row.purpose)} <span class="quiet">{row.law ?? named('basis', row.basis)}</span></span>)}</td>
                  <td>{list(one.categories.map(plain))}</td>
                </tr>
              ))}</tbody>
            </table>
          </Scroll>
        )}
      </section>
    </div>
  )}</Loaded>
}

// ---- the log ----

interface Entry { ac: string; at: number; de?: string; pu?: string; by?: string; su?: string; ru?: string }
interface Checked { size: number; root: string; kept?: number; rows: { index: number; entry: Entry; text: string }[] }

async function checkLog(kept: string): Promise<Checked> {
  verify.forget()
  const point = verify.parse(await verify.text('/v1/log/checkpoint'))
  await verify.checkSignature(point, await verify.text('/v1/log/key'))
  await verify.checkRoot(point)
  const old = kept.trim() ? verify.parse(kept.trimStart()) : undefined
  if (old) { await verify.checkSignature(old, await verify.text('/v1/log/key')); await verify.checkRoot(old, point.size, 'kept') }
  const bundle = Math.floor((point.size - 1) / verify.TILE), found = await verify.entries(bundle, Math.min(verify.TILE, point.size - bundle * verify.TILE))
  await verify.checkEntries(bundle, found, point.size)
  const rows = found.map((bytes, i) => { const text = new TextDecoder().decode(bytes); return { index: bundle * verify.TILE + i, text, entry: JSON.parse(text) as Entry } }).reverse()
  return { size: point.size, root: btoa(String.fromCharCode(...point.root)), rows, ...(old ? { kept: old.size } : {}) }
}

export function Log() {
  const [kept, paste] = useState('')
  const [state, set] = useState<{ busy?: boolean; error?: unknown; checked?: Checked }>({})
  const check = async () => {
    set({ busy: true })
    try { set({ checked: await checkLog(kept) }) } catch (error) { set({ error }) }
  }
  const { error, checked } = state
  return (
    <div class="stack wide-gap">
      <Title>{t('logTitle')}</Title>
      <p class="measure">{t('logText')}</p>
      <section class="panel stack">
        <div class="measure"><Field id="kept" label={t('keptRoot')} help={t('keptHelp')} value={kept} onInput={paste} long /></div>
        {globalThis.isSecureContext ? <div><Button busy={state.busy} onClick={() => void check()}>{t('verify')}</Button></div> : <Alert color="warning"><p>{t('insecure')}</p></Alert>}
        {error instanceof verify.Broken
          ? <Alert color="danger" title={t('broken')} live><p>{error.what === 'entry' ? t('broken_entry', { index: number(error.index) }) : t(`broken_${error.what}`)}</p><p>{t('brokenDo')}</p></Alert>
          : <Trouble error={error} />}
        {checked && <Alert color="success" title={t('verified')} live><p>{t('verifiedText', { count: number(checked.size), root: checked.root })}</p>{checked.kept !== undefined && <p>{t('consistent', { count: number(checked.kept) })}</p>}</Alert>}
        {!checked && !error && <p class="quiet">{t('unverified')}</p>}
      </section>
      {checked && (
        <section class="panel stack">
          <h2 class="ds-heading" data-size="xs">{t('newest', { count: number(checked.rows.length) })}</h2>
          <ul class="plain-list entries">{checked.rows.map(({ index, entry, text }) => (
            <li key={index}>
              <details class="ds-details" data-color="neutral">
                <summary><span class="entry"><Icon name="check" /><span class="number">{number(index)}</span><span><strong>{plain(entry.ac)}</strong>{entry.pu ? ` · ${plain(entry.pu)}` : ''}{entry.su ? <span class="mono quiet"> {short(entry.su)}</span> : ''}</span>{entry.de === 'refuse' && <Tag color="warning">{t('refusedUse')}</Tag>}<span class="quiet">{moment(new Date(entry.at).toISOString())}</span></span></summary>
                <div class="stack"><h3 class="ds-heading" data-size="2xs">{t('raw')}</h3><pre class="letter">{JSON.stringify(JSON.parse(text), null, 2)}</pre></div>
              </details>
            </li>
          ))}</ul>
        </section>
      )}
    </div>
  )
}

// ---- breaches and alarms ----

const natures = ['confidentiality', 'integrity', 'availability'] as const
const HOURS = 72
export function Breaches() {
  const loaded = useLoad(() => get<{ breaches: Breach[] }>('/v1/breaches'))
  const { busy, error, act } = useAct(loaded.again)
  const [text, write] = useState('')
  const [nature, choose] = useState<string[]>(['confidentiality'])
  const [errors, refuse] = useState<Record<string, string>>({})
  return <Loaded of={loaded}>{({ breaches }) => (
    <div class="stack wide-gap">
      <Title>{t('breaches')}</Title>
      <section class="panel stack">
        {breaches.length === 0 ? <p class="quiet">{t('breachNone')}</p> : (
          <Scroll label={t('breaches')}><table class="ds-table" data-color="neutral" data-size="sm">
            <thead><tr><th scope="col">{t('number')}</th><th scope="col">{t('notifyBy')}</th><th scope="col">{t('status')}</th></tr></thead>
            <tbody>{breaches.map((one) => { const until = one.aware ? Date.parse(one.aware) + HOURS * 36e5 : undefined, left = until ? Math.floor((until - Date.parse(now())) / 36e5) : 0; return (
              <tr key={one.id}><th scope="row" class="mono">{one.number ?? short(one.id)}</th><td>{until ? <span class={`deadline-cell ${left < 0 ? 'over' : left < 24 ? 'soon' : ''}`}>{moment(new Date(until).toISOString())} · {left < 0 ? t('hoursOver', { count: -left }) : t('hoursLeft', { count: left })}</span> : '–'}</td><td><Tag color={one.closed ? 'neutral' : 'info'}>{one.closed ? t('alarmClosed') : t('alarmOpen')}</Tag></td></tr>
            ) })}</tbody>
          </table></Scroll>
        )}
      </section>
      <section class="panel stack">
        <h2 class="ds-heading" data-size="xs">{t('breachNew')}</h2>
        <p class="measure">{t('breachClock')}</p>
        <ErrorSummary errors={errors} />
        <div class="measure stack">
          <Field id="what" label={t('breachWhat')} value={text} onInput={write} error={errors.what} long />
          <fieldset class="ds-fieldset"><legend class="ds-label" data-weight="medium">{t('breachNature')}</legend>
            {natures.map((one) => <Choice key={one} kind="checkbox" name="nature" value={one} label={t(`nature_${one}`)} checked={nature.includes(one)} onChange={(yes) => choose(yes ? [...nature, one] : nature.filter((other) => other !== one))} />)}</fieldset>
          <Trouble error={error} />
          <div><Button busy={busy} onClick={() => { if (!text.trim()) return refuse({ what: t('errBreach') }); refuse({}); void act('/v1/breaches', { nature, description: text, all: true }) }}>{t('breachRecord')}</Button></div>
        </div>
      </section>
    </div>
  )}</Loaded>
}

function AlarmRow({ one, again }: { one: Alarm; again: () => void }) {
  const { busy, error, act } = useAct(again)
  const [why, say] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  const id = `why-${one.id}`
  return (
    <li class="panel stack">
      <div class="row apart"><h2 class="ds-heading" data-size="xs">{plain(one.kind)}{one.name ? `: ${plain(one.name)}` : ''}</h2><Tag color={one.closed ? 'neutral' : 'danger'}>{one.closed ? t('alarmClosed') : t('alarmOpen')}</Tag></div>
      <p class="quiet">{t('since')} {moment(one.since)}{one.rule ? <> · <span class="mono">{one.rule}</span></> : ''}</p>
      {!one.closed && <details class="ds-details" data-color="neutral"><summary>{t('alarmClose')}</summary><div class="stack measure"><ErrorSummary errors={errors} /><Field id={id} label={t('alarmWhy')} value={why} onInput={say} error={errors[id]} /><Trouble error={error} /><div><Button variant="secondary" busy={busy} onClick={() => { if (why.trim().length < 4) return refuse({ [id]: t('errWhy') }); refuse({}); void act(`/v1/alarms/${one.id}/close`, { why }) }}>{t('alarmClose')}</Button></div></div></details>}
    </li>
  )
}
export function Alarms() {
  const loaded = useLoad(() => get<{ alarms: Alarm[] }>('/v1/alarms'))
  return <Loaded of={loaded}>{({ alarms }) => (
    <div class="stack wide-gap"><Title>{t('alarms')}</Title>{alarms.length ? <ul class="plain-list stack">{[...alarms].sort((a, b) => Number(!!a.closed) - Number(!!b.closed)).map((one) => <AlarmRow key={one.id} one={one} again={loaded.again} />)}</ul> : <p class="panel">{t('alarmNone')}</p>}</div>
  )}</Loaded>
}
