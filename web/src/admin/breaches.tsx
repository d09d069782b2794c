// Breaches: the clock first, then what is known, whom it concerned, the weighing, the papers and the telling.
import { useState } from 'preact/hooks'
import { get, send } from '../shared/api'
import { date, list, moment, number, plain } from '../shared/language'
import { Alert, Button, Choice, ErrorSummary, Field, Icon, Loaded, save, Tag, Title, Trouble, useLoad } from '../shared/ui'
import { type Breach, called, may, now, register } from './data'
import { Heading, More, Outcome, Panel, Scroll, Select, Table, useAct } from './pieces'
import { named, t } from './words'

interface Known { recorded: string; nature: string[]; description: string; from?: string; to?: string; where: Record<string, unknown> }
interface Whole extends Breach {
  known: Known[]; assessments: { at: string; risk: string; reasons: string }[]; phases: { at?: string; sent?: string; reference?: string; language?: string; lacking?: string[] }[]
  accounts: { at?: string; language: string; contact?: string; consequences?: string; measures?: string; what?: string }[]
  exemptions: { at: string; ground: string; reasons: string }[]; tellings: { at: string }[]; closings: { at: string; reasons?: string }[]; controller_told: { at?: string }[]
}
const natures = ['confidentiality', 'integrity', 'availability'] as const
const HOUR = 36e5

function Clock({ one }: { one: Breach }) {
  if (one.closed) return <span class="quiet">{t('alarmClosed')} {date(one.closed)}</span>
  if (!one.deadline) return <span class="quiet">–</span>
  if (['met', 'late', 'not_needed'].includes(one.clock)) return <span class="deadline-cell">{named('clock', one.clock)}</span>
  const left = Math.floor((Date.parse(one.deadline) - Date.parse(now())) / HOUR)
  return <span class={`deadline-cell ${left < 0 ? 'over' : left < 24 ? 'soon' : ''}`}>{moment(one.deadline)} · {left < 0 ? t('hoursOver', { count: -left }) : t('hoursLeft', { count: left })}</span>
}
const Risk = ({ risk }: { risk: string }) => <Tag color={risk === 'high' ? 'danger' : risk === 'risk' ? 'warning' : risk === 'none' ? 'success' : 'neutral'}>{named('risk', risk)}</Tag>
const titleOf = (one: Breach) => t('breachOne', { number: one.number || date(one.recorded) })

export function Breaches() {
  const loaded = useLoad(() => get<{ breaches: Breach[] }>('/v1/breaches'))
  const doing = useAct(loaded.again)
  const [text, write] = useState(''), [nature, choose] = useState<string[]>(['confidentiality']), [aware, set] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  const record = () => {
    const found = { ...(text.trim() ? {} : { what: t('errBreach') }), ...(nature.length ? {} : { 'nature-confidentiality': t('errNature') }) }
    refuse(found)
    if (!Object.keys(found).length) void doing.act('/v1/breaches', { nature, description: text, all: true, ...(aware ? { aware: new Date(aware).toISOString().replace('.000', '') } : {}) })
  }
  return <Loaded of={loaded}>{({ breaches }) => (
    <div class="stack wide-gap">
      <Title>{t('breaches')}</Title>
      <Panel>{breaches.length === 0 ? <p class="quiet">{t('breachNone')}</p> : (
        <Table label={t('breaches')} columns={[t('breach'), t('notifyBy'), t('riskTitle'), t('concerned'), t('status')]} rows={[...breaches].sort((a, b) => Number(!!a.closed) - Number(!!b.closed) || (a.deadline ?? '').localeCompare(b.deadline ?? '')).map((one) => [
          <a class="ds-link" href={`/admin/breaches/${one.id}`}>{titleOf(one)}</a>, <Clock one={one} />, <Risk risk={one.risk} />,
          one.scope.people === undefined ? t('notCounted') : number(one.scope.people), <Tag color={one.closed ? 'neutral' : 'info'}>{one.closed ? t('alarmClosed') : t('alarmOpen')}</Tag>])} />
      )}</Panel>
      {may.officer() && (
        <Panel title={t('breachNew')}>
          <p class="measure">{t('breachClock')}</p>
          <ErrorSummary errors={errors} />
          <div class="measure stack">
            <Field id="what" label={t('breachWhat')} help={t('sealedHelp')} value={text} onInput={write} error={errors.what} long />
            <fieldset class="ds-fieldset"><legend class="ds-label" data-weight="medium">{t('breachNature')}</legend>
              {natures.map((one) => <Choice key={one} kind="checkbox" name="nature" value={one} label={t(`nature_${one}`)} checked={nature.includes(one)} onChange={(yes) => choose(yes ? [...nature, one] : nature.filter((other) => other !== one))} />)}</fieldset>
            <div class="ds-field"><label class="ds-label" data-weight="medium" for="aware">{t('breachAware')}</label><input class="ds-input" id="aware" type="datetime-local" value={aware} onInput={(event) => set(event.currentTarget.value)} aria-describedby="aware-help" /><div data-field="description" class="quiet" id="aware-help">{t('breachAwareHelp')}</div></div>
            <Outcome of={doing} />
            <div><Button busy={doing.busy} onClick={record}>{t('breachRecord')}</Button></div>
          </div>
        </Panel>
      )}
    </div>
  )}</Loaded>
}

// ---- one ----

export function OneBreach({ id }: { id: string }) {
  const loaded = useLoad(() => get<Whole>(`/v1/breaches/${id}`), id)
  return <Loaded of={loaded}>{(one) => {
    const again = loaded.again, acts = !one.closed && may.officer()
    return (
      <div class="stack wide-gap">
        <div class="row apart">
          <div class="stack tight"><Title>{titleOf(one)}</Title><p>{list(one.nature.map((kind) => t(`nature_${kind}` as 'nature_integrity').split(':')[0]!))}</p></div>
          <div class="stack tight deadline-box"><Clock one={one} /><small class="quiet">{t('breachBasis')}</small></div>
        </div>
        <Ladder one={one} />
        <Panel title={t('known')}>
          {one.known.map((known, i) => <div class="stack tight" key={i}><blockquote>{known.description}</blockquote><p class="quiet">{moment(known.recorded)}</p></div>)}
          {acts && <Amend one={one} again={again} />}
        </Panel>
        <Concerned one={one} acts={acts} again={again} />
        <Weigh one={one} acts={acts && may.decide()} again={again} />
        <Papers one={one} acts={acts} again={again} />
        {(one.risk === 'high' || one.risk === 'risk') && <Tell one={one} acts={acts} again={again} />}
        {acts && <End one={one} again={again} />}
      </div>
    )
  }}</Loaded>
}

/** What is done and what comes next. */
function Ladder({ one }: { one: Whole }) {
  const notified = one.phases.length > 0 || one.clock === 'not_needed', told = one.risk !== 'high' || one.exemptions.length > 0 || (one.tellings.length > 0 && one.to_tell === 0)
  const steps: [string, boolean][] = [[t('stepRecorded'), true], [t('stepScope'), one.scope.state === 'computed'], [t('stepRisk'), one.risk !== 'not_assessed'], [t('stepNotified'), notified], [t('stepTold'), one.risk !== 'not_assessed' && told], [t('stepClosed'), !!one.closed]]
  const current = steps.findIndex(([, done]) => !done)
  return <ol class="steps plain-list" aria-label={t('steps')}>{steps.map(([text, done], i) => <li key={text} class={done ? 'done' : ''} aria-current={i === current ? 'step' : undefined}>{done ? <Icon name="check" /> : <span class="dot">{i + 1}</span>}{text}</li>)}</ol>
}

function Amend({ one, again }: { one: Whole; again: () => void }) {
  const doing = useAct(again)
  const [text, write] = useState('')
  return <More title={t('amend')}><div class="measure stack"><p>{t('amendText')}</p><Field id="amend" label={t('breachWhat')} value={text} onInput={write} long /><Outcome of={doing} /><div><Button variant="secondary" busy={doing.busy} disabled={!text.trim()} onClick={() => void doing.act(`/v1/breaches/${one.id}/amendments`, { nature: one.nature, description: text, all: true })}>{t('amendDo')}</Button></div></div></More>
}

function Concerned({ one, acts, again }: { one: Whole; acts: boolean; again: () => void }) {
  const doing = useAct(again), scope = one.scope
  const going = register.value?.works?.find((work) => work.what.includes('scope'))
  return (
    <Panel title={t('concerned')}>
      {scope.people !== undefined ? <>
        <p>{t('scopeText', { people: number(scope.people), records: number(scope.records ?? 0), erased: number(scope.erased_since ?? 0) })}</p>
        {scope.state === 'outdated' && <Alert color="warning"><p>{t('outdated')}</p></Alert>}
        <Table label={t('concerned')} columns={[t('what'), `#${t('peopleCount')}`]} rows={[...(scope.categories ?? []).map((row) => [called(row.category), number(row.people)]), ...(scope.roles ?? []).map((row) => [t('asRole', { role: plain(row.role) }), number(row.people)])]} />
      </> : <p class="quiet">{t('scopeNone')}</p>}
      {doing.busy && <p role="status" class="stack tight"><progress aria-label={t('scopeDo')} value={going?.looked} max={going?.of || 1} /><span class="quiet">{t('mayLeave')}</span></p>}
      <Outcome of={doing} />
      {acts && scope.state !== 'computed' && <div><Button busy={doing.busy} onClick={() => void doing.act(`/v1/breaches/${one.id}/scope`)}>{t('scopeDo')}</Button></div>}
    </Panel>
  )
}

const risks = ['none', 'risk', 'high'] as const
function Weigh({ one, acts, again }: { one: Whole; acts: boolean; again: () => void }) {
  const doing = useAct(again)
  const [risk, choose] = useState<(typeof risks)[number]>('risk'), [reasons, say] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  return (
    <Panel title={t('riskTitle')}>
      {one.assessments.length > 0 ? <ul class="plain-list lines">{[...one.assessments].reverse().map((row, i) => <li key={i}><span><Risk risk={row.risk} /> {row.reasons}</span><span class="quiet">{moment(row.at)}</span></li>)}</ul> : <p class="quiet">{t('riskNone')}</p>}
      {acts && <More title={one.assessments.length ? t('weighAgain') : t('weigh')}>
        <ErrorSummary errors={errors} />
        <div class="measure stack">
          <fieldset class="ds-fieldset"><legend class="ds-label" data-weight="medium">{t('riskAsk')}</legend>
            {risks.map((row) => <Choice key={row} name="risk" value={row} label={named('risk', row)} help={t(`riskMeans_${row}`)} checked={risk === row} onChange={() => choose(row)} />)}</fieldset>
          <Field id="risk-reasons" label={risk === 'none' ? t('notReported') : t('reasons')} help={risk === 'none' ? t('notReportedHelp') : t('sealedHelp')} value={reasons} onInput={say} error={errors['risk-reasons']} long />
          <Outcome of={doing} />
          <div><Button busy={doing.busy} onClick={() => { if (reasons.trim().length < 8) return refuse({ 'risk-reasons': t('errReasons') }); refuse({}); void doing.act(`/v1/breaches/${one.id}/assessments`, { risk, reasons }) }}>{risk === 'none' ? t('weighNone') : t('weighDo')}</Button></div>
        </div>
      </More>}
    </Panel>
  )
}

// ---- papers ----

interface Paper { title: string; law: string; items: Record<string, { heading?: string; text?: string[]; [name: string]: unknown }> }
const LABELLED = ['number', 'erased', 'records', 'from', 'to', 'aware', 'deadline'] as const
/** A paper's item as lines: what is but a number or a date says what it is of. */
function words(item: Paper['items'][string]): string[] {
  const line = (name: string, value: unknown): string[] => Array.isArray(value) ? value.map(String) : value && typeof value === 'object' ? Object.entries(value).flatMap(([inner, one]) => line(inner, one))
    : [LABELLED.includes(name as 'to') ? `${named('paper', name)}: ${String(value)}` : String(value)]
  return item.text ?? Object.entries(item).filter(([name]) => name !== 'heading').flatMap(([name, value]) => line(name, value))
}
const Shown = ({ paper }: { paper: Paper }) => (
  <Scroll label={paper.title}><article class="paper stack"><Heading small>{paper.title}</Heading><p class="quiet">{paper.law}</p>{Object.entries(paper.items).filter(([, item]) => item.heading).map(([name, item]) => <div key={name}><h4>{item.heading}</h4>{words(item).map((line, i) => <p key={i}>{line}</p>)}</div>)}</article></Scroll>
)
const account = ['contact', 'consequences', 'measures', 'what'] as const
function Papers({ one, acts, again }: { one: Whole; acts: boolean; again: () => void }) {
  const language = document.documentElement.lang
  const last = [...one.accounts].reverse().find((row) => row.language === language)
  const doing = useAct(again), sending = useAct(again)
  const [texts, write] = useState<Record<string, string>>({})
  const [draft, show] = useState<{ paper?: Paper; error?: unknown }>({})
  const [phased, part] = useState(false), [delay, because] = useState(''), [reference, refer] = useState('')
  const text = (name: (typeof account)[number]) => texts[name] ?? last?.[name] ?? ''
  const late = one.clock === 'passed'
  const ask = { language, ...(phased ? { phased } : {}), ...(delay.trim() ? { delay } : {}) }
  const read = (kind: string) => void send('POST', `/v1/breaches/${one.id}/${kind}`, kind === 'message' ? { language } : ask).then((answer) => answer.json() as Promise<Paper>).then((paper) => show({ paper }), (error: unknown) => show({ error }))
  const take = async () => { try { await save(await send('POST', `/v1/breaches/${one.id}/notification`, { ...ask, html: true }), `melding-${one.number || one.id.slice(0, 6)}.html`) } catch (error) { show({ error }) } }
  return (
    <Panel title={t('papersTitle')}>
      <p class="measure">{t('papersText')}</p>
      {acts && <More title={t('account')}><div class="measure stack">
        {account.map((name) => <Field key={name} id={`account-${name}`} label={t(`account_${name}`)} value={text(name)} onInput={(value) => write({ ...texts, [name]: value })} long />)}
        <Outcome of={doing} />
        <div><Button variant="secondary" busy={doing.busy} onClick={() => void doing.act(`/v1/breaches/${one.id}/account`, { language, ...Object.fromEntries(account.map((name) => [name, text(name)]).filter(([, value]) => value)) })}>{t('keep')}</Button></div>
      </div></More>}
      {late && <div class="measure"><Field id="delay" label={t('delay')} help={t('delayHelp')} value={delay} onInput={because} long /></div>}
      <Choice kind="checkbox" name="phased" value="yes" label={t('phased')} checked={phased} onChange={part} />
      <div class="row"><Button variant="secondary" onClick={() => read('notification')}>{t('draftAuthority')}</Button><Button variant="secondary" onClick={() => read('message')}>{t('draftPeople')}</Button><Button variant="tertiary" onClick={() => void take()}><Icon name="download" />{t('asPage')}</Button></div>
      <Trouble error={draft.error} />
      {draft.paper && <Shown paper={draft.paper} />}
      {one.phases.length > 0 && <><Heading small>{t('sentPhases')}</Heading><ul class="plain-list lines">{one.phases.map((row, i) => <li key={i}><span>{row.reference || t('phase', { number: i + 1 })}{row.lacking?.length ? <span class="block quiet">{t('lacked')} {row.lacking.map(plain).join(', ')}</span> : null}</span><span class="quiet">{row.sent ?? row.at ? moment((row.sent ?? row.at)!) : ''}</span></li>)}</ul></>}
      {acts && <More title={t('phaseDo')}><div class="measure stack"><p>{t('phaseText')}</p><Field id="phase-reference" label={t('reference')} value={reference} onInput={refer} /><Outcome of={sending} /><div><Button busy={sending.busy} onClick={() => void sending.act(`/v1/breaches/${one.id}/phases`, { language, ...(delay.trim() ? { delay } : {}), ...(reference.trim() ? { reference } : {}) })}>{t('phaseRecord')}</Button></div></div></More>}
    </Panel>
  )
}

const grounds = ['protected', 'risk_averted', 'disproportionate'] as const
function Tell({ one, acts, again }: { one: Whole; acts: boolean; again: () => void }) {
  const doing = useAct(again), leaving = useAct(again), language = document.documentElement.lang
  const [ground, choose] = useState<(typeof grounds)[number]>('protected'), [reasons, say] = useState(''), [instead, tell] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  return (
    <Panel title={t('tellTitle')}>
      <p class="measure">{one.tellings.length ? t('toTell', { count: number(one.to_tell) }) : t('tellText')}</p>
      {one.exemptions.map((row, i) => <Alert key={i} color="neutral" title={named('ground', row.ground)}><p>{row.reasons}</p></Alert>)}
      <Outcome of={doing} />
      {acts && <div><Button busy={doing.busy} disabled={one.scope.state !== 'computed'} onClick={() => void doing.act(`/v1/breaches/${one.id}/telling`, { language })}>{t('tellDo', { count: number(one.scope.people ?? 0) })}</Button></div>}
      {acts && may.decide() && <More title={t('exempt')}>
        <ErrorSummary errors={errors} />
        <div class="measure stack">
          <Select id="ground" label={t('exemptGround')} value={ground} options={grounds.map((row) => [row, named('ground', row)])} onChange={(row) => choose(row as typeof ground)} />
          <Field id="exempt-reasons" label={t('reasons')} help={t('sealedHelp')} value={reasons} onInput={say} error={errors['exempt-reasons']} long />
          {ground === 'disproportionate' && <Field id="instead" label={t('instead')} value={instead} onInput={tell} long />}
          <Outcome of={leaving} />
          <div><Button variant="secondary" busy={leaving.busy} onClick={() => { if (reasons.trim().length < 8) return refuse({ 'exempt-reasons': t('errReasons') }); refuse({}); void leaving.act(`/v1/breaches/${one.id}/exemption`, { ground, reasons, ...(instead.trim() ? { instead } : {}) }) }}>{t('exemptDo')}</Button></div>
        </div>
      </More>}
    </Panel>
  )
}

function End({ one, again }: { one: Whole; again: () => void }) {
  const doing = useAct(again)
  const [reasons, say] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  return (
    <Panel title={t('breachEnd')}>
      <p class="measure">{t('breachEndText')}</p>
      <ErrorSummary errors={errors} />
      <div class="measure stack"><Field id="end-reasons" label={t('reasons')} help={t('sealedHelp')} value={reasons} onInput={say} error={errors['end-reasons']} long /><Outcome of={doing} />
        <div><Button variant="secondary" busy={doing.busy} onClick={() => { if (reasons.trim().length < 8) return refuse({ 'end-reasons': t('errReasons') }); refuse({}); void doing.act(`/v1/breaches/${one.id}/close`, { reasons }) }}>{t('breachEnd')}</Button></div></div>
    </Panel>
  )
}
