// What to do first: what is over, then what is due.
import { get } from '../shared/api'
import { date, number, plain } from '../shared/language'
import { Alert, Button, Loaded, Title, useLoad } from '../shared/ui'
import { type Act, type Alarm, type Breach, type Forecast, loadColleagues, loadRegister, may, now, register, requests } from './data'
import { Outcome, Panel, RequestTable, useAct, worstFirst } from './pieces'
import { Ahead } from './retention'
import { named, t } from './words'

function Figure({ value, label, href, bad }: { value: number; label: string; href: string; bad?: boolean }) {
  return <a class={`figure ${bad ? 'bad' : ''}`} href={href}><strong>{number(value)}</strong><span>{label}</span></a>
}

/** What another has asked for: never one's own to approve. */
function Acts({ acts, again }: { acts: Act[]; again: () => void }) {
  const doing = useAct(again)
  const open = acts.filter((act) => !act.approved)
  if (!open.length) return null
  return (
    <Panel title={t('waiting')}>
      <ul class="plain-list lines">{open.map((act) => (
        <li key={act.id}>
          <span><strong>{named('act', act.act)}</strong> <span class="mono quiet">{act.path}</span></span>
          {may.approve() ? <Button variant="secondary" busy={doing.busy} onClick={() => void doing.act(`/v1/acts/${act.id}/approve`)}>{t('approve')}</Button> : <span class="quiet">{t('anotherApproves')}</span>}
        </li>
      ))}</ul>
      <Outcome of={doing} />
    </Panel>
  )
}

const WEEK = 7
export function Overview() {
  const loaded = useLoad(async () => {
    const [rows, alarms, breaches, forecast, acts] = await Promise.all([requests(), get<{ alarms: Alarm[] }>('/v1/alarms'),
      get<{ breaches: Breach[] }>('/v1/breaches'), get<Forecast>('/v1/forecast?days=30'), get<{ acts: Act[] }>('/v1/acts'), loadRegister(), loadColleagues()])
    return { rows, alarms: alarms.alarms.filter((one) => !one.closed), breaches: breaches.breaches.filter((one) => !one.closed), forecast, acts: acts.acts }
  })
  return <Loaded of={loaded}>{({ rows, alarms, breaches, forecast, acts }) => {
    const open = rows.filter((row) => row.state === 'open').sort(worstFirst), over = open.filter((row) => row.overdue)
    const until = new Date(Date.parse(now()) + WEEK * 864e5).toISOString().slice(0, 10)
    const week = forecast.days.filter((day) => day.date <= until).reduce((sum, day) => sum + day.items, 0)
    const [next] = [...forecast.days].sort((a, b) => a.date.localeCompare(b.date))
    return (
      <div class="stack wide-gap">
        <Title focus={false}>{t('overview')}</Title>
        {register.value?.destruction_stopped && <Alert color="danger" title={t('stopped')} />}
        {over.length > 0 && <Alert color="danger" title={over.length === 1 ? t('overdueOne') : t('overdueBanner', { count: over.length })}><p>{over.map((row) => <a class="ds-link mono" key={row.id} href={`/admin/requests/${row.id}`}>{row.number} </a>)}</p></Alert>}
        {breaches.filter((one) => ['near', 'passed'].includes(one.clock)).map((one) => <Alert key={one.id} color="danger" title={named('clock', one.clock)}><p><a class="ds-link" href={`/admin/breaches/${one.id}`}>{t('breachOne', { number: one.number || date(one.recorded) })}</a></p></Alert>)}
        <div class="figures">
          <Figure value={open.length} label={t('openRequests')} href="/admin/requests" bad={over.length > 0} />
          <Figure value={alarms.length} label={t('openAlarms')} href="/admin/alarms" bad={alarms.length > 0} />
          <Figure value={breaches.length} label={t('openBreaches')} href="/admin/breaches" bad={breaches.some((one) => one.clock === 'passed')} />
          <Figure value={week} label={t('goingToday')} href="/admin/retention" />
        </div>
        <Acts acts={acts} again={loaded.again} />
        <Panel title={t('queue')}>
          {open.length ? <RequestTable rows={open.slice(0, 8)} label={t('queue')} /> : <p class="quiet">{next ? t('queueEmptyNext', { count: number(next.items), what: plain(next.field), date: date(next.date) }) : t('queueEmpty')}</p>}
        </Panel>
        <Panel title={t('ahead', { days: 30 })}>
          {forecast.count ? <Ahead forecast={forecast} /> : <p class="quiet">{t('aheadNone', { days: 30 })}</p>}
        </Panel>
      </div>
    )
  }}</Loaded>
}
