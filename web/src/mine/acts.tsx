// What a person does with their data: takes a copy, puts right, erases, restricts, objects.
import { useState } from 'preact/hooks'
import { ApiError, once, post, send } from '../shared/api'
import { date, language, list, number } from '../shared/language'
import { Alert, Button, Choice, ErrorSummary, Field, Icon, type IconName, Loaded, save, Tag, Title, useLoad } from '../shared/ui'
import { by, type Item, loadOverview, type Overview, overview, proven, type Purpose, type Request, requests } from './data'
import { Company, companyName, Done, Failed, fields, Receipt, Saved, useAsk, Waits, what, why } from './parts'
import { t } from './words'

interface Written { log_index: number }
const both = async () => ({ view: await loadOverview(), list: await requests() })

// ---- download ----

function Files({ case_, number, headers }: { case_?: string; number?: string; headers: Record<string, string> }) {
  const [error, fail] = useState<unknown>()
  const give = (path: string, body: object, name: string) => async () => {
    fail(undefined)
    try { await save(await send('POST', path, case_ ? { ...body, case: case_ } : body, headers), name) } catch (problem) { fail(problem) }
  }
  return (
    <div class="stack">
      {number && <h2 class="ds-heading" data-size="xs">{t('underRequest', { number })}</h2>}
      <div class="row">
        <Button onClick={give('/v1/me/access', { format: 'html', language: language.value }, 'mine-opplysninger.html')}>{t('page')}</Button>
        <Button variant="secondary" onClick={give('/v1/me/access', {}, 'mine-opplysninger.json')}>{t('dataFile')}</Button>
        <Button variant="secondary" onClick={give('/v1/me/portability', {}, 'data-til-annet-system.json')}>{t('portable')}</Button>
      </div>
      <Failed error={error} />
    </div>
  )
}

export function Download() {
  const ask = useAsk()
  const [company, choose] = useState('')
  const loaded = useLoad(both)
  if (ask.taken) return <Receipt taken={ask.taken} />
  return <Loaded of={loaded}>{({ view, list }) => {
    const open = list.filter((one) => one.rights.some((right) => right === 'access' || right === 'portability') && one.identity === 'proven')
    const chosen = company || view.controllers[0]!.id, headers = by(view, chosen)
    return (
      <div class="stack wide-gap">
        <Title>{t('downloadTitle')}</Title>
        <Waits view={view} />
        <p class="measure">{t('downloadIntro')}</p>
        <Company view={view} value={chosen} onChange={choose} />
        {!view.asks_identity.access && <section class="panel"><Files headers={headers} /></section>}
        {open.map((one) => <section class="panel" key={one.id}><Files case_={one.id} number={one.number} headers={headers} /></section>)}
        {view.asks_identity.access && (
          <section class="panel stack">
            <h2 class="ds-heading" data-size="xs">{t('needsProof')}</h2>
            <p class="measure">{t('needsProofText')}</p>
            <div class="row">
              <Button busy={ask.busy} onClick={() => void ask.ask(['access'], undefined, headers)}>{t('askCopy')}</Button>
              <Button variant="secondary" busy={ask.busy} onClick={() => void ask.ask(['portability'], undefined, headers)}>{t('askPortable')}</Button>
            </div>
            <Failed error={ask.error} />
          </section>
        )}
      </div>
    )
  }}</Loaded>
}

// ---- put right ----

const forWhat = (item: Item, view: Overview) => list(item.purposes.map((ground) => why(view, ground.purpose)))

/** Is it put right at once, or does the firm decide? Under a request that was granted, or where a mailbox is proof enough. */
const atOnce = (view: Overview, list: Request[], item?: Item) => item?.change === 'here' && !view.waits && (!view.asks_identity.rectify || proven(list, 'rectify') !== undefined)

function Fate({ now, proof }: { now: boolean; proof: boolean }) {
  return (
    <p class="fate-note row">
      <Icon name={now ? 'check' : 'clock'} />
      <span><strong>{now ? t('atOnce') : t('theyDecide')}</strong> {now ? t('atOnceText') : <>{proof && t('theyProof')} {t('theyDecideText')}</>}</span>
    </p>
  )
}

export function Correct() {
  const ask = useAsk()
  const loaded = useLoad(both)
  const [chosen, choose] = useState('')
  const [right, write] = useState('')
  const [errors, refuse] = useState<Record<string, string>>({})
  const [checking, check] = useState(false)
  const [state, set] = useState<{ busy?: boolean; error?: unknown; done?: Written }>({})
  if (ask.taken) return <Receipt taken={ask.taken} />
  return <Loaded of={loaded}>{({ view, list: asked }) => {
    const item = view.items.find((one) => one.id === chosen)
    const several = (one: Item) => view.items.filter((other) => other.field === one.field).length > 1
    const label = item ? what(item) : chosen ? t('other') : ''
    const now = atOnce(view, asked, item), short = now && item?.kind !== 'text'
    const proceed = (event: Event) => {
      event.preventDefault()
      const found: Record<string, string> = {}
      if (!chosen) found[`what-${view.items[0]?.id ?? 'other'}`] = t('errWhat')
      if (!right.trim()) found.right = t('errRight')
      refuse(found)
      check(!Object.keys(found).length)
    }
    const put = async () => {
      set({ busy: true })
      const granted = proven(asked, 'rectify')
      try { set({ done: await post<Written>('/v1/me/rectify', { item: chosen, value: right.trim(), ...(view.asks_identity.rectify && granted ? { case: granted.id } : {}) }, by(view, item!.controller)) }) } catch (error) { set({ error }) }
    }
    if (state.done) return <Done title={t('corrected')} index={state.done.log_index}><p class="measure">{t('correctedText', { what: label })}</p></Done>
    const change = (of: string) => <dd><button type="button" class="ds-link" onClick={() => check(false)}>{t('change')}<span class="ds-sr-only"> {of}</span></button></dd>
    if (checking) return (
      <div class="stack wide-gap">
        <Title key="check">{t('checkTitle')}</Title>
        <dl class="answers panel">
          <div><dt>{t('correctWhat')}</dt><dd>{label}</dd>{change(t('correctWhat'))}</div>
          <div><dt>{t('correctRight')}</dt><dd class="typed">{right}</dd>{change(t('correctRight'))}</div>
        </dl>
        <Fate now={now} proof={item?.change === 'here' && view.asks_identity.rectify} />
        <Failed error={state.error ?? ask.error} />
        <div>{now
          ? <Button busy={state.busy} onClick={() => void put()}>{t('correctNow')}</Button>
          : <Button busy={ask.busy} onClick={() => void ask.ask(['rectify'], `${item?.field ?? 'other'}: ${right}`, by(view, item?.controller ?? ''))}>{t('sendRequest')}</Button>}</div>
      </div>
    )
    return (
      <form class="stack wide-gap" onSubmit={proceed} noValidate>
        <Title>{t('correctTitle')}</Title>
        <ErrorSummary errors={errors} />
        <Waits view={view} />
        <p class="measure">{t('correctIntro')}</p>
        <fieldset class="ds-fieldset">
          <legend class="ds-label" data-weight="medium">{t('correctWhat')}</legend>
          {view.items.map((one) => (
            <Choice key={one.id} name="what" value={one.id} label={what(one)} checked={chosen === one.id} onChange={() => { choose(one.id); refuse({}) }}
              help={several(one) ? list([...(view.controllers.length > 1 ? [companyName(view, one.controller)] : []), forWhat(one, view)]) : undefined} />
          ))}
          <Choice name="what" value="other" label={t('other')} checked={chosen === 'other'} onChange={() => { choose('other'); refuse({}) }} />
          {Object.keys(errors).some((id) => id.startsWith('what-')) && <p class="ds-validation-message">{t('errWhat')}</p>}
        </fieldset>
        {item?.change === 'address'
          ? <p class="row"><span>{t('isAddress')}</span> <a class="ds-link" href="/mine/address">{t('addressTitle')}</a></p>
          : <>
              {chosen && <Fate now={now} proof={item?.change === 'here' && view.asks_identity.rectify} />}
              <div class="measure">
                <Field key={String(short)} id="right" label={t('correctRight')} help={t('correctHelp')} value={right} onInput={(value) => { write(value); refuse({}) }} error={errors.right}
                  long={!short} type={short && item?.kind === 'email' ? 'email' : 'text'} />
              </div>
              <div><Button type="submit">{t('go')}</Button></div>
            </>}
      </form>
    )
  }}</Loaded>
}

// ---- another address ----

const looksLikeAddress = (text: string) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim())
const bare = (code: string) => code.toUpperCase().replace(/[\s-]/g, '')

export function Address() {
  const loaded = useLoad(loadOverview)
  const [item, choose] = useState('')
  const [value, write] = useState('')
  const [codes, type] = useState({ old: '', new: '' })
  const [errors, refuse] = useState<Record<string, string>>({})
  const [state, set] = useState<{ busy?: boolean; error?: unknown; sent?: boolean; done?: Written }>({})
  if (state.done) return (
    <div class="stack wide-gap">
      <div class="receipt panel stack"><Icon name="check" /><Title key="done">{t('addressDone')}</Title><p class="measure">{t('addressAfter')}</p></div>
    </div>
  )
  return <Loaded of={loaded}>{(view) => {
    const addresses = view.items.filter((one) => one.kind === 'email' && (one.change === 'address' || one.change === 'here'))
    const chosen = item || (addresses.find((one) => one.change === 'address') ?? addresses[0])?.id || ''
    const ask = async () => {
      if (!looksLikeAddress(value)) return refuse({ address: t('errAddress') })
      refuse({})
      set({ busy: true, sent: state.sent })
      try { await post('/v1/me/address', { item: chosen, value: value.trim(), language: language.value }); set({ sent: true }) } catch (error) { set({ error, sent: state.sent }) }
    }
    const confirm = async () => {
      const found: Record<string, string> = {}
      if (bare(codes.old).length !== 8) found['code-old'] = t('errCode')
      if (bare(codes.new).length !== 8) found['code-new'] = t('errCode')
      refuse(found)
      if (Object.keys(found).length) return
      set({ busy: true, sent: true })
      try { set({ done: await post<Written>('/v1/me/address/confirm', { item: chosen, value: value.trim(), old_code: bare(codes.old), new_code: bare(codes.new) }) }) } catch (error) {
        if (error instanceof ApiError && error.status === 409) { refuse({ 'code-old': t('errCodes') }); set({ sent: true }) } else set({ error, sent: true })
      }
    }
    if (!addresses.length) return <div class="stack wide-gap"><Title>{t('addressTitle')}</Title><p class="panel">{t('addressNone')}</p></div>
    if (state.sent) return (
      <form class="stack wide-gap" noValidate onSubmit={(event) => { event.preventDefault(); void confirm() }}>
        <Title key="codes">{t('codesTitle')}</Title>
        <ErrorSummary errors={errors} />
        <p class="measure">{t('codesText', { address: value.trim() })}</p>
        <div class="short stack">
          <Field id="code-old" label={t('codeOld')} help={t('codeHelp')} value={codes.old} onInput={(old) => type({ ...codes, old })} error={errors['code-old']} autocomplete="one-time-code" />
          <Field id="code-new" label={t('codeNew')} value={codes.new} onInput={(text) => type({ ...codes, new: text })} error={errors['code-new']} autocomplete="one-time-code" />
        </div>
        <p class="measure quiet">{t('addressAfter')}</p>
        <Failed error={state.error} />
        <div class="row">
          <Button type="submit" busy={state.busy}>{t('changeAddress')}</Button>
          <Button variant="tertiary" busy={state.busy} onClick={() => void ask()}>{t('sendCodesAgain')}</Button>
        </div>
      </form>
    )
    return (
      <form class="stack wide-gap" noValidate onSubmit={(event) => { event.preventDefault(); void ask() }}>
        <Title>{t('addressTitle')}</Title>
        <ErrorSummary errors={errors} />
        <p class="measure">{t('addressIntro')}</p>
        {addresses.length > 1 && (
          <fieldset class="ds-fieldset">
            <legend class="ds-label" data-weight="medium">{t('addressWhich')}</legend>
            {addresses.map((one) => <Choice key={one.id} name="which" value={one.id} label={one.change === 'address' ? t('addressSignsIn') : t('addressOther', { date: date(one.collected) })} checked={chosen === one.id} onChange={() => choose(one.id)} />)}
          </fieldset>
        )}
        <div class="short"><Field id="address" type="email" label={t('addressNew')} value={value} onInput={(text) => { write(text); refuse({}) }} error={errors.address} autocomplete="email" /></div>
        <p class="measure quiet">{t('addressAfter')}</p>
        <Failed error={state.error} />
        <div><Button type="submit" busy={state.busy}>{t('sendCodes')}</Button></div>
      </form>
    )
  }}</Loaded>
}

// ---- erase ----

interface Erased { whole?: boolean; receipt?: unknown; log_index: number }

function Kept({ rows, icon, title, children }: { rows: { name: string; note?: string }[]; icon: IconName; title: string; children: preact.ComponentChildren }) {
  return (
    <section class="panel stack fate">
      <h2 class="ds-heading row" data-size="xs"><Icon name={icon} />{title}</h2>
      <p class="quiet">{children}</p>
      {rows.length > 0 && <ul class="plain-list lines">{rows.map((row, i) => <li key={i}><span>{row.name}</span>{row.note && <span class="quiet">{row.note}</span>}</li>)}</ul>}
    </section>
  )
}

const stayNote = ({ stays }: Item) => stays.claim ? t('staysClaim') : stays.until ? t('staysUntil', { law: stays.law ?? '', date: date(stays.until) }) : t('staysLaw', { law: stays.law ?? '' })

export function Erase() {
  const ask = useAsk()
  const [company, choose] = useState('')
  const [understood, understand] = useState(false)
  const [suppress, keepOut] = useState(false)
  const [errors, refuse] = useState<Record<string, string>>({})
  const [state, set] = useState<{ busy?: boolean; error?: unknown; done?: Erased }>({})
  const loaded = useLoad(both)
  if (ask.taken) return <Receipt taken={ask.taken} />
  if (state.done) return (
    <Done title={t('erased')} index={state.done.log_index} receipt={state.done.receipt}>
      <p class="measure">{t('erasedText')} {state.done.whole && t('erasedOut')}</p>
    </Done>
  )
  return <Loaded of={loaded}>{({ view, list: asked }) => {
    const chosen = company || view.controllers[0]!.id, headers = by(view, chosen)
    const items = view.items.filter((item) => view.controllers.length < 2 || item.controller === chosen)
    const stays = items.filter((item) => item.stays.claim || item.stays.law !== undefined)
    const goes = items.filter((item) => !stays.includes(item))
    const granted = proven(asked, 'erase')
    const directly = !view.asks_identity.erase || granted !== undefined
    const erase = async () => {
      if (!understood) return refuse({ 'understood-yes': t('errUnderstood') })
      set({ busy: true })
      try { set({ done: await post<Erased>('/v1/me/erase', { warned: true, ...(suppress ? { suppress } : {}), ...(granted ? { case: granted.id } : {}) }, { ...once(), ...headers }) }) } catch (error) { set({ error }) }
    }
    return (
      <div class="stack wide-gap">
        <Title>{t('eraseTitle')}</Title>
        <ErrorSummary errors={errors} />
        <Waits view={view} />
        <p class="measure">{t('eraseIntro')}</p>
        <Company view={view} value={chosen} onChange={choose} />
        <div class="pair">
          <Kept icon="bin" title={t('goes')} rows={goes.map((item) => ({ name: what(item), note: forWhat(item, view) }))}>
            {goes.length === 0 ? t('nothingGoes') : goes.length === 1 ? t('goesOne') : t('goesText', { count: number(goes.length) })}
          </Kept>
          <Kept icon="hand" title={t('stays')} rows={stays.map((item) => ({ name: what(item), note: stayNote(item) }))}>
            {stays.length ? t('staysText') : t('nothingStays')}
          </Kept>
        </div>
        {goes.length > 0 && (directly ? (
          <div class="stack">
            {view.purposes.some((one) => one.marketing) && <Choice kind="checkbox" name="suppress" value="yes" label={t('suppress')} help={t('suppressHelp')} checked={suppress} onChange={keepOut} />}
            <Choice kind="checkbox" name="understood" value="yes" label={t('understood')} checked={understood} onChange={(yes) => { understand(yes); refuse({}) }} />
            <Failed error={state.error} />
            <div><Button color="danger" busy={state.busy} onClick={() => void erase()}>{t('eraseNow', { count: number(goes.length) })}</Button></div>
          </div>
        ) : (
          <div class="stack">
            <p class="measure">{t('eraseProof')}</p>
            <Failed error={ask.error} />
            <div><Button color="danger" busy={ask.busy} onClick={() => void ask.ask(['erase'], undefined, headers)}>{t('eraseAsk', { count: number(goes.length) })}</Button></div>
          </div>
        ))}
      </div>
    )
  }}</Loaded>
}

// ---- restrict, object ----

function Objection({ purpose, view }: { purpose: Purpose; view: Overview }) {
  const [state, set] = useState<{ busy?: boolean; error?: unknown; at?: number; time?: string }>({})
  const object = async () => {
    set({ busy: true })
    try {
      const { log_index } = await post<Written>('/v1/me/objections', { purpose: purpose.purpose })
      const { now } = await loadOverview()
      set({ at: log_index, time: now })
    } catch (error) { set({ error }) }
  }
  return (
    <li class="panel stack">
      <div class="row apart">
        <div class="stack tight">
          <strong>{why(view, purpose.purpose)}</strong>
          <span class="quiet">{purpose.objection === 'absolute' ? t('objectAbsolute') : t('objectWeighed')}</span>
        </div>
        {purpose.stopped ? <Tag color="success">{t('objected')}</Tag> : <Button variant="secondary" busy={state.busy} label={`${t('objectDo')}: ${why(view, purpose.purpose)}`} onClick={() => void object()}>{t('objectDo')}</Button>}
      </div>
      <div role="status">{state.at !== undefined && <Saved at={state.at} time={state.time!} />}</div>
      <Failed error={state.error} />
    </li>
  )
}

function Restrict({ view }: { view: Overview }) {
  const [field, choose] = useState('')
  const [reason, because] = useState('accuracy')
  const [state, set] = useState<{ busy?: boolean; error?: unknown; at?: number; time?: string }>({})
  const restrict = async (event: Event) => {
    event.preventDefault()
    set({ busy: true })
    try {
      const { log_index } = await post<Written>('/v1/me/restrictions', { reason, warned: true, ...(field ? { fields: [field] } : {}) })
      const { now } = await loadOverview()
      set({ at: log_index, time: now })
    } catch (error) { set({ error }) }
  }
  if (state.at !== undefined) return <Alert color="success" title={t('restrictedDone')} live><p>{t('restrictedText')}</p><Saved at={state.at} time={state.time!} /></Alert>
  return (
    <form class="panel stack" onSubmit={(event) => void restrict(event)}>
      <fieldset class="ds-fieldset">
        <legend class="ds-label" data-weight="medium">{t('restrictWhat')}</legend>
        <Choice name="limit" value="all" label={t('restrictAll')} checked={!field} onChange={() => choose('')} />
        {fields(view.items).map(([name, label]) => <Choice key={name} name="limit" value={name} label={label} checked={field === name} onChange={() => choose(name)} />)}
      </fieldset>
      <fieldset class="ds-fieldset">
        <legend class="ds-label" data-weight="medium">{t('restrictWhy')}</legend>
        {(['accuracy', 'unlawful', 'claims', 'objection'] as const).map((one) => <Choice key={one} name="why" value={one} label={t(`reason_${one}`)} checked={reason === one} onChange={() => because(one)} />)}
      </fieldset>
      <Failed error={state.error} />
      <div><Button type="submit" busy={state.busy}>{t('restrictDo')}</Button></div>
    </form>
  )
}

export function Limit() {
  return <Loaded of={useLoad(loadOverview)}>{(loaded) => {
    const view = overview.value ?? loaded
    const used = view.purposes.filter((one) => one.objection !== 'none' && (one.marketing || view.items.some((item) => item.purposes.some((ground) => ground.purpose === one.purpose))))
    return (
      <div class="stack wide-gap">
        <Title>{t('limitTitle')}</Title>
        <p class="measure">{t('limitIntro')}</p>
        <section class="stack">
          <h2 class="ds-heading" data-size="sm">{t('objectHeading')}</h2>
          {used.length ? <ul class="plain-list stack">{used.map((one) => <Objection key={one.purpose} purpose={one} view={view} />)}</ul> : <p>{t('objectNone')}</p>}
        </section>
        <section class="stack">
          <h2 class="ds-heading" data-size="sm">{t('restrictHeading')}</h2>
          {view.items.length ? <Restrict view={view} /> : <p>{t('nothing')}.</p>}
        </section>
      </div>
    )
  }}</Loaded>
}
