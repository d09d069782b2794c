// People: masked until there is a purpose, and each look is in the log.
import { useState } from 'preact/hooks'
import { get, post } from '../shared/api'
import { date, list, moment, number, plain, said } from '../shared/language'
import { go } from '../shared/route'
import { Button, Choice, Copy, ErrorSummary, Field, Icon, Loaded, Tag, Title, Trouble, useLoad } from '../shared/ui'
import type { Item, Overview as View, Use } from '../mine/data'
import { all, called, companies, type Filed, may } from './data'
import { Duplicates, Files, OneOrTwo, Restrictions, type Restriction } from './person-acts'
import { Holds } from './retention'
import { Panel, Select, short, Table } from './pieces'
import { named, t } from './words'

export const Stay = ({ item }: { item: Item }) => <>{item.stays.claim ? t('claim') : item.stays.law}{item.stays.until ? ` ${t('until', { date: date(item.stays.until) })}` : ''}</>

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
      {may.look() && <Duplicates />}
    </form>
  )
}

const CAUSES = ['request', 'question', 'complaint', 'mistake', 'check', 'other'] as const
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

interface Gave { at: string; recipient?: string; kind?: string; party?: string; name?: string; purpose?: string; fields?: string[]; categories?: string[] }
function Given({ id }: { id: string }) {
  return <Loaded of={useLoad(() => all<Gave>(`/v1/subjects/${id}/disclosures`, 'disclosures'), id)}>{(rows) => (
    <Panel title={t('tabGiven')}>
      {rows.length === 0 ? <p class="quiet">{t('givenNone')}</p> : <Table label={t('tabGiven')} columns={[t('when'), t('recipient'), t('purposeFor')]} rows={rows.map((row) => [moment(row.at), row.name ?? plain(row.kind ?? row.recipient ?? ''), row.purpose ? called(row.purpose) : '–'])} />}
    </Panel>
  )}</Loaded>
}

/** Consents as they were worded, and by which way they came: opened when somebody asks, and logged. */
function OnFile({ id }: { id: string }) {
  const [state, set] = useState<{ rows?: Filed[]; error?: unknown }>({})
  const read = () => void get<{ evidence: Filed[] }>(`/v1/subjects/${id}/evidence`).then(({ evidence }) => set({ rows: evidence }), (error: unknown) => set({ error }))
  return (
    <Panel title={t('onFile')}>
      <p class="measure quiet">{t('onFileText')}</p>
      <Trouble error={state.error} />
      {!state.rows ? <div><Button variant="secondary" onClick={read}>{t('show')}</Button></div> : state.rows.length === 0 ? <p class="quiet">{t('onFileNone')}</p> : (
        <Table label={t('onFile')} columns={[t('kindOf'), t('purposeFor'), t('wording'), t('since'), t('holdUntil')]} rows={state.rows.map((row) => [
          named('evidence', row.kind), row.purpose ? called(row.purpose) : '–',
          row.details?.wording ? <><q>{row.details.wording}</q><span class="block quiet">{[row.details.act && named('given', row.details.act), row.details.channel && named('channel', row.details.channel), row.details.language, row.details.policy && t('version', { version: row.details.policy })].filter(Boolean).join(' · ')}</span></> : Object.entries(row.details?.particulars ?? {}).map(([name, value]) => `${plain(name)}: ${value}`).join(', ') || '–',
          date(row.since), row.until ? date(row.until) : row.state === 'in_force' ? t('noEnd') : named('ledger', row.state),
        ])} />
      )}
    </Panel>
  )
}

export function Person({ id }: { id: string }) {
  const [values, keep] = useState<Values | undefined>()
  const [purpose, choose] = useState(''), [cause, because] = useState('')
  const [error, fail] = useState<unknown>()
  const [errors, refuse] = useState<Record<string, string>>({})
  const loaded = useLoad(async () => ({ view: await get<View & { restrictions: Restriction[] }>(`/v1/subjects/${id}/overview`), uses: (await get<{ uses: Use[] }>(`/v1/subjects/${id}/uses`)).uses }), id)
  const reveal = async () => {
    if (!cause) return refuse({ because: t('errBecause') })
    refuse({})
    fail(undefined)
    try { keep(await post<Values>(`/v1/subjects/${id}/read`, { purpose, because: cause })); loaded.again() } catch (problem) { fail(problem) }
  }
  return <Loaded of={loaded}>{({ view, uses }) => {
    const why = (name: string) => said(view.purposes.find((one) => one.purpose === name)?.says, name)
    const shows = view.purposes.filter((one) => !one.counts_only), counts = view.purposes.filter((one) => one.counts_only)
    const chosen = purpose || shows[0]?.purpose || ''
    if (!purpose && chosen) choose(chosen)
    return (
      <div class="stack wide-gap">
        <div class="row"><Title>{t('person', { id: short(id) })}</Title><Copy text={id} /></div>
        <section class="panel stack">
          <div class="row apart">
            <h2 class="ds-heading" data-size="xs">{t('tabData')}</h2>
            {values && <Button variant="secondary" onClick={() => keep(undefined)}>{t('hide')}</Button>}
          </div>
          {may.read() && <>
            <ErrorSummary errors={errors} />
            <div class="row reveal">
              <Select id="purpose" label={t('purposeFor')} value={chosen} options={shows.map((one) => [one.purpose, said(one.says, one.purpose)])} onChange={choose} />
              <Select id="because" label={t('because')} value={cause} options={[['', t('choose')], ...CAUSES.map((one): [string, string] => [one, t(`because_${one}`)])]} onChange={because} />
              <Button onClick={() => void reveal()}>{t('reveal')}</Button>
            </div>
          </>}
          {may.read() && counts.length > 0 && <p class="quiet">{t('countsOnly', { purposes: list(counts.map((one) => said(one.says, one.purpose))) })}</p>}
          <p class="quiet">{may.read() ? t('revealText') : t('revealNot')}</p>
          <Trouble error={error} />
          {values && <p role="status" class="row quiet"><Icon name="check" />{t('entry', { index: number(values.log_index) })}</p>}
          {view.items.length === 0 ? <p class="quiet">{t('itemsNone')}</p> : <Table label={t('tabData')} columns={[t('what'), t('value'), t('why'), t('source'), ...(companies.value.length > 1 ? [t('company')] : []), t('ends')]} rows={view.items.map((item) => {
            const value = values?.items.find((one) => one.id === item.id)
            return [
              said(item.says, item.field),
              value ? value.allowed ? value.value : <span class="quiet">{t('withheld')}</span> : <span class="masked" aria-label={t('masked')} role="img">••••••</span>,
              item.purposes.map((ground) => <span class="block" key={ground.purpose}>{why(ground.purpose)} <span class="quiet">{named('basis', ground.basis)}</span></span>),
              <>{item.source_kind ? named('source', item.source_kind) : '–'}<span class="block quiet">{date(item.collected)}</span></>,
              ...(companies.value.length > 1 ? [companies.value.find((one) => one.id === item.controller)?.name ?? item.controller] : []),
              <>{item.ends ? date(item.ends) : t('pending')}{item.restricted && <span class="block"><Tag color="warning">{t('restricted')}</Tag></span>}{(item.stays.claim || item.stays.law !== undefined) && <span class="block quiet">{t('kept', { law: '' })}<Stay item={item} /></span>}</>,
            ]
          })} />}
        </section>
        <section class="panel stack"><h2 class="ds-heading" data-size="xs">{t('lifeTitle')}</h2><Life view={view} /></section>
        <section class="panel stack">
          <h2 class="ds-heading" data-size="xs">{t('tabChoices')}</h2>
          <ul class="plain-list lines">{view.purposes.filter((one) => one.basis === 'consent' || one.stopped).map((one) => <li key={one.purpose}><span>{said(one.says, one.purpose)}</span>{one.stopped ? <Tag color="warning">{t('stoppedBy')}</Tag> : <Tag>{t('consent')}: {one.consented ? t('yes') : t('no')}</Tag>}</li>)}</ul>
        </section>
        <Restrictions subject={id} rows={view.restrictions} again={loaded.again} />
        <Files subject={id} view={view} again={loaded.again} />
        <OnFile id={id} />
        <Holds subject={id} />
        <Given id={id} />
        <OneOrTwo subject={id} view={view} again={loaded.again} />
        <section class="panel stack">
          <h2 class="ds-heading" data-size="xs">{t('tabUses')}</h2>
          {uses.length === 0 ? <p class="quiet">{t('usesNone')}</p> : <Table label={t('tabUses')} columns={[t('when'), t('who'), t('did'), t('purposeFor')]} rows={uses.map((use) => [moment(use.at), use.roles?.length ? list(use.roles.map(plain)) : named('by', use.by), `${named('action', use.action)} · ${use.decision === 'refuse' ? t('refusedUse') : t('allowedUse')}${use.because ? ` · ${named('because', use.because)}` : ''}`, use.purpose ? why(use.purpose) : '–'])} />}
        </section>
      </div>
    )
  }}</Loaded>
}

