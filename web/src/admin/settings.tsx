// Who may what, who is signed in, what is told elsewhere, and how the register stands.
import { useState } from 'preact/hooks'
import { get } from '../shared/api'
import { date, list, moment, number, plain } from '../shared/language'
import { Alert, Button, Choice, Copy, ErrorSummary, Field, Loaded, Tag, Title, useLoad } from '../shared/ui'
import { all, called, type Full, loadRegister, may, type Member, myself } from './data'
import { Chips, More, Outcome, Panel, Select, short, Table, useAct, useQuery } from './pieces'
import { named, t } from './words'

const TABS = ['members', 'sessions', 'tokens', 'connectors', 'state'] as const
type Tab = (typeof TABS)[number]
const shows: Record<Tab, () => boolean> = { members: may.administer, sessions: may.look, tokens: may.administer, connectors: may.administer, state: () => true }
export function Settings() {
  const [said, say] = useQuery()
  const tabs = TABS.filter((one) => shows[one]()), tab = tabs.find((one) => one === said('tab')) ?? tabs[0]!
  const View = { members: Members, sessions: Sessions, tokens: Tokens, connectors: Connectors, state: State }[tab]
  return (
    <div class="stack wide-gap">
      <Title>{t('settings')}</Title>
      <Chips label={t('settings')} all={tabs} chosen={tab} choose={(one) => say({ tab: one })} text={(one) => t(`tab_${one}`)} />
      <View />
    </div>
  )
}

// ---- members ----

const SCOPES = ['collect', 'read', 'record', 'rights', 'share', 'officer', 'import', 'administer', 'audit'] as const
function Scopes({ name, chosen, choose }: { name: string; chosen: string[]; choose: (scopes: string[]) => void }) {
  return <fieldset class="ds-fieldset"><legend class="ds-label" data-weight="medium">{t('mayAsk')}</legend>
    {SCOPES.map((one) => <Choice key={one} kind="checkbox" name={name} value={one} label={named('scope', one)} help={<code>{one}</code>} checked={chosen.includes(one)} onChange={(yes) => choose(yes ? [...chosen, one] : chosen.filter((other) => other !== one))} />)}</fieldset>
}

function Members() {
  const loaded = useLoad(() => all<Member>('/v1/staff?limit=200', 'staff'))
  return <Loaded of={loaded}>{(staff) => (
    <>
      <Panel title={t('tab_members')}>
        {staff.length === 0 ? <p class="quiet">{t('membersNone')}</p> : (
          <Table label={t('tab_members')} columns={[t('name'), t('roles'), t('mayDo'), t('purposeFor'), t('lapses'), '']} rows={staff.map((one) => [
            <>{one.name ?? short(one.id)}{one.id === myself() && <Tag>{t('you')}</Tag>}</>, one.roles.map(plain).join(', ') || '–', one.may?.map((act) => named('may', act)).join(', ') || t('mayNothing'), one.purposes?.map(called).join(', ') || '–',
            one.lacks?.length ? <Tag color="danger">{t('lacksNeed', { what: one.lacks.map(plain).join(', ') })}</Tag> : one.lapses ? date(one.lapses) : '–',
            <MemberActs one={one} again={loaded.again} />])} />
        )}
      </Panel>
      <NewMember again={loaded.again} />
    </>
  )}</Loaded>
}
function MemberActs({ one, again }: { one: Member; again: () => void }) {
  const doing = useAct(again)
  const [sure, ask] = useState(false)
  if (one.id === myself()) return <></>
  return <><div class="row">{!sure ? <button type="button" class="copy" onClick={() => ask(true)}>{t('endMember')}<span class="ds-sr-only"> {one.name}</span></button> : <><Button variant="secondary" color="danger" busy={doing.busy} onClick={() => void doing.act(`/v1/staff/${one.id}`, {}, 'DELETE')}>{t('endMemberSure')}</Button><Button variant="tertiary" onClick={() => ask(false)}>{t('cancel')}</Button></>}</div><Outcome of={doing} /></>
}
function NewMember({ again }: { again: () => void }) {
  const doing = useAct(() => {})
  const [name, say] = useState(''), [role, take] = useState(''), [login, sign] = useState(''), [password, first] = useState(''), [scopes, choose] = useState<string[]>(['read'])
  const [made, keep] = useState<{ recovery?: string[]; totp?: string } | undefined>()
  const [errors, refuse] = useState<Record<string, string>>({})
  const make = async () => {
    const found = { ...(name.trim() ? {} : { 'member-name': t('errName') }), ...(role.trim() ? {} : { 'member-role': t('errRole') }), ...(login.trim() && password.length < 12 ? { 'member-password': t('errPassword') } : {}) }
    refuse(found)
    if (Object.keys(found).length) return
    const member = await doing.act<{ id: string }>('/v1/staff', { name, role, ...(login.trim() ? { login } : {}) })
    if (member && login.trim()) keep(await doing.act(`/v1/staff/${member.id}/account`, { scopes, password }))
    if (member) again()
  }
  return (
    <Panel><More title={t('newMember')}>
      <ErrorSummary errors={errors} />
      <div class="measure stack">
        <Field id="member-name" label={t('name')} value={name} onInput={say} error={errors['member-name']} />
        <Field id="member-role" label={t('role')} help={t('roleHelp')} value={role} onInput={take} error={errors['member-role']} />
        <Field id="member-login" label={t('login')} help={t('loginHelp')} value={login} onInput={sign} />
        {login.trim() && <><Field id="member-password" label={t('firstPassword')} help={t('firstPasswordHelp')} value={password} onInput={first} error={errors['member-password']} /><Scopes name="member-scope" chosen={scopes} choose={choose} /></>}
        <Outcome of={doing} />
        {made && <Alert color="success" title={t('shownOnce')} live><p>{t('recoveryText')}</p><pre class="letter">{[made.totp, ...(made.recovery ?? [])].filter(Boolean).join('\n')}</pre><Copy text={(made.recovery ?? []).join('\n')} /></Alert>}
        <div><Button busy={doing.busy} onClick={() => void make()}>{t('newMemberDo')}</Button></div>
      </div>
    </More></Panel>
  )
}

// ---- sessions ----

interface Signed { id: string; subject?: string; staff?: string; how: string; since: string; used: string; first?: boolean; own?: boolean }
function Sessions() {
  const loaded = useLoad(() => all<Signed>('/v1/sessions?limit=200', 'sessions'))
  const doing = useAct(loaded.again)
  return <Loaded of={loaded}>{(rows) => (
    <Panel title={t('tab_sessions')}>
      <p class="measure quiet">{t('sessionsText')}</p>
      {rows.length === 0 ? <p class="quiet">{t('sessionsNone')}</p> : (
        <Table label={t('tab_sessions')} columns={[t('who'), t('how'), t('since'), t('lastUsed'), '']} rows={rows.map((one) => [
          <>{one.staff ? t('aMember') : t('aPerson')} <span class="mono quiet">{short(one.staff ?? one.subject ?? one.id)}</span> {one.own && <Tag>{t('you')}</Tag>}</>, named('how', one.how), moment(one.since), moment(one.used),
          may.officer() && !one.own ? <Button variant="secondary" busy={doing.busy} label={t('endSessionOf', { who: short(one.staff ?? one.subject ?? one.id) })} onClick={() => void doing.act(`/v1/sessions/${one.id}/end`)}>{t('endSession')}</Button> : ''])} />
      )}
      <Outcome of={doing} />
    </Panel>
  )}</Loaded>
}

// ---- tokens ----

interface Token { id: string; name: string; scopes: string[]; purposes?: string[]; controller?: string; staff?: string; networks?: string[]; expires: string }
function Tokens() {
  const loaded = useLoad(() => all<Token>('/v1/tokens?limit=200', 'tokens'))
  const doing = useAct(loaded.again)
  return <Loaded of={loaded}>{(rows) => (
    <>
      <Panel title={t('tab_tokens')}>
        {rows.length === 0 ? <p class="quiet">{t('tokensNone')}</p> : (
          <Table label={t('tab_tokens')} columns={[t('name'), t('mayAsk'), t('bound'), t('expires'), '']} rows={[...rows].sort((a, b) => a.expires.localeCompare(b.expires)).map((one) => [
            one.name, one.scopes.map((scope) => named('scope', scope)).join(', '), [...(one.purposes ?? []).map(called), one.controller, ...(one.networks ?? [])].filter(Boolean).join(', ') || t('unbound'), date(one.expires),
            <Button variant="secondary" busy={doing.busy} label={t('revokeOf', { name: one.name })} onClick={() => void doing.act(`/v1/tokens/${one.id}`, {}, 'DELETE')}>{t('revoke')}</Button>])} />
        )}
        <Outcome of={doing} />
      </Panel>
      <NewToken again={loaded.again} />
    </>
  )}</Loaded>
}
function NewToken({ again }: { again: () => void }) {
  const doing = useAct(again)
  const [name, say] = useState(''), [days, last] = useState('90'), [scopes, choose] = useState<string[]>(['read'])
  const [made, keep] = useState<string | undefined>()
  const [errors, refuse] = useState<Record<string, string>>({})
  const make = async () => {
    if (!name.trim()) return refuse({ 'token-name': t('errName') })
    refuse({})
    keep((await doing.act<{ token: string }>('/v1/tokens', { name, scopes, days: Number(days) || 90, ...(myself() ? { staff: myself() } : {}) }))?.token)
  }
  return (
    <Panel><More title={t('newToken')}>
      <p class="measure">{t('newTokenText')}</p>
      <ErrorSummary errors={errors} />
      <div class="measure stack">
        <Field id="token-name" label={t('name')} value={name} onInput={say} error={errors['token-name']} />
        <Select id="token-days" label={t('expires')} value={days} options={['7', '30', '90', '365'].map((one) => [one, t('inDays', { days: one })])} onChange={last} />
        <Scopes name="token-scope" chosen={scopes} choose={choose} />
        <Outcome of={doing} />
        {made && <Alert color="success" title={t('shownOnce')} live><pre class="letter">{made}</pre><Copy text={made} /></Alert>}
        <div><Button busy={doing.busy} onClick={() => void make()}>{t('newTokenDo')}</Button></div>
      </div>
    </More></Panel>
  )
}

// ---- what is told elsewhere ----

interface Hook { id: string; url: string; events: string[]; old_ends?: string }
const EVENTS = ['task.made', 'duty.made', 'breach.known', 'alarm.raised', 'erase.due', 'rectify.due', 'restrict.due', 'lift.due'] as const
function Connectors() {
  const loaded = useLoad(() => get<{ webhooks: Hook[] }>('/v1/webhooks'))
  const doing = useAct(loaded.again), making = useAct(loaded.again)
  const [url, write] = useState(''), [events, choose] = useState<string[]>(['alarm.raised']), [secret, keep] = useState<string | undefined>()
  const [errors, refuse] = useState<Record<string, string>>({})
  return <Loaded of={loaded}>{({ webhooks }) => (
    <>
      <Panel title={t('tab_connectors')}>
        <p class="measure quiet">{t('hooksText')}</p>
        {webhooks.length === 0 ? <p class="quiet">{t('hooksNone')}</p> : <Table label={t('tab_connectors')} columns={[t('address'), t('events'), '']} rows={webhooks.map((one) => [<span class="mono">{one.url}</span>, one.events.map((event) => named('hook', event.replace('.', '_'))).join(', '), <Button variant="secondary" busy={doing.busy} label={t('endHookOf', { url: one.url })} onClick={() => void doing.act(`/v1/webhooks/${one.id}`, {}, 'DELETE')}>{t('endHook')}</Button>])} />}
        <Outcome of={doing} />
      </Panel>
      <Panel><More title={t('newHook')}>
        <ErrorSummary errors={errors} />
        <div class="measure stack">
          <Field id="hook-url" label={t('address')} help={t('hookHelp')} value={url} onInput={write} error={errors['hook-url']} />
          <fieldset class="ds-fieldset"><legend class="ds-label" data-weight="medium">{t('events')}</legend>{EVENTS.map((one) => <Choice key={one} kind="checkbox" name="event" value={one} label={named('hook', one.replace('.', '_'))} checked={events.includes(one)} onChange={(yes) => choose(yes ? [...events, one] : events.filter((other) => other !== one))} />)}</fieldset>
          <Outcome of={making} />
          {secret && <Alert color="success" title={t('shownOnce')} live><pre class="letter">{secret}</pre><Copy text={secret} /></Alert>}
          <div><Button busy={making.busy} onClick={() => { if (!/^(https?:\/\/|mailto:)/.test(url.trim())) return refuse({ 'hook-url': t('errUrl') }); refuse({}); void making.act<{ secret?: string }>('/v1/webhooks', { url: url.trim(), events }).then((done) => keep(done?.secret)) }}>{t('newHookDo')}</Button></div>
        </div>
      </More></Panel>
    </>
  )}</Loaded>
}

// ---- how it stands ----

function State() {
  const loaded = useLoad<Full>(loadRegister)
  const confirming = useAct(loaded.again), copying = useAct(loaded.again)
  const [name, say] = useState('')
  const [done, keep] = useState<string | undefined>()
  const [errors, refuse] = useState<Record<string, string>>({})
  return <Loaded of={loaded}>{(one) => (
    <>
      {one.destruction_stopped && <Alert color="danger" title={t('stopped')}><p>{t('stoppedText')}</p>{may.administer() && <p><Button busy={confirming.busy} onClick={() => void confirming.act('/v1/destruction/confirm')}>{t('stoppedConfirm')}</Button></p>}<Outcome of={confirming} /></Alert>}
      {one.lost_versions?.length ? <Alert color="danger" title={t('lostVersions')}><p>{list(one.lost_versions)}</p></Alert> : null}
      <Panel title={t('tab_state')}>
        <Table label={t('tab_state')} columns={[t('what'), t('value')]} rows={[
          [t('registerName'), <>{one.name} <span class="mono quiet">{one.public}</span></>],
          [t('clock'), one.clock === 'simulated' ? `${t('simulated')}: ${moment(one.now)}` : moment(one.now)],
          [t('policy'), one.version ?? '–'],
          [t('logSize'), number(one.log_size)],
          [t('logKey'), <span class="mono wrap">{one.log_key} <Copy text={one.log_key} /></span>],
          [t('sweep'), one.sweep_lag_ms ? t('sweepLag', { minutes: number(Math.round(one.sweep_lag_ms / 60000)) }) : t('sweepFine')],
          [t('yourScopes'), one.scopes.map((scope) => named('scope', scope)).join(', ')],
        ]} />
        {one.works?.map((work) => <label class="stack tight" key={work.what}>{t('working', { what: work.what })}<progress value={work.looked} max={work.of || 1} /></label>)}
        <div><Button variant="tertiary" onClick={loaded.again}>{t('refresh')}</Button></div>
      </Panel>
      {may.administer() && (
        <Panel title={t('backup')}>
          <p class="measure">{t('backupText')}</p>
          <ErrorSummary errors={errors} />
          <div class="row reveal"><Field id="backup" label={t('backupName')} value={name} onInput={say} error={errors.backup} /><Button busy={copying.busy} onClick={() => { if (!/^[\w-]{1,64}$/.test(name)) return refuse({ backup: t('errBackup') }); refuse({}); void copying.act<{ name: string }>('/v1/backup', { name }).then((made) => keep(made?.name)) }}>{t('backupDo')}</Button></div>
          <Outcome of={copying} />
          {done && <Alert color="success" title={t('backupDone', { name: done })} live />}
        </Panel>
      )}
    </>
  )}</Loaded>
}
