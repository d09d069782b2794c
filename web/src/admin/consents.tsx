// The ledger of consents: for each purpose how many stand, were withdrawn or ran out, and over time.
import { useEffect } from 'preact/hooks'
import { date, number } from '../shared/language'
import { Tag, Title, Trouble } from '../shared/ui'
import { all, called, type Held, now } from './data'
import { Chart, Chips, Csv, Lines, Panel, Progress, short, Table, useQuery, useWork } from './pieces'
import { monthsTo, monthOf } from './statistics'
import { named, t } from './words'

const STATES = ['all', 'in_force', 'ended', 'expired'] as const
const ROWS = 50
export function Consents() {
  const work = useWork<Held[]>()
  const look = () => { void work.start((tell) => all<Held>('/v1/consents?limit=200', 'rows', (count) => tell({ looked: count, of: 0 }))) }
  const [said, say] = useQuery()
  useEffect(look, [])
  const rows = work.value, state = STATES.find((one) => one === said('state')) ?? 'all', purpose = said('purpose')
  return (
    <div class="stack wide-gap">
      <Title>{t('consents')}</Title>
      <p class="measure">{t('consentsText')}</p>
      <Trouble error={work.error} again={look} />
      {!rows ? <Panel><Progress work={work.work} stop={work.stop} /></Panel> : rows.length === 0 ? <p class="panel">{t('consentsNone')}</p> : <>
        <Sums rows={rows} />
        <Panel title={t('ledger')}>
          <div class="row apart">
            <Chips label={t('status')} all={STATES} chosen={state} choose={(one) => say({ state: one === 'all' ? '' : one, page: '' })} text={(one) => one === 'all' ? t('filterAll') : named('ledger', one)} />
            {purpose && <Chips label={t('purposeFor')} all={[purpose]} chosen={purpose} choose={() => say({ purpose: '', page: '' })} text={(one) => `${called(one)} ×`} />}
          </div>
          <List rows={rows.filter((row) => (state === 'all' || row.state === state) && (!purpose || row.purpose === purpose)).sort((a, b) => (b.until ?? b.since).localeCompare(a.until ?? a.since))} page={Number(said('page')) || 0} turn={(page) => say({ page: page ? String(page) : '' })} reset={() => say({ state: '', purpose: '', page: '' })} />
        </Panel>
      </>}
    </div>
  )
}

function Sums({ rows }: { rows: Held[] }) {
  const names = [...new Set(rows.map((row) => row.purpose ?? '–'))].sort(), months = monthsTo(now(), 12)
  const count = (purpose: string, state: string) => rows.filter((row) => (row.purpose ?? '–') === purpose && row.state === state).length
  const given = months.map((month) => rows.filter((row) => monthOf(row.since) === month).length), gone = months.map((month) => rows.filter((row) => row.state !== 'in_force' && row.until && monthOf(row.until) === month).length)
  const label = t('consentsChart', { given: number(given.reduce((a, b) => a + b, 0)), ended: number(gone.reduce((a, b) => a + b, 0)) })
  return (
    <>
      <Panel title={t('byPurpose')}>
        <Table label={t('byPurpose')} columns={[t('purposeFor'), `#${named('ledger', 'in_force')}`, `#${named('ledger', 'ended')}`, `#${named('ledger', 'expired')}`]} rows={names.map((name) => [
          <a class="ds-link" href={`/admin/consents?purpose=${encodeURIComponent(name)}`}>{called(name)}</a>, number(count(name, 'in_force')), number(count(name, 'ended')), number(count(name, 'expired'))])} />
      </Panel>
      <Panel title={t('overTime')}>
        <Chart label={label} name="samtykker" columns={[t('month'), `#${t('given')}`, `#${t('withdrawn')}`]} rows={months.map((month, i) => [month, given[i]!, gone[i]!])}>
          <Lines label={label} months={months} series={[{ name: t('given'), values: given }, { name: t('withdrawn'), values: gone }]} />
        </Chart>
      </Panel>
    </>
  )
}

function List({ rows, page, turn, reset }: { rows: Held[]; page: number; turn: (page: number) => void; reset: () => void }) {
  if (!rows.length) return <p class="row">{t('noneFits')} <button type="button" class="copy" onClick={reset}>{t('reset')}</button></p>
  return (
    <>
      <Table label={t('ledger')} columns={[t('who'), t('purposeFor'), t('status'), t('given'), t('holdUntil')]} rows={rows.slice(page * ROWS, page * ROWS + ROWS).map((row) => [
        <a class="ds-link mono" href={`/admin/people/${row.subject}`}>{short(row.subject)}</a>, row.purpose ? called(row.purpose) : '–', <Tag color={row.state === 'in_force' ? 'success' : 'neutral'}>{named('ledger', row.state)}</Tag>, date(row.since), row.until ? date(row.until) : t('noEnd')])} />
      <div class="row apart">
        <Pages page={page} pages={Math.ceil(rows.length / ROWS)} turn={turn} />
        <Csv name="samtykker" columns={[t('who'), t('purposeFor'), t('status'), t('given'), t('holdUntil')]} rows={rows.map((row) => [row.subject, row.purpose ?? '', row.state, row.since, row.until ?? ''])} />
      </div>
    </>
  )
}
export function Pages({ page, pages, turn }: { page: number; pages: number; turn: (page: number) => void }) {
  if (pages < 2) return <span />
  return (
    <nav class="row" aria-label={t('pages')}>
      <button type="button" class="ds-button" data-variant="secondary" disabled={page === 0} onClick={() => turn(page - 1)}>{t('before')}</button>
      <span>{t('pageOf', { page: number(page + 1), pages: number(pages) })}</span>
      <button type="button" class="ds-button" data-variant="secondary" disabled={page >= pages - 1} onClick={() => turn(page + 1)}>{t('after')}</button>
    </nav>
  )
}
