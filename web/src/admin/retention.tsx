// What ends when, for each category, and what is held back.
import { useEffect, useState } from 'preact/hooks'
import { get } from '../shared/api'
import { date, number } from '../shared/language'
import { Button, ErrorSummary, Field, Loaded, Tag, Title, useLoad } from '../shared/ui'
import { all, called, type Filed, type Forecast, type Held, may } from './data'
import { Chart, Chips, More, Outcome, Panel, Progress, short, Table, useAct, useQuery, useWork } from './pieces'
import { t } from './words'

const cut = (text: string, length: number) => text.length > length ? text.slice(0, length - 1) + '…' : text
const categoryOf = (field: string) => field.split('.')[0]!

/** A row for each category, a mark for each day on which something of it ends; the larger, the more. */
export function Ahead({ forecast }: { forecast: Forecast }) {
  const names = [...new Set(forecast.days.map((one) => categoryOf(one.field)))].sort()
  const from = Date.parse(forecast.from), span = Date.parse(forecast.until) - from, row = 34, height = names.length * row + 26
  const marks = names.map((name) => {
    const days = new Map<string, number>()
    for (const one of forecast.days) if (categoryOf(one.field) === name) days.set(one.date, (days.get(one.date) ?? 0) + one.items)
    return [...days.entries()].sort()
  })
  const perDay = new Map<string, number>()
  for (const one of forecast.days) perDay.set(one.date, (perDay.get(one.date) ?? 0) + one.items)
  const [top] = [...perDay.entries()].sort((a, b) => b[1] - a[1]), most = Math.max(1, ...marks.flat().map(([, count]) => count))
  if (!top) return null
  const x = (day: string) => 150 + 430 * Math.min(1, Math.max(0, (Date.parse(day) - from) / span))
  const label = forecast.count === 1 ? t('chartOne', { day: date(top[0]) }) : t('chart', { count: number(forecast.count), most: number(top[1]), day: date(top[0]) })
  return (
    <Chart label={label} name={t('retention').toLowerCase()} columns={[t('day'), t('what'), t('rule'), `#${t('items')}`]} rows={[...forecast.days].sort((a, b) => a.date.localeCompare(b.date)).map((one) => [one.date, called(one.field), one.rule, one.items])}>
      <svg class="ahead" viewBox={`0 0 600 ${height}`} role="img" aria-label={label}>
        {names.map((name, i) => (
          <g key={name}>
            <text x="0" y={i * row + 21}>{cut(called(name), 22)}</text>
            <line x1="150" y1={i * row + 17} x2="580" y2={i * row + 17} />
            {marks[i]!.map(([day, count]) => { const radius = 4 + 9 * Math.sqrt(count / most); return <g key={day}><circle cx={x(day)} cy={i * row + 17} r={radius} />{radius > 8 && <text class="inside" x={x(day)} y={i * row + 21} text-anchor="middle">{number(count)}</text>}</g> })}
          </g>
        ))}
        <text x="150" y={height - 6}>{date(forecast.from)}</text><text x="580" y={height - 6} text-anchor="end">{date(forecast.until)}</text>
      </svg>
    </Chart>
  )
}

function NewHold({ subject, again }: { subject: string; again: () => void }) {
  const doing = useAct(again)
  const [who, name] = useState(subject), [owner, own] = useState(''), [why, say] = useState(''), [until, set] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  const place = () => {
    const found: Record<string, string> = {}
    if (!/^[\w-]{22}$/.test(who.trim())) found['hold-who'] = t('errSubject')
    if (!owner.trim()) found['hold-owner'] = t('errOwner')
    if (!why.trim()) found['hold-why'] = t('errHold')
    if (!until) found['hold-until'] = t('errUntil')
    refuse(found)
    if (!Object.keys(found).length) void doing.act(`/v1/subjects/${who.trim()}/holds`, { type: 'claim', until, particulars: { owner, reference: why } })
  }
  return (
    <More title={t('holdNew')}>
      <p class="measure">{t('holdText')}</p>
      <ErrorSummary errors={errors} />
      <div class="measure stack">
        {!subject && <Field id="hold-who" label={t('subject')} value={who} onInput={name} error={errors['hold-who']} />}
        <Field id="hold-owner" label={t('holdOwner')} help={t('holdOwnerHelp')} value={owner} onInput={own} error={errors['hold-owner']} />
        <Field id="hold-why" label={t('holdWhy')} value={why} onInput={say} error={errors['hold-why']} />
        <Field id="hold-until" label={t('holdUntil')} type="date" value={until} onInput={set} error={errors['hold-until']} />
        <Outcome of={doing} />
        <div><Button busy={doing.busy} onClick={place}>{t('holdDo')}</Button></div>
      </div>
    </More>
  )
}

/** Who owns a hold lies sealed with it, and is shown where somebody asks. */
function HoldRow({ one }: { one: Held }) {
  const [words, show] = useState<Filed | undefined>()
  const read = async () => {
    const { evidence } = await get<{ evidence: Filed[] }>(`/v1/subjects/${one.subject}/evidence`)
    show(evidence.find((row) => row.record === one.record))
  }
  return words ? <>{words.details?.particulars?.owner ?? '–'}{words.details?.particulars?.reference && <span class="block quiet">{words.details.particulars.reference}</span>}</> : <Button variant="tertiary" onClick={() => void read()}>{t('show')}</Button>
}
function EndHold({ one, again }: { one: Held; again: () => void }) {
  const doing = useAct(again)
  if (one.state !== 'in_force' || !may.record()) return <></>
  return <><Button variant="secondary" busy={doing.busy} onClick={() => void doing.act(`/v1/evidence/${one.subject}/${one.record}/end`)}>{t('holdEnd')}</Button><Outcome of={doing} /></>
}
export function Holds({ subject }: { subject?: string }) {
  const work = useWork<Held[]>()
  const look = () => { void work.start(async (tell) => subject
    ? (await get<{ evidence: Filed[] }>(`/v1/subjects/${subject}/evidence`)).evidence.filter((row) => row.kind === 'claim').map((row) => ({ ...row, subject, until: row.until ?? undefined }) as Held)
    : all<Held>('/v1/holds?limit=200', 'rows', (count) => tell({ looked: count, of: 0 }))) }
  useEffect(look, [subject])
  const rows = [...(work.value ?? [])].sort((a, b) => Number(a.state !== 'in_force') - Number(b.state !== 'in_force') || (a.until ?? '9').localeCompare(b.until ?? '9'))
  return (
    <Panel title={t('holds')}>
      {!work.value ? <Progress work={work.work} stop={work.stop} /> : rows.length === 0 ? <p class="quiet">{t('holdsNone')}</p> : (
        <Table label={t('holds')} columns={[t('who'), t('holdOwner'), t('since'), t('holdUntil'), t('status'), '']} rows={rows.map((one) => [
          <a class="ds-link mono" href={`/admin/people/${one.subject}`}>{short(one.subject)}</a>, <HoldRow one={one} />, date(one.since), one.until ? date(one.until) : t('noEnd'),
          <Tag color={one.state === 'in_force' ? 'warning' : 'neutral'}>{one.state === 'in_force' ? t('holdOpen') : t('holdOver')}</Tag>, <EndHold one={one} again={look} />,
        ])} />
      )}
      {may.officer() && <NewHold subject={subject ?? ''} again={look} />}
    </Panel>
  )
}

const SPANS = ['30', '90', '400'] as const
interface Plan { items: { purposes: { plan: { purpose: string; data: string[]; until: string; basis: string }[] } } }
export function Retention() {
  const [said, say] = useQuery()
  const days = SPANS.find((one) => one === said('days')) ?? '400'
  const loaded = useLoad(async () => {
    const [forecast, plan] = await Promise.all([get<Forecast>(`/v1/forecast?days=${days}`), get<Plan>(`/v1/papers/retention?format=json&lang=${document.documentElement.lang}`).catch(() => undefined)])
    return { forecast, plan }
  }, days)
  return (
    <div class="stack wide-gap">
      <Title>{t('retention')}</Title>
      <Chips label={t('span')} all={SPANS} chosen={days} choose={(one) => say({ days: one })} text={(one) => t('nextDays', { days: one })} />
      <Loaded of={loaded}>{({ forecast, plan }) => (
        <>
          <Panel title={t('ahead', { days })}>{forecast.count ? <Ahead forecast={forecast} /> : <p class="quiet">{t('aheadNone', { days })}</p>}</Panel>
          <Holds />
          {plan && <Panel title={t('planTitle')}><Table label={t('planTitle')} columns={[t('purposeFor'), t('what'), t('keptUntil')]} rows={plan.items.purposes.plan.map((one) => [one.purpose, one.data.join(', '), one.until])} /></Panel>}
        </>
      )}</Loaded>
    </div>
  )
}
