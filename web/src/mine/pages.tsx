// What a person sees and does: their data, uses, choices and requests.
import { useState } from 'preact/hooks'
import { ApiError, get, once, post, send, session } from '../shared/api'
import { date, daysTo, list, moment, number, plain, said } from '../shared/language'
import { Alert, Button, Choice, ErrorSummary, Field, Icon, type IconName, Loaded, save, Tag, Title, Trouble, useLoad } from '../shared/ui'
import { type Item, loadOverview, type Overview, overview, type Purpose, type Request, requests, type Taken, type Use } from './data'
import { named, t } from './words'

const what = (item: Item) => said(item.says, item.field)
const purposeOf = (view: Overview, name: string) => view.purposes.find((one) => one.purpose === name)
const why = (view: Overview, name: string) => said(purposeOf(view, name)?.says, name)
const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const many = (count: number, one: 'item' | 'purpose') => count === 1 ? t(one) : t(`${one}s`, { count: number(count) })
const fresh = (error: unknown) => error instanceof ApiError && error.status === 403 && !error.problem.rule

/** The page's own trouble; one that a new sign-in mends leads there. */
function Failed({ error }: { error: unknown }) {
  if (!fresh(error)) return <Trouble error={error} />
  return (
    <Alert color="warning" live>
      <p>{t('fresh')}</p>
      <p><a class="ds-button" data-variant="secondary" href={`/r/${session.value?.register}/sign-in`}>{t('signInAgain')}</a></p>
    </Alert>
  )
}

// ---- the first page ----

const tiles: [path: string, icon: IconName, key: 'see' | 'download' | 'correct' | 'erase' | 'limit' | 'uses' | 'choices' | 'requests'][] = [
  ['data', 'eye', 'see'], ['download', 'download', 'download'], ['correct', 'pen', 'correct'], ['erase', 'bin', 'erase'],
  ['limit', 'hand', 'limit'], ['uses', 'people', 'uses'], ['choices', 'mail', 'choices'], ['requests', 'clock', 'requests'],
]

function Deadline({ now }: { now: string }) {
  const loaded = useLoad(requests)
  const open = (loaded.value ?? []).filter((one) => one.state === 'open').sort((a, b) => a.legal.localeCompare(b.legal))
  if (!open.length) return null
  return (
    <a class="deadline" href="/mine/requests">
      <Icon name="clock" />
      <span class="stack">
        <strong>{open.length === 1 ? t('openOne') : t('open', { count: open.length })}</strong>
        <span>{t('answerBy', { date: date(open[0]!.legal) })} · {t('daysLeft', { count: daysTo(open[0]!.legal + 'T23:59:59Z', now) })}</span>
      </span>
    </a>
  )
}

export function Home() {
  return <Loaded of={useLoad(loadOverview)}>{(view) => {
    const used = new Set(view.items.flatMap((item) => item.purposes.map((ground) => ground.purpose)))
    return (
      <div class="stack wide-gap">
        <div class="stack">
          <Title focus={false}>{view.items.length ? t('hello', { items: many(view.items.length, 'item'), purposes: many(used.size, 'purpose') }) : t('nothing')}</Title>
          <p class="quiet">{view.items.length ? t('by', { names: list(view.controllers.map((one) => one.name ?? plain(one.id))) }) : t('nothingText')}</p>
        </div>
        <Deadline now={view.now} />
        <nav aria-label={t('product')}>
          <ul class="tiles plain-list">
            {tiles.map(([path, icon, key]) => (
              <li key={path}>
                <a class="tile" href={`/mine/${path}`}>
                  <Icon name={icon} />
                  <span class="tile-title">{t(`${key}Title`)}</span>
                  <span class="quiet">{t(`${key}Text`)}</span>
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
    )
  }}</Loaded>
}

// ---- my data ----

const ending = (view: Overview, item: Item) => item.ends
  ? date(item.ends)
  : <>{t('pending')}{item.purposes.filter((ground) => ground.ends).map((ground) => <span class="quiet block" key={ground.purpose}>{why(view, ground.purpose)}: {date(ground.ends!)}</span>)}</>
const from = (item: Item) => said(item.source_says, '') || named('from', item.source_kind ?? 'person')

function ItemRow({ view, item }: { view: Overview; item: Item }) {
  return (
    <tr>
      <th scope="row">
        {upper(what(item))}
        {item.restricted && <span class="block"><Tag color="warning">{t('restricted')}</Tag></span>}
      </th>
      <td data-label={t('colWhy')}>
        <ul class="plain-list stack tight">
          {item.purposes.map((ground) => (
            <li key={ground.purpose}>{why(view, ground.purpose)}<span class="quiet block">{named('basis', ground.basis)}{purposeOf(view, ground.purpose)?.law ? `: ${purposeOf(view, ground.purpose)!.law}` : ''}</span></li>
          ))}
        </ul>
      </td>
      <td data-label={t('colFrom')}>{from(item)}<span class="quiet block">{t('got', { date: date(item.collected) })}</span></td>
      <td data-label={t('colUntil')}>{ending(view, item)}</td>
    </tr>
  )
}

export function Data() {
  return <Loaded of={useLoad(loadOverview)}>{(view) => {
    const groups = Object.groupBy(view.items, (item) => item.category ?? item.field)
    return (
      <div class="stack wide-gap">
        <div class="row apart">
          <Title>{t('dataTitle')}</Title>
          <div class="no-print"><Button variant="tertiary" onClick={() => print()}>{t('print')}</Button></div>
        </div>
        <p class="measure">{view.asks_identity.access ? t('dataIntro') : t('dataIntroOpen')} <a class="ds-link" href="/mine/download">{t('downloadTitle')}</a></p>
        {Object.entries(groups).map(([category, items]) => (
          <section class="panel stack" key={category} aria-labelledby={`group-${category}`}>
            <h2 class="ds-heading" data-size="xs" id={`group-${category}`}>{said(items![0]!.category_says, category)}</h2>
            <table class="ds-table cards" data-color="neutral" data-size="sm">
              <thead><tr><th scope="col">{t('colWhat')}</th><th scope="col">{t('colWhy')}</th><th scope="col">{t('colFrom')}</th><th scope="col">{t('colUntil')}</th></tr></thead>
              <tbody>{items!.map((item) => <ItemRow key={item.id} view={view} item={item} />)}</tbody>
            </table>
          </section>
        ))}
        {!view.items.length && <p>{t('nothingText')}</p>}
      </div>
    )
  }}</Loaded>
}

// ---- a request to the desk ----

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

function useAsk() {
  const [state, set] = useState<{ busy?: boolean; error?: unknown; taken?: Taken }>({})
  const ask = async (rights: string[], text?: string) => {
    set({ busy: true })
    try { set({ taken: await post<Taken>('/v1/me/requests', text ? { rights, text } : { rights }) }) } catch (error) { set({ error }) }
  }
  return { ...state, ask }
}

// ---- download ----

function Files({ case_, number }: { case_?: string; number?: string }) {
  const [error, fail] = useState<unknown>()
  const give = (path: string, body: object, name: string) => async () => {
    fail(undefined)
    try { await save(await send('POST', path, case_ ? { ...body, case: case_ } : body), name) } catch (problem) { fail(problem) }
  }
  return (
    <div class="stack">
      {number && <h2 class="ds-heading" data-size="xs">{t('underRequest', { number })}</h2>}
      <div class="row">
        <Button onClick={give('/v1/me/access', { format: 'html', language: document.documentElement.lang }, 'mine-opplysninger.html')}>{t('page')}</Button>
        <Button variant="secondary" onClick={give('/v1/me/access', {}, 'mine-opplysninger.json')}>{t('dataFile')}</Button>
        <Button variant="secondary" onClick={give('/v1/me/portability', {}, 'data-til-annet-system.json')}>{t('portable')}</Button>
      </div>
      <Failed error={error} />
    </div>
  )
}

export function Download() {
  const ask = useAsk()
  const loaded = useLoad(async () => ({ view: await loadOverview(), list: await requests() }))
  if (ask.taken) return <Receipt taken={ask.taken} />
  return <Loaded of={loaded}>{({ view, list }) => {
    const proven = list.filter((one) => one.rights.some((right) => right === 'access' || right === 'portability') && one.identity === 'proven')
    return (
      <div class="stack wide-gap">
        <Title>{t('downloadTitle')}</Title>
        <p class="measure">{t('downloadIntro')}</p>
        {!view.asks_identity.access && <section class="panel"><Files /></section>}
        {proven.map((one) => <section class="panel" key={one.id}><Files case_={one.id} number={one.number} /></section>)}
        {view.asks_identity.access && (
          <section class="panel stack">
            <h2 class="ds-heading" data-size="xs">{t('needsProof')}</h2>
            <p class="measure">{t('needsProofText')}</p>
            <div class="row">
              <Button busy={ask.busy} onClick={() => void ask.ask(['access'])}>{t('askCopy')}</Button>
              <Button variant="secondary" busy={ask.busy} onClick={() => void ask.ask(['portability'])}>{t('askPortable')}</Button>
            </div>
            <Failed error={ask.error} />
          </section>
        )}
      </div>
    )
  }}</Loaded>
}

// ---- correct ----

export function Correct() {
  const ask = useAsk()
  const loaded = useLoad(loadOverview)
  const [chosen, choose] = useState('')
  const [right, write] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  const [checking, check] = useState(false)
  if (ask.taken) return <Receipt taken={ask.taken} />
  return <Loaded of={loaded}>{(view) => {
    const rows = [...new Map(view.items.map((item) => [item.field, upper(what(item))])).entries()]
    const label = chosen === 'other' ? t('other') : rows.find(([field]) => field === chosen)?.[1] ?? ''
    const proceed = (event: Event) => {
      event.preventDefault()
      const found: Record<string, string> = {}
      if (!chosen) found[`what-${rows[0]?.[0] ?? 'other'}`] = t('errWhat')
      if (!right.trim()) found.right = t('errRight')
      refuse(found)
      check(!Object.keys(found).length)
    }
    if (checking) return (
      <div class="stack wide-gap">
        <Title key="check">{t('checkTitle')}</Title>
        <dl class="answers panel">
          <div><dt>{t('correctWhat')}</dt><dd>{label}</dd><dd><button type="button" class="ds-link" onClick={() => check(false)}>{t('change')}<span class="ds-sr-only"> {t('correctWhat')}</span></button></dd></div>
          <div><dt>{t('correctRight')}</dt><dd class="typed">{right}</dd><dd><button type="button" class="ds-link" onClick={() => check(false)}>{t('change')}<span class="ds-sr-only"> {t('correctRight')}</span></button></dd></div>
        </dl>
        <Failed error={ask.error} />
        <div><Button busy={ask.busy} onClick={() => void ask.ask(['rectify'], `${chosen}: ${right}`)}>{t('sendRequest')}</Button></div>
      </div>
    )
    return (
      <form class="stack wide-gap" onSubmit={proceed} noValidate>
        <Title>{t('correctTitle')}</Title>
        <ErrorSummary errors={errors} />
        <p class="measure">{t('correctIntro')}</p>
        <fieldset class="ds-fieldset">
          <legend class="ds-label" data-weight="medium">{t('correctWhat')}</legend>
          {[...rows, ['other', t('other')] as const].map(([field, name]) => (
            <Choice key={field} name="what" value={field} label={name} checked={chosen === field} onChange={() => choose(field)} />
          ))}
          {Object.keys(errors).some((id) => id.startsWith('what-')) && <p class="ds-validation-message">{t('errWhat')}</p>}
        </fieldset>
        <Field id="right" label={t('correctRight')} help={t('correctHelp')} value={right} onInput={write} error={errors.right} long />
        <div><Button type="submit">{t('go')}</Button></div>
      </form>
    )
  }}</Loaded>
}

// ---- erase ----

interface Erased { whole?: boolean; receipt?: unknown; log_index: number; items?: { id: string; field: string; erased: boolean; law?: string; until?: string }[] }

function Fate({ rows, icon, title, children }: { rows: { name: string; note?: string }[]; icon: IconName; title: string; children: preact.ComponentChildren }) {
  return (
    <section class="panel stack fate">
      <h2 class="ds-heading row" data-size="xs"><Icon name={icon} />{title}</h2>
      <p class="quiet">{children}</p>
      {rows.length > 0 && <ul class="plain-list lines">{rows.map((row, i) => <li key={i}><span>{row.name}</span>{row.note && <span class="quiet">{row.note}</span>}</li>)}</ul>}
    </section>
  )
}

const stayNote = ({ stays }: Item) => stays.claim ? t('staysClaim') : stays.until ? t('staysUntil', { law: stays.law ?? '', date: date(stays.until) }) : t('staysLaw', { law: stays.law ?? '' })

export function Erase() {
  const ask = useAsk()
  const [understood, understand] = useState(false)
  const [errors, refuse] = useState<Record<string, string>>({})
  const [state, set] = useState<{ busy?: boolean; error?: unknown; done?: Erased }>({})
  const loaded = useLoad(async () => ({ view: await loadOverview(), list: await requests() }))
  if (ask.taken) return <Receipt taken={ask.taken} />
  if (state.done) return (
    <div class="stack wide-gap">
      <div class="receipt panel stack">
        <Icon name="check" />
        <Title>{t('erased')}</Title>
        <p class="measure">{t('erasedText')}</p>
        <div><Button onClick={() => void save(new Response(JSON.stringify(state.done!.receipt ?? state.done, null, 2)), 'kvittering.json')}>{t('saveReceipt')}</Button></div>
      </div>
    </div>
  )
  return <Loaded of={loaded}>{({ view, list }) => {
    const stays = view.items.filter((item) => item.stays.claim || item.stays.law !== undefined)
    const goes = view.items.filter((item) => !stays.includes(item))
    const proven = list.find((one) => one.rights.includes('erase') && one.identity === 'proven' && one.state === 'open')
    const directly = !view.asks_identity.erase || proven !== undefined
    const erase = async () => {
      if (!understood) return refuse({ 'understood-yes': t('errUnderstood') })
      refuse({})
      set({ busy: true })
      try { set({ done: await post<Erased>('/v1/me/erase', { warned: true, ...(proven ? { case: proven.id } : {}) }, once()) }) } catch (error) { set({ error }) }
    }
    return (
      <div class="stack wide-gap">
        <Title>{t('eraseTitle')}</Title>
        <ErrorSummary errors={errors} />
        <p class="measure">{t('eraseIntro')}</p>
        <div class="pair">
          <Fate icon="bin" title={t('goes')} rows={goes.map((item) => ({ name: upper(what(item)), note: list_(item, view) }))}>
            {goes.length === 0 ? t('nothingGoes') : goes.length === 1 ? t('goesOne') : t('goesText', { count: number(goes.length) })}
          </Fate>
          <Fate icon="hand" title={t('stays')} rows={stays.map((item) => ({ name: upper(what(item)), note: stayNote(item) }))}>
            {stays.length ? t('staysText') : t('nothingStays')}
          </Fate>
        </div>
        {goes.length > 0 && (directly ? (
          <div class="stack">
            <Choice kind="checkbox" name="understood" value="yes" label={t('understood')} checked={understood} onChange={understand} />
            <Failed error={state.error} />
            <div><Button color="danger" busy={state.busy} onClick={() => void erase()}>{t('eraseNow', { count: number(goes.length) })}</Button></div>
          </div>
        ) : (
          <div class="stack">
            <p class="measure">{t('eraseProof')}</p>
            <Failed error={ask.error} />
            <div><Button color="danger" busy={ask.busy} onClick={() => void ask.ask(['erase'])}>{t('eraseAsk', { count: number(goes.length) })}</Button></div>
          </div>
        ))}
      </div>
    )
  }}</Loaded>
}
const list_ = (item: Item, view: Overview) => list(item.purposes.map((ground) => why(view, ground.purpose)))

// ---- restrict, object ----

function Objection({ purpose, view }: { purpose: Purpose; view: Overview }) {
  const [state, set] = useState<{ busy?: boolean; error?: unknown }>({})
  const object = async () => {
    set({ busy: true })
    try { await post('/v1/me/objections', { purpose: purpose.purpose }); await loadOverview(); set({}) } catch (error) { set({ error }) }
  }
  return (
    <li class="panel stack">
      <div class="row apart">
        <div class="stack tight">
          <strong>{why(view, purpose.purpose)}</strong>
          <span class="quiet">{purpose.objection === 'absolute' ? t('objectAbsolute') : t('objectWeighed')}</span>
        </div>
        {purpose.stopped ? <Tag color="success">{t('objected')}</Tag> : <Button variant="secondary" busy={state.busy} label={`${t('objectDo')}: ${why(view, purpose.purpose)}`} onClick={() => void object()}>{t('objectDo')}</Button>}
      </div>
      <Failed error={state.error} />
    </li>
  )
}

function Restrict({ view }: { view: Overview }) {
  const [field, choose] = useState('')
  const [reason, because] = useState('accuracy')
  const [state, set] = useState<{ busy?: boolean; error?: unknown; done?: boolean }>({})
  const rows = [...new Map(view.items.map((item) => [item.field, upper(what(item))])).entries()]
  const restrict = async (event: Event) => {
    event.preventDefault()
    set({ busy: true })
    try {
      await post('/v1/me/restrictions', { reason, warned: true, ...(field ? { fields: [field] } : {}) })
      await loadOverview()
      set({ done: true })
    } catch (error) { set({ error }) }
  }
  if (state.done) return <Alert color="success" title={t('restrictedDone')} live><p>{t('restrictedText')}</p></Alert>
  return (
    <form class="panel stack" onSubmit={(event) => void restrict(event)}>
      <fieldset class="ds-fieldset">
        <legend class="ds-label" data-weight="medium">{t('restrictWhat')}</legend>
        <Choice name="limit" value="all" label={t('restrictAll')} checked={!field} onChange={() => choose('')} />
        {rows.map(([name, label]) => <Choice key={name} name="limit" value={name} label={label} checked={field === name} onChange={() => choose(name)} />)}
      </fieldset>
      <fieldset class="ds-fieldset">
        <legend class="ds-label" data-weight="medium">{t('restrictWhy')}</legend>
        {(['accuracy', 'unlawful', 'claims', 'objection'] as const).map((one) => <Choice key={one} name="why" value={one} label={t(`reason_${one}`)} checked={reason === one} onChange={() => because(one)} />)}
      </fieldset>
      <Failed error={state.error} />
      <div><Button type="submit" busy={state.busy}>{t('restrictDo')}</Button></div>
    </form>
  )
}

export function Limit() {
  return <Loaded of={useLoad(loadOverview)}>{(loaded) => {
    const view = overview.value ?? loaded
    const used = view.purposes.filter((one) => one.objection !== 'none' && (one.marketing || view.items.some((item) => item.purposes.some((ground) => ground.purpose === one.purpose))))
    return (
      <div class="stack wide-gap">
        <Title>{t('limitTitle')}</Title>
        <p class="measure">{t('limitIntro')}</p>
        <section class="stack">
          <h2 class="ds-heading" data-size="sm">{t('objectHeading')}</h2>
          {used.length ? <ul class="plain-list stack">{used.map((one) => <Objection key={one.purpose} purpose={one} view={view} />)}</ul> : <p>{t('objectNone')}</p>}
        </section>
        <section class="stack">
          <h2 class="ds-heading" data-size="sm">{t('restrictHeading')}</h2>
          <Restrict view={view} />
        </section>
      </div>
    )
  }}</Loaded>
}

// ---- consents and messages ----

interface Written { log_index: number }
function Consent({ purpose, view }: { purpose: Purpose; view: Overview }) {
  const [state, set] = useState<{ busy?: boolean; error?: unknown; at?: number; time?: string; was?: boolean }>({})
  const name = why(view, purpose.purpose)
  const turn = async (yes: boolean) => {
    set({ busy: true })
    try {
      const answer = yes
        ? await post<Written>('/v1/me/consents', { purpose: purpose.purpose, wording: t('consentWording', { purpose: name }), language: document.documentElement.lang })
        : await post<Written>('/v1/me/withdrawals', { purpose: purpose.purpose })
      const { now } = await loadOverview()
      set({ at: answer.log_index, time: now, was: !yes })
    } catch (error) { set({ error }) }
  }
  return (
    <li class="panel stack">
      <Choice kind="switch" name="consent" value={purpose.purpose} checked={purpose.consented} onChange={(yes) => void turn(yes)}
        label={<strong>{name}</strong>} help={purpose.consented ? t('consentYes') : t('consentNo')} />
      <div role="status">
        {state.at !== undefined && <p class="row quiet"><Icon name="check" /><span>{t('saved', { time: moment(state.time!), index: number(state.at) })}</span><button type="button" class="ds-link" onClick={() => void turn(state.was!)}>{t('undo')}</button></p>}
      </div>
      <Failed error={state.error} />
    </li>
  )
}

export function Choices() {
  const [state, set] = useState<{ error?: unknown }>({})
  return <Loaded of={useLoad(loadOverview)}>{(loaded) => {
    const view = overview.value ?? loaded
    const consents = view.purposes.filter((one) => one.basis === 'consent')
    const off = (name: string) => {
      const stop = view.switches.find((one) => one.switch === name)!
      return stop.off && !stop.purposes.some((purpose) => purposeOf(view, purpose)?.consented)
    }
    const turnOff = async (names: string[]) => {
      try {
        for (const name of names) await post('/v1/me/switches', { switch: name })
        await loadOverview()
        set({})
      } catch (error) { set({ error }) }
    }
    const name = (one: Overview['switches'][number]) => said(one.says, '') || list(one.purposes.map((purpose) => why(view, purpose))) || plain(one.switch)
    return (
      <div class="stack wide-gap">
        <Title>{t('choicesTitle')}</Title>
        <p class="measure">{t('choicesIntro')}</p>
        <section class="stack">
          <h2 class="ds-heading" data-size="sm">{t('consentHeading')}</h2>
          {consents.length ? <ul class="plain-list stack">{consents.map((one) => <Consent key={one.purpose} purpose={one} view={view} />)}</ul> : <p>{t('consentNone')}</p>}
        </section>
        {view.switches.length > 0 && (
          <section class="stack">
            <h2 class="ds-heading" data-size="sm">{t('messagesHeading')}</h2>
            <ul class="plain-list stack">
              {view.switches.map((one) => (
                <li class="panel row apart" key={one.switch}>
                  <strong>{name(one)}</strong>
                  {off(one.switch) ? <Tag color="success">{t('off')}</Tag> : <Button variant="secondary" label={`${t('turnOff')}: ${name(one)}`} onClick={() => void turnOff([one.switch])}>{t('turnOff')}</Button>}
                </li>
              ))}
            </ul>
            <p class="quiet">{t('onAgain')}</p>
            <Failed error={state.error} />
            <div><Button onClick={() => void turnOff(view.switches.map((one) => one.switch))}>{t('stopAll')}</Button></div>
          </section>
        )}
      </div>
    )
  }}</Loaded>
}

// ---- who has used it ----

const who = (use: Use) => use.roles?.length ? upper(list(use.roles.map(plain))) : use.by === 'person' || use.by === 'session' ? t('you') : use.by === 'gone' ? t('gone') : t('system')

export function Uses() {
  const loaded = useLoad(async () => ({
    view: await loadOverview(),
    uses: (await get<{ uses: Use[] }>('/v1/me/uses')).uses,
    given: (await get<{ disclosures: { record?: string; at?: string; recipient: string; name?: string; purpose?: string }[] }>('/v1/me/disclosures')).disclosures,
  }))
  return <Loaded of={loaded}>{({ view, uses, given }) => (
    <div class="stack wide-gap">
      <Title>{t('usesTitle')}</Title>
      <p class="measure">{t('usesIntro')}</p>
      {uses.length === 0 ? <p class="panel">{t('usesNone')}</p> : (
        <table class="ds-table cards panel" data-color="neutral" data-size="sm">
          <thead><tr><th scope="col">{t('colWhen')}</th><th scope="col">{t('colWho')}</th><th scope="col">{t('colDid')}</th><th scope="col">{t('colFor')}</th></tr></thead>
          <tbody>
            {uses.map((use) => (
              <tr key={use.index}>
                <th scope="row">{moment(use.at)}</th>
                <td data-label={t('colWho')}>{who(use)}</td>
                <td data-label={t('colDid')}>{use.decision === 'refuse' ? <Tag color="success">{t('refusedUse')}</Tag> : named('action', use.action)}</td>
                <td data-label={t('colFor')}>{use.purpose ? why(view, use.purpose) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <section class="stack">
        <h2 class="ds-heading" data-size="sm">{t('givenHeading')}</h2>
        {given.length === 0 ? <p>{t('givenNone')}</p> : <ul class="plain-list lines panel">{given.map((one, i) => <li key={i}><span>{one.name ?? plain(one.recipient)}</span><span class="quiet">{one.at ? moment(one.at) : ''}</span></li>)}</ul>}
      </section>
    </div>
  )}</Loaded>
}

// ---- my requests ----

function RequestCard({ one, now }: { one: Request; now: string }) {
  const days = daysTo(one.legal + 'T23:59:59Z', now)
  return (
    <li class="panel stack">
      <div class="row apart">
        <h2 class="ds-heading" data-size="xs">{list(one.rights.map((right) => named('right', right)))}</h2>
        <Tag color={one.state === 'open' ? (one.overdue ? 'danger' : 'info') : 'success'}>{named('state', one.state)}</Tag>
      </div>
      {one.state === 'open' && <p><strong>{one.overdue ? t('overdue') : t('answerBy', { date: date(one.legal) })}</strong>{!one.overdue && <> · {t('daysLeft', { count: days })}</>}</p>}
      <p>{named('proof', one.identity)}</p>
      <p class="quiet">{t('receivedOn', { date: date(one.received) })} · <span class="mono">{one.number}</span></p>
    </li>
  )
}

export function Requests() {
  const loaded = useLoad(async () => ({ view: await loadOverview(), list: await requests() }))
  return <Loaded of={loaded}>{({ view, list }) => (
    <div class="stack wide-gap">
      <Title>{t('requestsTitle')}</Title>
      {list.length === 0 ? <p class="panel">{t('requestsNone')}</p> : <ul class="plain-list stack">{list.map((one) => <RequestCard key={one.id} one={one} now={view.now} />)}</ul>}
    </div>
  )}</Loaded>
}
