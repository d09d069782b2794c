// What somebody must see; closing one says why, and is never about oneself.
import { useState } from 'preact/hooks'
import { moment, number } from '../shared/language'
import { Button, ErrorSummary, Field, Loaded, Tag, Title, useLoad } from '../shared/ui'
import { type Alarm, all, may } from './data'
import { More, Outcome, Panel, useAct } from './pieces'
import { named, t } from './words'

function AlarmRow({ one, again }: { one: Alarm; again: () => void }) {
  const doing = useAct(again)
  const [why, say] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  const id = `why-${one.id}`
  return (
    <li>
      <Panel title={`${named('alarm', one.kind)}${one.name ? `: ${named('alarmed', one.name)}` : ''}`} aside={<Tag color={one.closed ? 'neutral' : 'danger'}>{one.closed ? t('alarmClosed') : t('alarmOpen')}</Tag>}>
        <p class="quiet">{t('since')} {moment(one.since)}{one.rule ? <> · <span class="mono">{one.rule}</span></> : ''}{one.subject ? <> · <a class="ds-link" href={`/admin/people/${one.subject}`}>{t('theOne')}</a></> : ''}{one.case ? <> · <a class="ds-link" href={`/admin/requests/${one.case}`}>{t('theRequest')}</a></> : ''}</p>
        {!one.closed && may.officer() && <More title={t('alarmClose')}><div class="stack measure"><ErrorSummary errors={errors} /><Field id={id} label={t('alarmWhy')} value={why} onInput={say} error={errors[id]} /><Outcome of={doing} /><div><Button variant="secondary" busy={doing.busy} onClick={() => { if (why.trim().length < 4) return refuse({ [id]: t('errWhy') }); refuse({}); void doing.act(`/v1/alarms/${one.id}/close`, { why }) }}>{t('alarmClose')}</Button></div></div></More>}
      </Panel>
    </li>
  )
}
export function Alarms() {
  const loaded = useLoad(() => all<Alarm>('/v1/alarms?limit=200', 'alarms'))
  return <Loaded of={loaded}>{(alarms) => {
    const sorted = [...alarms].sort((a, b) => b.since.localeCompare(a.since)), open = sorted.filter((one) => !one.closed), closed = sorted.filter((one) => one.closed)
    const rows = (some: Alarm[]) => <ul class="plain-list stack">{some.map((one) => <AlarmRow key={one.id} one={one} again={loaded.again} />)}</ul>
    return (
      <div class="stack wide-gap">
        <Title>{t('alarms')}</Title>
        {open.length ? rows(open) : <p class="panel">{t('alarmNone')}</p>}
        {closed.length > 0 && <More title={t('alarmsClosed', { count: number(closed.length) })}>{rows(closed)}</More>}
      </div>
    )
  }}</Loaded>
}
