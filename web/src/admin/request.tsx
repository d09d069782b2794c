// One request from its receipt to its answer: one step at a time, each with its consequence first.
import { useState } from 'preact/hooks'
import { get, send } from '../shared/api'
import { date, list, moment, number, plain, said } from '../shared/language'
import { Alert, Button, Choice, Copy, ErrorSummary, Field, Icon, Loaded, save, Title, Trouble, useLoad } from '../shared/ui'
import type { Item, Overview as View } from '../mine/data'
import { loadColleagues, may, myself, nameOf, now, type Request, type Right } from './data'
import { Deadline, GiveTo, More, Outcome, Panel, Scroll, Select, short, useAct } from './pieces'
import { named, t } from './words'

const methods = ['document', 'eid', 'in_person', 'known_contact', 'call_back'] as const
function Prove({ one, again }: { one: Request; again: () => void }) {
  const { busy, error, act } = useAct(again)
  const [subject, name] = useState(one.subject ?? one.signed_in ?? '')
  const [method, by] = useState<(typeof methods)[number]>('document')
  const [reasons, say] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  return (
    <section class="panel stack">
      <h2 class="ds-heading" data-size="xs">{t('proveTitle')}</h2>
      <p class="measure">{t('proveText')} {one.identity === 'mailbox' && t('proveMailbox')}</p>
      <ErrorSummary errors={errors} />
      <div class="measure stack">
        <Field id="subject" label={t('subject')} value={subject} onInput={name} />
        <fieldset class="ds-fieldset">
          <legend class="ds-label" data-weight="medium">{t('method')}</legend>
          {methods.map((one) => <Choice key={one} name="method" value={one} label={t(`method_${one}`)} checked={method === one} onChange={() => by(one)} />)}
        </fieldset>
        <Trouble error={error} />
        <div class="row"><Button busy={busy} onClick={() => void act(`/v1/requests/${one.id}/identity`, { outcome: 'proven', subject, method })}>{t('prove')}</Button></div>
        <details class="ds-details" data-color="neutral">
          <summary>{t('askProof')}</summary>
          <div class="stack">
            <Field id="proof-reasons" label={t('reasons')} help={t('reasonsHelp')} value={reasons} onInput={say} error={errors['proof-reasons']} long />
            <div><Button variant="secondary" busy={busy} onClick={() => { if (reasons.trim().length < 8) return refuse({ 'proof-reasons': t('errReasons') }); refuse({}); void act(`/v1/requests/${one.id}/identity`, { outcome: 'asked', reasons }) }}>{t('askProof')}</Button></div>
          </div>
        </details>
      </div>
    </section>
  )
}

const exceptions: Record<string, string[]> = {
  access: ['unfounded', 'excessive', 'national_law', 'rights_of_others'], portability: ['unfounded', 'excessive', 'national_law', 'nothing_held', 'rights_of_others', 'other_basis'],
  rectify: ['unfounded', 'excessive', 'national_law', 'nothing_held', 'not_wrong'],
  erase: ['legal_duty', 'legal_claims', 'no_ground', 'expression', 'public_health', 'archiving', 'unfounded', 'excessive', 'national_law', 'nothing_held'],
  restrict: ['no_ground', 'unfounded', 'excessive', 'national_law', 'nothing_held'], object: ['compelling_grounds', 'legal_claims', 'no_ground', 'unfounded', 'excessive', 'national_law', 'nothing_held'],
  withdraw: ['no_consent', 'unfounded', 'excessive', 'national_law', 'nothing_held'], complain: ['not_upheld', 'unfounded', 'excessive', 'national_law', 'nothing_held'],
}

function Decide({ one, right, again }: { one: Request; right: Right; again: () => void }) {
  const { busy, error, act } = useAct(again)
  const [outcome, choose] = useState<'granted' | 'refused'>('granted')
  const [exception, except] = useState(exceptions[right.right]?.[0] ?? 'unfounded')
  const [reasons, say] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  const id = `reasons-${right.right}`
  const decide = () => {
    if (reasons.trim().length < 8) return refuse({ [id]: t('errReasons') })
    refuse({})
    void act(`/v1/requests/${one.id}/decision`, { right: right.right, outcome, reasons, ...(outcome === 'refused' ? { exception } : {}) })
  }
  return (
    <section class="panel stack">
      <h2 class="ds-heading" data-size="xs">{t('decideTitle')}: {named('right', right.right)}</h2>
      <ErrorSummary errors={errors} />
      <div class="measure stack">
        <fieldset class="ds-fieldset">
          <legend class="ds-sr-only">{t('decideTitle')}</legend>
          <Choice name={`outcome-${right.right}`} value="granted" label={t('grant')} checked={outcome === 'granted'} onChange={() => choose('granted')} />
          <Choice name={`outcome-${right.right}`} value="refused" label={t('refuse')} checked={outcome === 'refused'} onChange={() => choose('refused')} />
        </fieldset>
        {outcome === 'refused' && (
          <div class="ds-field"><label class="ds-label" data-weight="medium" for={`ex-${right.right}`}>{t('exception')}</label>
            <select class="ds-input" id={`ex-${right.right}`} value={exception} onChange={(event) => except(event.currentTarget.value)}>{(exceptions[right.right] ?? []).map((name) => <option key={name} value={name}>{plain(name)}</option>)}</select></div>
        )}
        <Field id={id} label={t('reasons')} help={t('reasonsHelp')} value={reasons} onInput={say} error={errors[id]} long />
        <Trouble error={error} />
        <div><Button busy={busy} onClick={decide}>{outcome === 'granted' ? t('grant') : t('refuse')}</Button></div>
      </div>
    </section>
  )
}

const Stay = ({ item }: { item: Item }) => <>{item.stays.claim ? t('claim') : item.stays.law}{item.stays.until ? ` ${t('until', { date: date(item.stays.until) })}` : ''}</>
function EraseAct({ one, again }: { one: Request; again: () => void }) {
  const doing = useAct(again), { busy, act } = doing
  const [sure, tick] = useState(false)
  const [errors, refuse] = useState<Record<string, string>>({})
  return <Loaded of={useLoad(() => get<View>(`/v1/subjects/${one.subject}/overview`))}>{(view) => {
    const stays = view.items.filter((item) => item.stays.claim || item.stays.law !== undefined), goes = view.items.filter((item) => !stays.includes(item))
    return (
      <section class="panel stack">
        <h2 class="ds-heading" data-size="xs">{t('dryTitle')}</h2>
        <ErrorSummary errors={errors} />
        <div class="pair">
          <div class="stack"><h3 class="ds-heading" data-size="2xs">{t('goes', { count: number(goes.length) })}</h3><ul class="plain-list lines">{goes.map((item) => <li key={item.id}>{said(item.says, item.field)}</li>)}</ul></div>
          <div class="stack"><h3 class="ds-heading" data-size="2xs">{t('stays', { count: number(stays.length) })}</h3>{stays.length > 0 && <p class="quiet">{t('staysBecause')}</p>}<ul class="plain-list lines">{stays.map((item) => <li key={item.id}><span>{said(item.says, item.field)}</span><span class="quiet"><Stay item={item} /></span></li>)}</ul></div>
        </div>
        <Choice kind="checkbox" name="sure" value="yes" label={t('eraseSure')} checked={sure} onChange={tick} />
        <Outcome of={doing} />
        <div><Button color="danger" busy={busy} onClick={() => { if (!sure) return refuse({ 'sure-yes': t('errSure') }); refuse({}); void act(`/v1/subjects/${one.subject}/erase`, { case: one.id, warned: true }) }}>{t('eraseDo', { count: number(goes.length) })}</Button></div>
      </section>
    )
  }}</Loaded>
}

function CopyAct({ one, right, again }: { one: Request; right: Right; again: () => void }) {
  const [state, set] = useState<{ busy?: boolean; error?: unknown }>({})
  const make = async () => {
    set({ busy: true })
    try {
      const path = right.right === 'access' ? 'access' : 'portability'
      await save(await send('POST', `/v1/subjects/${one.subject}/${path}`, { case: one.id, ...(path === 'access' ? { format: 'html', language: document.documentElement.lang } : {}) }), path === 'access' ? `kopi-${one.number}.html` : `data-${one.number}.json`)
      set({})
      again()
    } catch (error) { set({ error }) }
  }
  return <section class="panel stack"><h2 class="ds-heading" data-size="xs">{named('right', right.right)}</h2><Trouble error={state.error} /><div><Button busy={state.busy} onClick={() => void make()}>{t('copyDo')}</Button></div></section>
}

/** Which item, and what it should say: the old value is looked up for the request alone, and masked until then. */
function RectifyAct({ one, again }: { one: Request; again: () => void }) {
  const doing = useAct(again)
  const [item, choose] = useState(''), [value, write] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  return <Loaded of={useLoad(() => get<View>(`/v1/subjects/${one.subject}/overview`))}>{(view) => {
    const chosen = item || view.items[0]?.id || ''
    return (
      <Panel title={named('right', 'rectify')}>
        <p class="measure">{t('rectifyText')}</p>
        <ErrorSummary errors={errors} />
        <div class="measure stack">
          <Select id="rectify-item" label={t('what')} value={chosen} options={view.items.map((row) => [row.id, `${said(row.says, row.field)} (${date(row.collected)})`])} onChange={choose} />
          <Field id="rectify-value" label={t('rectifyValue')} value={value} onInput={write} error={errors['rectify-value']} />
          <Outcome of={doing} />
          <div><Button busy={doing.busy} onClick={() => { if (!value.trim()) return refuse({ 'rectify-value': t('errRectify') }); refuse({}); void doing.act(`/v1/subjects/${one.subject}/rectify`, { item: chosen, value, case: one.id }) }}>{t('rectifyDo')}</Button></div>
        </div>
      </Panel>
    )
  }}</Loaded>
}

const causes = ['accuracy', 'unlawful', 'claims', 'objection'] as const
function RestrictAct({ one, again }: { one: Request; again: () => void }) {
  const doing = useAct(again)
  const [cause, because] = useState<(typeof causes)[number]>('accuracy'), [fields, choose] = useState<string[]>([])
  return <Loaded of={useLoad(() => get<View>(`/v1/subjects/${one.subject}/overview`))}>{(view) => {
    const names = [...new Map(view.items.map((row) => [row.field, said(row.says, row.field)])).entries()]
    return (
      <Panel title={named('right', 'restrict')}>
        <p class="measure">{t('restrictText')}</p>
        <div class="measure stack">
          <Select id="cause" label={t('restrictWhy')} value={cause} options={causes.map((row) => [row, named('cause', row)])} onChange={(row) => because(row as typeof cause)} />
          <fieldset class="ds-fieldset"><legend class="ds-label" data-weight="medium">{t('restrictWhat')}</legend>
            {names.map(([field, text]) => <Choice key={field} kind="checkbox" name="restrict" value={field} label={text} checked={fields.includes(field)} onChange={(yes) => choose(yes ? [...fields, field] : fields.filter((other) => other !== field))} />)}</fieldset>
          <Outcome of={doing} />
          <div><Button busy={doing.busy} onClick={() => void doing.act(`/v1/subjects/${one.subject}/restrictions`, { reason: cause, case: one.id, warned: true, ...(fields.length ? { fields } : {}) })}>{t('restrictDo', { count: number(fields.length ? fields.length : names.length) })}</Button></div>
        </div>
      </Panel>
    )
  }}</Loaded>
}

/** A purpose that the person no longer wants: what stops by it is said before it is done. */
function StopAct({ one, right, again }: { one: Request; right: Right; again: () => void }) {
  const doing = useAct(again)
  const [purpose, choose] = useState('')
  const withdraws = right.right === 'withdraw'
  return <Loaded of={useLoad(() => get<View>(`/v1/subjects/${one.subject}/overview`))}>{(view) => {
    const rows = view.purposes.filter((row) => withdraws ? row.basis === 'consent' && row.consented : row.objection !== 'none'), chosen = purpose || rows[0]?.purpose || ''
    return (
      <Panel title={named('right', right.right)}>
        <div class="measure stack">
          {rows.length ? <Select id={`stop-${right.right}`} label={t('purposeFor')} value={chosen} options={rows.map((row) => [row.purpose, said(row.says, row.purpose)])} onChange={choose} /> : <p>{t('stopNone')}</p>}
          <Outcome of={doing} />
          {rows.length > 0 && <div><Button busy={doing.busy} onClick={() => void doing.act(`/v1/subjects/${one.subject}/${withdraws ? 'withdrawals' : 'objections'}`, { purpose: chosen, case: one.id })}>{t('stopDo')}</Button></div>}
        </div>
      </Panel>
    )
  }}</Loaded>
}

function Carry({ one, right, again }: { one: Request; right: Right; again: () => void }) {
  switch (right.right) {
    case 'erase': return <EraseAct one={one} again={again} />
    case 'access': case 'portability': return <CopyAct one={one} right={right} again={again} />
    case 'rectify': return may.correct() ? <RectifyAct one={one} again={again} /> : <Panel title={named('right', 'rectify')}><p class="measure">{t('mayNotCorrect')}</p></Panel>
    case 'restrict': return <RestrictAct one={one} again={again} />
    case 'object': case 'withdraw': return <StopAct one={one} right={right} again={again} />
    default: return null
  }
}

function Answer({ one, ready, again }: { one: Request; ready: boolean; again: () => void }) {
  const { busy, error, act } = useAct(again)
  const [letter, show] = useState<{ text?: string; error?: unknown }>({})
  const [reasons, say] = useState('')
  const reasoned = one.steps.some((step) => step.step === 'extension:reasoned')
  const read = async () => {
    try { show({ text: await (await send('POST', `/v1/requests/${one.id}/letter`, { format: 'text', language: document.documentElement.lang === 'nn' ? 'nb' : document.documentElement.lang })).text() }) } catch (problem) { show({ error: problem }) }
  }
  return (
    <section class="panel stack">
      <h2 class="ds-heading" data-size="xs">{t('answerTitle')}</h2>
      <div class="row"><Button variant="secondary" onClick={() => void read()}>{t('letter')}</Button>{may.share() && <Button variant="secondary" busy={busy} onClick={() => void act(`/v1/requests/${one.id}/mail`)}>{t('mailLetter')}</Button>}<Button busy={busy} disabled={!ready} onClick={() => void act(`/v1/requests/${one.id}/close`)}>{t('closeRequest')}</Button></div>
      {!ready && <p class="quiet">{t('notYet')}</p>}
      <Trouble error={error ?? letter.error} />
      {letter.text && <Scroll label={t('letter')}><pre class="letter">{letter.text}</pre></Scroll>}
      {!one.extended && (reasoned
        ? <Alert color="info" title={t('extendTell')}><p>{t('extendTellText')}</p><p><Button variant="secondary" busy={busy} onClick={() => void act(`/v1/requests/${one.id}/extension`, { told: now() })}>{t('extendTold')}</Button></p></Alert>
        : <More title={t('extend')}><div class="stack measure"><p>{t('extendText')}</p><Field id="extend" label={t('reasons')} value={reasons} onInput={say} long /><div><Button variant="secondary" busy={busy} disabled={reasons.trim().length < 8} onClick={() => void act(`/v1/requests/${one.id}/extension`, { reasons })}>{t('extendDo')}</Button></div></div></More>)}
    </section>
  )
}

function Steps({ one }: { one: Request }) {
  const decided = one.rights.every((right) => right.outcome !== 'open'), acted = one.rights.every((right) => right.outcome === 'refused' || right.outcome === 'joined' || right.done)
  const steps: [keyof typeof keys, boolean][] = [['received', true], ['identity', one.identity === 'proven'], ['decision', decided], ['act', decided && acted], ['answer', one.closed !== null]]
  const keys = { received: 'step_received', identity: 'step_identity', decision: 'step_decision', act: 'step_act', answer: 'step_answer' } as const
  const current = steps.findIndex(([, done]) => !done)
  return <ol class="steps plain-list" aria-label={t('steps')}>{steps.map(([key, done], i) => <li key={key} class={done ? 'done' : ''} aria-current={i === current ? 'step' : undefined}>{done ? <Icon name="check" /> : <span class="dot">{i + 1}</span>}{t(keys[key])}</li>)}</ol>
}

/** "granted:erase" is a decision of a right, "request:received" a step of the request. */
function stepName(step: string): string {
  const [what = '', of = ''] = step.split(':')
  return ['granted', 'partly', 'refused', 'joined'].includes(what) ? `${named('right', of)}: ${named('outcome', what)}` : named('event', `${what}_${of}`.replace(/_$/, ''))
}

/** Who deals with it. It is a note among colleagues: whoever may decide, still may. */
function Owner({ one, again }: { one: Request; again: () => void }) {
  const doing = useAct(again)
  return (
    <Panel title={t('owner')} aside={<strong>{one.owner ? one.owner === myself() ? t('me') : nameOf(one.owner) : t('ownerNone')}</strong>}>
      {may.officer() && one.state === 'open' && <>
        <p class="quiet measure">{t('ownerText')}</p>
        <Outcome of={doing} />
        <GiveTo owner={one.owner} busy={doing.busy} give={(member) => void doing.act(`/v1/requests/${one.id}/owner`, member ? { member } : {})} back={!!one.owner} />
      </>}
    </Panel>
  )
}

export function OneRequest({ id }: { id: string }) {
  const loaded = useLoad(async () => (await Promise.all([get<Request>(`/v1/requests/${id}`), loadColleagues()]))[0], id)
  return <Loaded of={loaded}>{(one) => {
    const open = one.state === 'open', proven = one.identity === 'proven', again = loaded.again
    const undecided = one.rights.filter((right) => right.outcome === 'open'), granted = one.rights.filter((right) => right.outcome === 'granted' && !right.done)
    const words = one.steps.map((step) => step.said?.text).filter(Boolean)
    return (
      <div class="stack wide-gap">
        <div class="row apart">
          <div class="stack tight"><Title>{t('requestTitle', { number: one.number })}</Title><p>{list(one.rights.map((right) => named('right', right.right)))} <Copy text={one.number} /></p></div>
          <div class="stack tight deadline-box"><Deadline day={one.due.legal} closed={one.closed} over={one.is_overdue} /><small class="quiet">{t('legalBasis')}</small></div>
        </div>
        <Steps one={one} />
        {words.length > 0 && <section class="panel stack"><h2 class="ds-heading" data-size="xs">{t('said')}</h2>{words.map((text, i) => <blockquote key={i}>{text}</blockquote>)}</section>}
        <Owner one={one} again={again} />
        {open && !may.decide() && <Alert color="info"><p>{t('readOnly')}</p></Alert>}
        {open && may.decide() && !proven && <Prove one={one} again={again} />}
        {open && may.decide() && proven && undecided.map((right) => <Decide key={right.right} one={one} right={right} again={again} />)}
        {open && may.rights() && granted.map((right) => <Carry key={right.right} one={one} right={right} again={again} />)}
        {open && may.decide() && proven && undecided.length === 0 && <Answer one={one} ready={granted.length === 0} again={again} />}
        <section class="panel stack">
          <h2 class="ds-heading" data-size="xs">{t('timeline')}</h2>
          <ul class="plain-list lines">{one.steps.map((step, i) => <li key={i}><span>{stepName(step.step)}{step.owner && `: ${nameOf(step.owner)}`}{step.said?.reasons && <span class="block quiet">{step.said.reasons}</span>}</span><span class="quiet">{moment(step.at)}</span></li>)}</ul>
          {one.subject && <p><a class="ds-link" href={`/admin/people/${one.subject}`}>{t('person', { id: short(one.subject) })}</a></p>}
        </section>
      </div>
    )
  }}</Loaded>
}

