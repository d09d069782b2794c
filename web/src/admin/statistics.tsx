// What was done, counted in this browser from the requests and from the log; small counts are withheld,
// and the rest is rounded to five, as the API does with what it counts of people.
import { useEffect, useState } from 'preact/hooks'
import { post } from '../shared/api'
import { number, plain } from '../shared/language'
import { Alert, Button, Title, Trouble } from '../shared/ui'
import { called, everyRequest, now, onlyCounted, type Row } from './data'
import { Chart, Chips, Lines, Panel, Progress, Rows, Select, type Work, useQuery, useWork } from './pieces'
import * as verify from './verify'
import { named, t } from './words'

const LEAST = 10, STEP = 5
/** A count that may be shown: none, fewer than ten, or in whole fives. */
export const few = (count: number): string => count === 0 ? '0' : count < LEAST ? t('fewer', { least: LEAST }) : number(Math.round(count / STEP) * STEP)
/** What a picture shows of it: what is withheld has no height of its own. */
const shown = (count: number) => count === 0 ? 0 : count < LEAST ? STEP : Math.round(count / STEP) * STEP
export const monthOf = (at: string | number) => new Date(at).toISOString().slice(0, 7)
export function monthsTo(until: string, count: number): string[] {
  const end = new Date(until)
  return Array.from({ length: count }, (_, i) => new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() - count + 1 + i, 1)).toISOString().slice(0, 7))
}

interface Counts { months: string[]; erased: number[]; ended: number[]; looks: Map<string, number>; refused: Map<string, number>; entries: number }
const ERASED = ['erase', 'erase_whole', 'erase_part'], LOOKED = ['read', 'read_broken_glass', 'use', 'share', 'access', 'portability']
/** Backwards from the newest entry, until the first of the months; each bundle is asked for once. */
async function count(months: string[], tell: (work: Work) => void): Promise<Counts> {
  const counts: Counts = { months, erased: months.map(() => 0), ended: months.map(() => 0), looks: new Map(), refused: new Map(), entries: 0 }
  const point = verify.parse(await verify.text('/v1/log/checkpoint'))
  const add = (map: Map<string, number>, name: string) => map.set(name, (map.get(name) ?? 0) + 1)
  for (let bundle = Math.floor((point.size - 1) / verify.TILE); bundle >= 0; bundle--) {
    tell({ looked: counts.entries, of: point.size })
    const found = await verify.entries(bundle, Math.min(verify.TILE, point.size - bundle * verify.TILE))
    let early = false
    for (const bytes of found) {
      const entry = JSON.parse(new TextDecoder().decode(bytes)) as verify.Entry
      const at = months.indexOf(monthOf(entry.at))
      counts.entries++
      if (at < 0) { early = true; continue }
      if (entry.de !== 'refuse' && ERASED.includes(entry.ac)) counts.erased[at]!++
      if (entry.ac === 'gone') counts.ended[at]!++
      if (LOOKED.includes(entry.ac)) add(entry.de === 'refuse' ? counts.refused : counts.looks, entry.pu ?? '–')
    }
    if (early) break
  }
  return counts
}

const SPANS = ['6', '12', '24'] as const
export function Statistics() {
  const [said, say] = useQuery()
  const span = SPANS.find((one) => one === said('months')) ?? '12', months = monthsTo(now(), Number(span))
  const rows = useWork<Row[]>(), log = useWork<Counts>()
  const look = () => {
    void rows.start((tell) => { tell({ looked: 0, of: 0 }); return everyRequest() })
    void log.start((tell) => count(months, tell))
  }
  useEffect(look, [span])
  return (
    <div class="stack wide-gap">
      <Title>{t('statistics')}</Title>
      <p class="measure">{t('statisticsText', { least: LEAST })}</p>
      <Chips label={t('span')} all={SPANS} chosen={span} choose={(one) => say({ months: one })} text={(one) => t('lastMonths', { months: one })} />
      <Trouble error={rows.error ?? log.error} again={look} />
      {rows.value && <Answered rows={rows.value.filter((row) => months.includes(monthOf(row.received)))} months={months} />}
      {log.value ? <FromLog of={log.value} /> : log.stopped ? <p class="panel row">{t('stoppedWork')} <Button variant="secondary" onClick={look}>{t('again')}</Button></p> : <Panel title={t('countLog')}><Progress work={log.work} stop={log.stop} /></Panel>}
      <OnlyCounted />
    </div>
  )
}

const median = (values: number[]) => { const sorted = [...values].sort((a, b) => a - b); return sorted.length ? sorted[Math.floor(sorted.length / 2)]! : 0 }
function Answered({ rows, months }: { rows: Row[]; months: string[] }) {
  const rights = [...new Set(rows.flatMap((row) => row.rights))].sort()
  const days = (row: Row) => Math.max(0, Math.round((Date.parse(row.closed!) - Date.parse(row.received)) / 864e5))
  const table = rights.map((right) => {
    const of = rows.filter((row) => row.rights.includes(right)), closed = of.filter((row) => row.closed)
    return { right, count: of.length, days: closed.length >= LEAST ? number(median(closed.map(days))) : closed.length ? t('fewer', { least: LEAST }) : '–', late: of.filter((row) => row.overdue || (row.closed && row.closed.slice(0, 10) >= row.overdue_from)).length }
  }).sort((a, b) => b.count - a.count)
  const perMonth = months.map((month) => rows.filter((row) => monthOf(row.received) === month).length), label = t('requestsChart', { count: few(rows.length), months: months.length })
  if (!rows.length) return <Panel title={t('requests')}><p class="quiet">{t('requestsNone')}</p></Panel>
  return (
    <>
      <Panel title={t('byRight')}>
        <Chart label={label} name="saker" columns={[t('type'), `#${t('items')}`, `#${t('medianDays')}`, `#${t('lateOnes')}`]} rows={table.map((row) => [named('right', row.right), few(row.count), row.days, few(row.late)])}>
          <Rows label={label} rows={table.map((row) => ({ name: named('right', row.right), value: shown(row.count), text: few(row.count) }))} />
        </Chart>
      </Panel>
      <Panel title={t('requestsOverTime')}>
        <Chart label={label} name="saker-over-tid" columns={[t('month'), `#${t('items')}`]} rows={months.map((month, i) => [month, few(perMonth[i]!)])}><Lines label={label} months={months} series={[{ name: t('requests'), values: perMonth.map(shown) }]} /></Chart>
      </Panel>
    </>
  )
}

function FromLog({ of }: { of: Counts }) {
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
  const gone = t('goneChart', { erased: few(sum(of.erased)), ended: few(sum(of.ended)) })
  const purposes = [...new Set([...of.looks.keys(), ...of.refused.keys()])].sort((a, b) => (of.looks.get(b) ?? 0) - (of.looks.get(a) ?? 0)), looks = t('looksChart', { count: few(sum([...of.looks.values()])), refused: few(sum([...of.refused.values()])) })
  return (
    <>
      <Panel title={t('erasures')}>{sum(of.erased) + sum(of.ended) === 0 ? <p class="quiet">{t('erasuresNone')}</p> :
        <Chart label={gone} name="slettinger" columns={[t('month'), `#${t('erasedOnes')}`, `#${t('endedOnes')}`]} rows={of.months.map((month, i) => [month, few(of.erased[i]!), few(of.ended[i]!)])}>
          <Lines label={gone} months={of.months} series={[{ name: t('erasedOnes'), values: of.erased.map(shown) }, { name: t('endedOnes'), values: of.ended.map(shown) }]} />
        </Chart>}
      </Panel>
      <Panel title={t('looks')}>
        {purposes.length === 0 ? <p class="quiet">{t('usesNone')}</p> : (
          <Chart label={looks} name="oppslag" columns={[t('purposeFor'), `#${t('allowedUse')}`, `#${t('refusedUse')}`]} rows={purposes.map((name) => [called(name), few(of.looks.get(name) ?? 0), few(of.refused.get(name) ?? 0)])}>
            <Rows label={looks} rows={purposes.map((name) => ({ name: called(name), value: shown(of.looks.get(name) ?? 0), text: few(of.looks.get(name) ?? 0) }))} />
          </Chart>
        )}
        <p class="quiet">{t('countedFrom', { count: number(of.entries) })}</p>
      </Panel>
    </>
  )
}

// ---- purposes that only count ----

const DIMENSIONS = ['none', 'role', 'source', 'category', 'month'] as const
interface Cube { cells: Record<string, string | number | null>[]; people: number | null }
const valueOf = (cell: Cube['cells'][number]) => String(Object.entries(cell).find(([name]) => name !== 'people')?.[1] ?? '')
function OnlyCounted() {
  return onlyCounted.length ? <Counting names={onlyCounted} /> : <Panel title={t('countOnly')}><p class="measure">{t('countOnlyText')}</p><p class="quiet">{t('countNone')}</p></Panel>
}
function Counting({ names }: { names: string[] }) {
  const [purpose, name] = useState(names[0]!), [by, choose] = useState<string>('role')
  const [state, set] = useState<{ busy?: boolean; error?: unknown; cube?: Cube }>({})
  const ask = async () => {
    set({ busy: true })
    try { set({ cube: await post<Cube>('/v1/statistics', { purpose, by }) }) } catch (error) { set({ error }) }
  }
  return (
    <Panel title={t('countOnly')}>
      <p class="measure">{t('countOnlyText')}</p>
      <div class="row reveal">
        <Select id="counted" label={t('purposeFor')} value={purpose} options={names.map((one) => [one, called(one)])} onChange={name} />
        <Select id="by" label={t('by')} value={by} options={DIMENSIONS.map((one) => [one, named('dimension', one)])} onChange={choose} />
        <Button busy={state.busy} onClick={() => void ask()}>{t('countDo')}</Button>
      </div>
      <Trouble error={state.error} />
      {state.cube && (state.cube.cells?.length ? <Rows label={t('countOnly')} rows={state.cube.cells.map((cell) => ({ name: plain(valueOf(cell)), value: Number(cell.people ?? 0), text: cell.people === null ? t('fewer', { least: LEAST }) : number(Number(cell.people)) }))} /> : <Alert><p>{t('countWithheld')}</p></Alert>)}
    </Panel>
  )
}
