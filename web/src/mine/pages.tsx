// What a person sees: their data, their choices, who has used it, what they asked for.
import { useState } from 'preact/hooks'
import { get, post } from '../shared/api'
import { date, daysTo, language, list, moment, plain, said, sentence } from '../shared/language'
import { Button, Choice, Icon, type IconName, Loaded, Tag, Title, useLoad } from '../shared/ui'
import { type Bound, type Given, type Item, loadOverview, type Overview, overview, type Purpose, type Request, requests, type Signed, type Use } from './data'
import { companyName, Failed, firm, many, OnPaper, purposeOf, Saved, SaveReceipt, upper, Waits, what, why } from './parts'
import { named, t } from './words'

/** How long until a day that something is due. */
function left(day: string, now: string) {
  const count = daysTo(day, now)
  return count > 1 ? t('daysLeft', { count }) : count === 1 ? t('dayLeft') : t('lastDay')
}

// ---- the first page ----

const tiles: [path: string, icon: IconName, key: 'see' | 'download' | 'correct' | 'address' | 'erase' | 'limit' | 'uses' | 'choices' | 'requests'][] = [
  ['data', 'eye', 'see'], ['download', 'download', 'download'], ['correct', 'pen', 'correct'], ['address', 'at', 'address'], ['erase', 'bin', 'erase'],
  ['limit', 'hand', 'limit'], ['uses', 'people', 'uses'], ['choices', 'mail', 'choices'], ['requests', 'clock', 'requests'],
]

/** What there is nothing to do with, where nothing is held. */
const about = ['data', 'address', 'erase', 'limit']

function Deadline({ now }: { now: string }) {
  const loaded = useLoad(requests)
  const open = (loaded.value ?? []).filter((one) => one.state === 'open').sort((a, b) => a.legal.localeCompare(b.legal))
  if (!open.length) return null
  return (
    <a class="deadline" href="/mine/requests">
      <Icon name="clock" />
      <span class="stack">
        <strong>{open.length === 1 ? t('openOne') : t('open', { count: open.length })}</strong>
        <span>{t('answerBy', { date: date(open[0]!.legal) })} · {left(open[0]!.legal, now)}</span>
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
          <p class="quiet">{view.items.length ? t('by', { names: firm(view) }) : t('nothingText')}</p>
        </div>
        <Waits view={view} />
        <Deadline now={view.now} />
        <nav aria-label={t('product')}>
          <ul class="tiles plain-list">
            {tiles.filter(([path]) => view.items.length || !about.includes(path)).map(([path, icon, key]) => (
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
        {what(item)}
        {view.controllers.length > 1 && <span class="quiet block">{companyName(view, item.controller)}</span>}
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
          <div class="no-print"><Button variant="secondary" onClick={() => print()}>{t('print')}</Button></div>
        </div>
        <OnPaper view={view} />
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
        {!view.items.length && <p class="panel">{t('nothing')}. {t('nothingText')}</p>}
      </div>
    )
  }}</Loaded>
}

// ---- consents and messages ----

interface Written { log_index: number }
interface Wrote { busy?: boolean; error?: unknown; at?: number; time?: string }

function Consent({ purpose, view }: { purpose: Purpose; view: Overview }) {
  const [state, set] = useState<Wrote & { was?: boolean }>({})
  const name = why(view, purpose.purpose)
  const turn = async (yes: boolean) => {
    set({ busy: true })
    try {
      const answer = yes
        ? await post<Written>('/v1/me/consents', { purpose: purpose.purpose, wording: t('consentWording', { purpose: name }), language: language.value })
        : await post<Written>('/v1/me/withdrawals', { purpose: purpose.purpose })
      const { now } = await loadOverview()
      set({ at: answer.log_index, time: now, was: !yes })
    } catch (error) { set({ error }) }
  }
  return (
    <li class="panel stack">
      <Choice kind="switch" name="consent" value={purpose.purpose} checked={purpose.consented} onChange={(yes) => void turn(yes)}
        label={<strong>{name}</strong>} help={purpose.consented ? t('consentYes') : t('consentNo')} />
      <div role="status">{state.at !== undefined && <Saved at={state.at} time={state.time!} undo={() => void turn(state.was!)} />}</div>
      <Failed error={state.error} />
    </li>
  )
}

const boundName = (bound: Bound) => bound.field ? said(bound.says, '') || plain(bound.field) : bound.party_name ?? plain(bound.channel ?? bound.cookie ?? '')
const sameBound = (a: Bound) => (b: Bound) => a.field === b.field && a.party === b.party && a.channel === b.channel && a.cookie === b.cookie

/** A consent to each of several: fields are chosen here, recipients where one meets them; each can be taken back here. */
function ConsentEach({ purpose, view }: { purpose: Purpose; view: Overview }) {
  const [state, set] = useState<Wrote>({})
  const name = why(view, purpose.purpose), fields = purpose.per.includes('field'), given = purpose.given ?? []
  const turn = async (bound: Bound, yes: boolean) => {
    const { field, party, channel, cookie } = bound, body = { purpose: purpose.purpose, field, party, channel, cookie }
    set({ busy: true })
    try {
      const answer = yes
        ? await post<Written>('/v1/me/consents', { ...body, wording: t('consentWordingEach', { purpose: name, what: boundName(bound) }), language: language.value })
        : await post<Written>('/v1/me/withdrawals', body)
      const { now } = await loadOverview()
      set({ at: answer.log_index, time: now })
    } catch (error) { set({ error }) }
  }
  const rest = fields ? given.filter((one) => !purpose.fields?.some(sameBound(one))) : given
  return (
    <li class="panel">
      <fieldset class="ds-fieldset stack">
        <legend><strong>{name}</strong></legend>
        {fields && <p class="quiet">{purpose.fields?.length ? t('consentEach') : t('consentEachNone')}</p>}
        {purpose.fields?.map((one) => (
          <Choice key={one.field} kind="switch" name={`${purpose.purpose}-consent`} value={one.field!} label={upper(boundName(one))} checked={given.some(sameBound(one))} onChange={(yes) => void turn(one, yes)} />
        ))}
        {!fields && !given.length && <p class="quiet">{t('consentNobody')}</p>}
        {rest.map((one) => (
          <div class="row apart" key={boundName(one)}>
            <span>{upper(boundName(one))} <span class="quiet">{t('consentYes')}</span></span>
            <Button variant="secondary" busy={state.busy} label={`${t('withdraw')}: ${name}, ${boundName(one)}`} onClick={() => void turn(one, false)}>{t('withdraw')}</Button>
          </div>
        ))}
        <div role="status">{state.at !== undefined && <Saved at={state.at} time={state.time!} />}</div>
        <Failed error={state.error} />
      </fieldset>
    </li>
  )
}

const switchName = (view: Overview, one: Overview['switches'][number]) => said(one.says, '') || list(one.purposes.map((purpose) => why(view, purpose))) || plain(one.switch)
/** Off, and no consent that came later has turned it on again. */
const isOff = (view: Overview, one: Overview['switches'][number]) => one.off && !one.purposes.some((purpose) => purposeOf(view, purpose)?.consented)

function Stop({ one, view }: { one: Overview['switches'][number]; view: Overview }) {
  const [state, set] = useState<Wrote>({})
  const name = switchName(view, one)
  const turnOff = async () => {
    set({ busy: true })
    try {
      const { log_index } = await post<Written>('/v1/me/switches', { switch: one.switch })
      const { now } = await loadOverview()
      set({ at: log_index, time: now })
    } catch (error) { set({ error }) }
  }
  return (
    <li class="panel stack">
      <div class="row apart">
        <strong>{name}</strong>
        {isOff(view, one) ? <Tag color="success">{t('off')}</Tag> : <Button variant="secondary" busy={state.busy} label={`${t('turnOff')}: ${name}`} onClick={() => void turnOff()}>{t('turnOff')}</Button>}
      </div>
      <div role="status">{state.at !== undefined && <Saved at={state.at} time={state.time!} />}</div>
      <Failed error={state.error} />
    </li>
  )
}

/** Every switch, and no to all advertising: marketing that no switch names ends as well. */
function StopAll({ view }: { view: Overview }) {
  const [state, set] = useState<Wrote>({})
  const on = view.switches.filter((one) => !isOff(view, one)), ads = view.purposes.some((one) => one.marketing && (!one.stopped || one.consented))
  const stop = async () => {
    set({ busy: true })
    try {
      let answer: Written | undefined
      for (const one of on) answer = await post<Written>('/v1/me/switches', { switch: one.switch })
      if (ads) answer = await post<Written>('/v1/me/objections', { purpose: 'marketing' })
      const { now } = await loadOverview()
      set({ at: answer?.log_index, time: now })
    } catch (error) { set({ error }) }
  }
  return (
    <div class="stack">
      {on.length || ads
        ? <div class="row"><Button busy={state.busy} onClick={() => void stop()}>{t('stopAll')}</Button><span class="quiet">{t('stopAllText')}</span></div>
        : <p class="row"><Icon name="check" /><strong>{t('stoppedAll')}</strong></p>}
      <div role="status">{state.at !== undefined && <Saved at={state.at} time={state.time!} />}</div>
      <Failed error={state.error} />
    </div>
  )
}

export function Choices() {
  return <Loaded of={useLoad(loadOverview)}>{(loaded) => {
    const view = overview.value ?? loaded
    const consents = view.purposes.filter((one) => one.basis === 'consent')
    return (
      <div class="stack wide-gap">
        <Title>{t('choicesTitle')}</Title>
        <p class="measure">{t('choicesIntro')}</p>
        <section class="stack">
          <h2 class="ds-heading" data-size="sm">{t('consentHeading')}</h2>
          {consents.length ? <ul class="plain-list stack">{consents.map((one) => one.per.length ? <ConsentEach key={one.purpose} purpose={one} view={view} /> : <Consent key={one.purpose} purpose={one} view={view} />)}</ul> : <p>{t('consentNone')}</p>}
        </section>
        {(view.switches.length > 0 || view.purposes.some((one) => one.marketing)) && (
          <section class="stack">
            <h2 class="ds-heading" data-size="sm">{t('messagesHeading')}</h2>
            <ul class="plain-list stack">{view.switches.map((one) => <Stop key={one.switch} one={one} view={view} />)}</ul>
            <p class="quiet">{t('onAgain')}</p>
            <StopAll view={view} />
          </section>
        )}
      </div>
    )
  }}</Loaded>
}

// ---- who has used it ----

const who = (use: Use) => use.roles?.length ? upper(list(use.roles.map(plain))) : use.by === 'person' || use.by === 'session' ? t('you') : use.by === 'gone' ? t('gone') : t('system')

/** What a field is called, where something of it is still held. */
const fieldName = (view: Overview, field: string) => {
  const item = view.items.find((one) => one.field === field)
  return item ? what(item) : upper(plain(field))
}

export function Uses() {
  const loaded = useLoad(async () => ({
    view: await loadOverview(),
    uses: (await get<{ uses: Use[] }>('/v1/me/uses')).uses,
    given: (await get<{ disclosures: Given[] }>('/v1/me/disclosures')).disclosures,
  }))
  return <Loaded of={loaded}>{({ view, uses, given }) => (
    <div class="stack wide-gap">
      <div class="row apart">
        <Title>{t('usesTitle')}</Title>
        <div class="no-print"><Button variant="secondary" onClick={() => print()}>{t('print')}</Button></div>
      </div>
      <OnPaper view={view} />
      <p class="measure">{t('usesIntro')}</p>
      {uses.length === 0 ? <p class="panel">{t('usesNone')}</p> : (
        <table class="ds-table cards panel" data-color="neutral" data-size="sm">
          <thead><tr><th scope="col">{t('colWhen')}</th><th scope="col">{t('colWho')}</th><th scope="col">{t('colDid')}</th><th scope="col">{t('colFor')}</th></tr></thead>
          <tbody>
            {uses.map((use) => (
              <tr key={use.index}>
                <th scope="row">{moment(use.at)}<span class="block no-print small"><SaveReceipt index={use.index} plain /></span></th>
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
        {given.length === 0 ? <p class="panel">{t('givenNone')}</p> : (
          <table class="ds-table cards panel" data-color="neutral" data-size="sm">
            <thead><tr><th scope="col">{t('colWhen')}</th><th scope="col">{t('colWho')}</th><th scope="col">{t('colDid')}</th><th scope="col">{t('colFor')}</th></tr></thead>
            <tbody>
              {given.map((one) => (
                <tr key={one.record}>
                  <th scope="row">{one.at ? moment(one.at) : '–'}</th>
                  <td data-label={t('colWho')}>{one.name ?? upper(plain(one.recipient))}</td>
                  <td data-label={t('colDid')}>{sentence(one.fields.map((field) => fieldName(view, field)))}</td>
                  <td data-label={t('colFor')}>{one.purpose ? why(view, one.purpose) : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  )}</Loaded>
}

// ---- my requests ----

function RequestCard({ one, now }: { one: Request; now: string }) {
  return (
    <li class="panel stack">
      <div class="row apart">
        <h2 class="ds-heading" data-size="xs">{sentence(one.rights.map((right) => named('right', right)))}</h2>
        <Tag color={one.state === 'open' ? (one.overdue ? 'danger' : 'info') : 'success'}>{named('state', one.state)}</Tag>
      </div>
      {one.state === 'open' && <p><strong>{one.overdue ? t('overdue') : t('answerBy', { date: date(one.legal) })}</strong>{!one.overdue && <> · {left(one.legal, now)}</>}</p>}
      <p>{named('proof', one.identity)}</p>
      <p class="quiet">{t('receivedOn', { date: date(one.received) })} · <span class="mono">{one.number}</span></p>
    </li>
  )
}

export function Requests() {
  const loaded = useLoad(async () => ({ view: await loadOverview(), list: await requests() }))
  return <Loaded of={loaded}>{({ view, list }) => (
    <div class="stack wide-gap">
      <div class="row apart">
        <Title>{t('requestsTitle')}</Title>
        {list.length > 0 && <div class="no-print"><Button variant="secondary" onClick={() => print()}>{t('print')}</Button></div>}
      </div>
      <OnPaper view={view} />
      {list.length === 0 ? <p class="panel">{t('requestsNone')}</p> : <ul class="plain-list stack">{list.map((one) => <RequestCard key={one.id} one={one} now={view.now} />)}</ul>}
    </div>
  )}</Loaded>
}

// ---- where one is signed in ----

export function Sessions() {
  const loaded = useLoad(async () => (await get<{ sessions: Signed[] }>('/v1/me/sessions')).sessions)
  const [error, fail] = useState<unknown>()
  const end = async (id: string) => {
    fail(undefined)
    try { await post(`/v1/me/sessions/${id}/end`); loaded.again() } catch (problem) { fail(problem) }
  }
  return <Loaded of={loaded}>{(list) => (
    <div class="stack wide-gap">
      <Title>{t('sessionsTitle')}</Title>
      <p class="measure">{t('sessionsIntro')}</p>
      <ul class="plain-list stack">
        {list.map((one) => (
          <li class="panel row apart" key={one.id}>
            <span class="stack tight"><strong>{one.own ? t('sessionThis') : t('sessionOther')}</strong><span class="quiet">{t('sessionSince', { since: moment(one.since), used: moment(one.used) })}</span></span>
            {!one.own && <Button variant="secondary" onClick={() => void end(one.id)}>{t('sessionEnd')}</Button>}
          </li>
        ))}
      </ul>
      <Failed error={error} />
    </div>
  )}</Loaded>
}
