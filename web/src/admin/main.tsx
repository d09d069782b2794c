import '../shared/base.css'
import './admin.css'
import { render } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { type Call, calls, company, loadSession, post, session, signOut } from '../shared/api'
import { followLinks, go, route } from '../shared/route'
import { Button, Copy, Icon, type IconName, Languages, Loaded, Title, Trouble, useLoad } from '../shared/ui'
import { Alarms } from './alarms'
import { account, choose, companies, loadDesk, may, register } from './data'
import { Overview } from './overview'
import { Requests } from './requests'
import { Retention } from './retention'
import { type Key, t } from './words'

type View = (props: { id: string }) => preact.JSX.Element | null
/** A view that comes when it is gone to; one that does not come says so, and how to try again. */
function later(load: () => Promise<View>): View {
  let There: View | undefined
  return function Later(props) {
    const loaded = useLoad(async () => { There = await load(); return true })
    return There ? <There {...props} /> : <Loaded of={loaded}>{() => null}</Loaded>
  }
}
const Breaches = later(() => import('./breaches').then((all) => all.Breaches)), OneBreach = later(() => import('./breaches').then((all) => all.OneBreach))
const Consents = later(() => import('./consents').then((all) => all.Consents)), Log = later(() => import('./log').then((all) => all.Log))
const Policy = later(() => import('./policy').then((all) => all.Policy)), Recipients = later(() => import('./recipients').then((all) => all.Recipients))
const OneRequest = later(() => import('./request').then((all) => all.OneRequest))
const People = later(() => import('./people').then((all) => all.People)), Person = later(() => import('./people').then((all) => all.Person))
const Quarantine = later(() => import('./quarantine').then((all) => all.Quarantine))
const Settings = later(() => import('./settings').then((all) => all.Settings)), Statistics = later(() => import('./statistics').then((all) => all.Statistics))

interface Place { path: string; title: Key; icon: IconName; needs: () => boolean; view: View; one?: View }
const always = () => true
const groups: [Key, Place[]][] = [
  ['group_work', [
    { path: '', title: 'overview', icon: 'home', needs: may.look, view: Overview },
    { path: 'requests', title: 'requests', icon: 'clock', needs: may.look, view: Requests, one: OneRequest },
    { path: 'people', title: 'people', icon: 'people', needs: may.look, view: People, one: Person },
    { path: 'consents', title: 'consents', icon: 'check', needs: may.look, view: Consents },
    { path: 'breaches', title: 'breaches', icon: 'warning', needs: may.look, view: Breaches, one: OneBreach },
    { path: 'alarms', title: 'alarms', icon: 'bell', needs: may.look, view: Alarms },
    { path: 'quarantine', title: 'quarantine', icon: 'pause', needs: may.look, view: Quarantine },
  ]],
  ['group_rules', [
    { path: 'policy', title: 'policy', icon: 'scroll', needs: always, view: Policy },
    { path: 'retention', title: 'retention', icon: 'bin', needs: may.look, view: Retention },
    { path: 'recipients', title: 'recipients', icon: 'door', needs: may.look, view: Recipients },
  ]],
  ['group_proof', [
    { path: 'log', title: 'log', icon: 'chain', needs: may.look, view: Log },
    { path: 'statistics', title: 'statistics', icon: 'chart', needs: may.look, view: Statistics },
    { path: 'settings', title: 'settings', icon: 'gear', needs: always, view: Settings },
  ]],
]
const offered = () => groups.map(([title, rows]): [Key, Place[]] => [title, rows.filter((place) => place.needs())]).filter(([, rows]) => rows.length)
const places = () => offered().flatMap(([, rows]) => rows)
const href = (place: Place) => place.path ? `/admin/${place.path}` : '/admin'

function Menu({ current }: { current: string }) {
  return (
    <nav class="menu no-print" aria-label={t('menu')}>
      {offered().map(([title, rows]) => (
        <div key={title}>
          <h2>{t(title)}</h2>
          <ul class="plain-list">{rows.map((place) => <li key={place.path}><a href={href(place)} aria-current={place.path === current ? 'page' : undefined}><Icon name={place.icon} />{t(place.title)}</a></li>)}</ul>
        </div>
      ))}
    </nav>
  )
}

interface Hit { label: string; run: () => void }
function hits(text: string, fail: (error: unknown) => void): Hit[] {
  const wanted = text.trim(), found: Hit[] = places().filter((place) => t(place.title).toLowerCase().includes(wanted.toLowerCase())).map((place) => ({ label: t(place.title), run: () => go(href(place)) }))
  if (/^[\w-]{22}$/.test(wanted) && may.look()) found.unshift({ label: t('openPerson', { id: wanted }), run: () => go(`/admin/people/${wanted}`) })
  else if (/^[A-Z0-9]{4,6}-[A-Z0-9]{4,6}$/i.test(wanted)) found.unshift({ label: t('findNumber', { number: wanted.toUpperCase() }), run: () => {
    post<{ ids: string[] }>('/v1/requests/find', { number: wanted.toUpperCase() }).then(({ ids }) => go(`/admin/requests/${ids[0]}`), fail)
  } })
  else if (/^\d{1,12}$/.test(wanted) && may.look()) found.unshift({ label: t('openEntry', { index: wanted }), run: () => go(`/admin/log?entry=${wanted}`) })
  return found
}

function Palette() {
  const dialog = useRef<HTMLDialogElement>(null)
  const [text, write] = useState('')
  const [at, move] = useState(0)
  const [error, fail] = useState<unknown>()
  const found = hits(text, fail)
  const open = () => { write(''); move(0); fail(undefined); dialog.current?.showModal() }
  useEffect(() => {
    const key = (event: KeyboardEvent) => { if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') { event.preventDefault(); open() } }
    addEventListener('keydown', key)
    return () => removeEventListener('keydown', key)
  }, [])
  const run = (hit?: Hit) => { if (!hit) return; dialog.current?.close(); hit.run() }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault(); move((at + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % Math.max(1, found.length)) }
    if (event.key === 'Enter') { event.preventDefault(); run(found[at]) }
  }
  return (
    <>
      <button type="button" class="palette-open" onClick={open}><Icon name="search" /><span>{t('palette')}</span><kbd>Ctrl K</kbd></button>
      <dialog class="palette" ref={dialog} aria-label={t('palette')}>
        <input class="ds-input" role="combobox" aria-expanded="true" aria-controls="palette-hits" aria-activedescendant={found[at] ? `hit-${at}` : undefined} aria-label={t('palette')} placeholder={t('paletteHelp')} value={text}
          onInput={(event) => { write(event.currentTarget.value); move(0) }} onKeyDown={keys} autofocus />
        <ul class="plain-list" id="palette-hits" role="listbox" aria-label={t('menu')}>
          {found.map((hit, i) => <li key={hit.label} id={`hit-${i}`} role="option" aria-selected={i === at} onClick={() => run(hit)}>{hit.label}</li>)}
        </ul>
        {!found.length && <p class="quiet">{t('nothingFound')}</p>}
        <div><Button variant="tertiary" onClick={() => dialog.current?.close()}>{t('close')}</Button></div>
      </dialog>
      <Trouble error={error} />
    </>
  )
}

const curl = ({ method, path, body, file }: Call) => `curl -H "Authorization: Bearer $TOKEN"${company.value ? ` -H "X-Vern-Controller: ${company.value}"` : ''}${method === 'GET' ? '' : ` -X ${method}`}${file ? ` -H 'Content-Type: application/octet-stream' --data-binary @FILE` : ''}${body === undefined ? '' : ` -H 'Content-Type: application/json' -d '${JSON.stringify(body).replace(/'/g, `'\\''`)}'`} '${location.origin}${path}'`
/** Whatever a view has asked, as somebody would ask it without the view. */
function AsCalls() {
  if (!calls.value.length) return null
  const text = calls.value.map(curl).join('\n')
  return <details class="ds-details as-call no-print" data-color="neutral"><summary>{t('asCall')}</summary><div class="stack"><pre class="letter">{text}</pre><div><Copy text={text} /></div></div></details>
}

function Companies() {
  if (companies.value.length < 2) return null
  return <label class="company"><span class="ds-sr-only">{t('company')}</span><select class="ds-input" value={company.value} onChange={(event) => choose(event.currentTarget.value)}>{companies.value.map((one) => <option key={one.id} value={one.id}>{one.name ?? one.id}</option>)}</select></label>
}

function Desk() {
  const [first = '', id] = route.value
  const place = places().find((one) => one.path === first) ?? places()[0]!
  const here = `${place.path}/${id ?? ''}`
  useEffect(() => { document.title = `${t(place.title)} – ${t('product')}` })
  useMemo(() => { calls.value = [] }, [here])
  const Shown = place.view, Single = place.one
  return (
    <div class="shell">
      <Menu current={place.path} />
      <div class="body">
        <main id="content" tabIndex={-1} key={company.value}>{id && Single ? <Single key={id} id={id} /> : <Shown key={place.path} id="" />}</main>
        <footer class="bottom row apart"><AsCalls /><span>{register.value && <>{register.value.name} · {t('version', { version: register.value.version ?? '–' })}{register.value.clock === 'simulated' ? ` · ${t('simulated')}` : ''}</>}{account.value?.roles.length ? ` · ${account.value.roles.join(', ')}` : ''}</span></footer>
      </div>
    </div>
  )
}
const Console = () => { const loaded = useLoad(loadDesk); return <>{loaded.value ? <Desk /> : <main class="alone"><Loaded of={loaded}>{() => null}</Loaded></main>}</> }

function SignedOut() {
  const known = (() => { try { return sessionStorage.getItem('register') } catch { return null } })()
  return <main class="alone stack" id="content" tabIndex={-1}><Title focus={false}>{t('outTitle')}</Title><p class="measure">{t('outText')}</p>{known && <div><a class="ds-button" data-variant="primary" href={`/r/${known}/staff/sign-in`}>{t('signIn')}</a></div>}</main>
}

function Page() {
  const loaded = useLoad(async () => { await loadSession(); return true })
  const staff = session.value?.staff
  if (session.value?.register) try { sessionStorage.setItem('register', session.value.register) } catch { /* then the address is typed */ }
  return (
    <>
      <a class="ds-skip-link" href="#content">{t('skip')}</a>
      <header class="top no-print">
        <a class="brand" href="/admin"><Icon name="hand" />{t('product')}</a>
        {staff && <Palette />}
        <div class="row">{staff && <Companies />}<Languages />{staff && <Button variant="tertiary" onClick={() => void signOut()}>{t('signOut')}</Button>}</div>
      </header>
      {loaded.value ? staff ? <Console /> : <SignedOut /> : <main class="alone"><Loaded of={loaded}>{() => null}</Loaded></main>}
    </>
  )
}

followLinks('/admin')
render(<Page />, document.getElementById('page')!)
