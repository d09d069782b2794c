// The queue: what is to be answered first stands first; who deals with what is said here, for many at once as well.
import { useState } from 'preact/hooks'
import { date, number } from '../shared/language'
import { Alert, Button, Choice, ErrorSummary, Field, Loaded, Title, useLoad } from '../shared/ui'
import { everyRequest, may, myself, type Row } from './data'
import { Chips, GiveTo, More, Outcome, Panel, RequestTable, Select, useAct, useQuery, worstFirst } from './pieces'
import { named, t } from './words'

const filters = { open: 'filterOpen', mine: 'filterMine', free: 'filterFree', unproven: 'filterUnproven', over: 'filterOver', all: 'filterAll' } as const
type Filter = keyof typeof filters
const isOpen = (row: Row) => row.state === 'open'
const passes: Record<Filter, (row: Row) => boolean> = {
  open: isOpen, mine: (row) => isOpen(row) && row.owner === myself(), free: (row) => isOpen(row) && !row.owner, unproven: (row) => isOpen(row) && row.identity !== 'proven', over: (row) => !!row.overdue, all: () => true,
}

/** To give many to one member is safe: it decides nothing, and is given back the same way. */
function Give({ rows, done }: { rows: Row[]; done: () => void }) {
  const doing = useAct(() => {})
  const [given, count] = useState(0)
  const give = async (member?: string) => {
    for (const row of rows.filter((one) => one.owner !== member)) {
      if (!await doing.act(`/v1/requests/${row.id}/owner`, member ? { member } : {})) return
      count((so_far) => so_far + 1)
    }
    done()
  }
  return (
    <Panel title={t('chosen', { count: number(rows.length) })}>
      <p class="quiet measure">{t('ownerText')}</p>
      <Outcome of={doing} />
      <GiveTo busy={doing.busy} give={(member) => void give(member)} back={rows.some((one) => one.owner)} />
      {given > 0 && <p role="status" class="quiet">{t('givenSo', { count: number(given) })}</p>}
    </Panel>
  )
}

export function Requests() {
  const [query, say] = useQuery()
  const [chosen, choose] = useState<string[]>([])
  const filter = (Object.keys(filters) as Filter[]).find((one) => one === query('show')) ?? 'open'
  const loaded = useLoad(everyRequest)
  return <Loaded of={loaded}>{(rows) => {
    const shown = rows.filter(passes[filter]).sort(worstFirst), picked = shown.filter((row) => chosen.includes(row.id))
    return (
      <div class="stack wide-gap">
        <Title>{t('requests')}</Title>
        <Chips label={t('status')} all={Object.keys(filters) as Filter[]} chosen={filter} choose={(one) => { choose([]); say({ show: one }) }} text={(one) => <>{t(filters[one])} <span class="quiet">{number(rows.filter(passes[one]).length)}</span></>} />
        <section class="panel">
          {shown.length ? <RequestTable rows={shown} label={t('requests')} pick={may.officer() ? { chosen, choose } : undefined} /> : (
            <div class="stack"><p>{rows.length ? t('filterEmpty', { filter: t(filters[filter]) }) : t('queueEmpty')}</p>{rows.length > 0 && <div><Button variant="secondary" onClick={() => say({ show: 'all' })}>{t('reset')}</Button></div>}</div>
          )}
        </section>
        {picked.length > 0 && <Give rows={picked} done={() => { choose([]); loaded.again() }} />}
        {may.record() && <Take />}
      </div>
    )
  }}</Loaded>
}

const channels = ['phone', 'email', 'post', 'in_person', 'support'] as const
const asked = ['access', 'rectify', 'erase', 'restrict', 'portability', 'object', 'withdraw', 'complain'] as const
/** Whoever calls or writes: typed in as it came, with the day on which it came. */
function Take() {
  const [taken, keep] = useState<{ id: string; number: string; legal: string } | undefined>()
  const doing = useAct(() => {})
  const [channel, by] = useState<string>('phone'), [rights, choose] = useState<string[]>([]), [text, write] = useState(''), [day, set] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  const take = async () => {
    if (!rights.length) return refuse({ 'right-access': t('errRight') })
    refuse({})
    keep(await doing.act('/v1/requests', { channel, rights, ...(text.trim() ? { text } : {}), ...(day ? { received: `${day}T12:00:00Z` } : {}) }))
  }
  return (
    <Panel title={t('takeTitle')}>
      <More title={t('takeOpen')}>
        <ErrorSummary errors={errors} />
        <div class="measure stack">
          <Select id="channel" label={t('cameBy')} value={channel} options={channels.map((one) => [one, named('channel', one)])} onChange={by} />
          <fieldset class="ds-fieldset"><legend class="ds-label" data-weight="medium">{t('type')}</legend>
            {asked.map((one) => <Choice key={one} kind="checkbox" name="right" value={one} label={named('right', one)} checked={rights.includes(one)} onChange={(yes) => choose(yes ? [...rights, one] : rights.filter((other) => other !== one))} />)}</fieldset>
          <Field id="came" label={t('cameOn')} help={t('cameOnHelp')} type="date" value={day} onInput={set} />
          <Field id="words" label={t('said')} help={t('sealedHelp')} value={text} onInput={write} long />
          <Outcome of={doing} />
          {taken && <Alert color="success" title={t('takenTitle', { number: taken.number })} live><p>{t('takenText', { date: date(taken.legal) })} <a class="ds-link" href={`/admin/requests/${taken.id}`}>{t('openRequest')}</a></p></Alert>}
          <div><Button busy={doing.busy} onClick={() => void take()}>{t('takeDo')}</Button></div>
        </div>
      </More>
    </Panel>
  )
}

