import '../shared/base.css'
import './admin.css'
import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { lastCall, loadSession, post, session, signOut } from '../shared/api'
import { followLinks, go, route } from '../shared/route'
import { Button, Copy, Icon, type IconName, Languages, Loaded, Title, Trouble, useLoad } from '../shared/ui'
import { loadRegister, register } from './data'
import { Alarms, Breaches, Log, OneRequest, Overview, People, Person, Policy, Recipients, Requests, Retention } from './pages'
import { type Key, t } from './words'

interface Place { path: string; title: Key; icon: IconName; view: () => preact.JSX.Element; one?: (props: { id: string }) => preact.JSX.Element }
const groups: [Key, Place[]][] = [
  ['group_work', [
    { path: '', title: 'overview', icon: 'home', view: Overview },
    { path: 'requests', title: 'requests', icon: 'clock', view: Requests, one: OneRequest },
    { path: 'people', title: 'people', icon: 'people', view: People, one: Person },
    { path: 'breaches', title: 'breaches', icon: 'warning', view: Breaches },
    { path: 'alarms', title: 'alarms', icon: 'bell', view: Alarms },
  ]],
  ['group_rules', [
    { path: 'policy', title: 'policy', icon: 'scroll', view: Policy },
    { path: 'recipients', title: 'recipients', icon: 'door', view: Recipients },
    { path: 'retention', title: 'retention', icon: 'bin', view: Retention },
  ]],
  ['group_proof', [{ path: 'log', title: 'log', icon: 'chain', view: Log }]],
]
const places = groups.flatMap(([, rows]) => rows)
const href = (place: Place) => place.path ? `/admin/${place.path}` : '/admin'

function Menu({ current }: { current: string }) {
  return (
    <nav class="menu no-print" aria-label={t('menu')}>
      {groups.map(([title, rows]) => (
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
  const wanted = text.trim(), found: Hit[] = places.filter((place) => t(place.title).toLowerCase().includes(wanted.toLowerCase())).map((place) => ({ label: t(place.title), run: () => go(href(place)) }))
  if (/^[\w-]{22}$/.test(wanted)) found.unshift({ label: t('openPerson', { id: wanted }), run: () => go(`/admin/people/${wanted}`) })
  else if (/^[A-Z0-9]{4,6}-[A-Z0-9]{4,6}$/i.test(wanted)) found.unshift({ label: t('findNumber', { number: wanted.toUpperCase() }), run: () => {
    post<{ ids: string[] }>('/v1/requests/find', { number: wanted.toUpperCase() }).then(({ ids }) => go(`/admin/requests/${ids[0]}`), fail)
  } })
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

function AsCall() {
  const call = lastCall.value
  if (!call) return null
  const text = `curl -H "Authorization: Bearer $TOKEN"${call.method === 'POST' ? ` -H 'Content-Type: application/json' -d '${JSON.stringify(call.body ?? {})}'` : ''} ${location.origin}${call.path}`
  return <details class="ds-details as-call no-print" data-color="neutral"><summary>{t('asCall')}</summary><div class="stack"><pre class="letter">{text}</pre><div><Copy text={text} /></div></div></details>
}

function Console() {
  const [first = '', id] = route.value
  const loaded = useLoad(loadRegister)
  const place = places.find((one) => one.path === first) ?? places[0]!
  useEffect(() => { document.title = `${t(place.title)} – ${t('product')}` })
  const View = place.view, One = place.one
  return (
    <div class="shell">
      <Menu current={place.path} />
      <div class="body">
        <main id="content" tabIndex={-1}><Loaded of={loaded}>{() => id && One ? <One key={id} id={id} /> : <View key={place.path} />}</Loaded></main>
        <footer class="bottom row apart"><AsCall /><span>{register.value && <>{register.value.name} · {t('version', { version: register.value.version ?? '–' })}{register.value.clock === 'simulated' ? ` · ${t('simulated')}` : ''}</>}</span></footer>
      </div>
    </div>
  )
}

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
        <div class="row"><Languages />{staff && <Button variant="tertiary" onClick={() => void signOut()}>{t('signOut')}</Button>}</div>
      </header>
      {loaded.value ? staff ? <Console /> : <SignedOut /> : <main class="alone"><Loaded of={loaded}>{() => null}</Loaded></main>}
    </>
  )
}

followLinks('/admin')
render(<Page />, document.getElementById('page')!)
