import '../shared/base.css'
import './mine.css'
import { useEffect, useState } from 'preact/hooks'
import { render } from 'preact'
import { loadSession, session, signOut } from '../shared/api'
import { followLinks, route } from '../shared/route'
import { Button, Icon, Languages, Loaded, Title, useLoad } from '../shared/ui'
import { Address, Correct, Download, Erase, Limit } from './acts'
import { Help } from './help'
import { Choices, Data, Home, Requests, Sessions, Uses } from './pages'
import { Complain } from './parts'
import { type Key, t } from './words'

const views: Record<string, [title: Key, view: () => preact.JSX.Element]> = {
  data: ['dataTitle', Data], download: ['downloadTitle', Download], correct: ['correctTitle', Correct], address: ['addressTitle', Address], erase: ['eraseTitle', Erase],
  limit: ['limitTitle', Limit], uses: ['usesTitle', Uses], choices: ['choicesTitle', Choices], requests: ['requestsTitle', Requests],
  sessions: ['sessionsTitle', Sessions],
}
/** Whoever was signed in on this page and is no more is told why. */
let wasIn = false

/** The register whose sign-in is meant: it stands in the address that the firm publishes. */
function registerMeant(): string | null {
  const [first, id] = route.value
  try {
    if (first === 'in' && id) sessionStorage.setItem('register', id)
    if (session.value?.register) sessionStorage.setItem('register', session.value.register)
    return first === 'in' && id ? id : sessionStorage.getItem('register')
  } catch { return first === 'in' && id ? id : null }
}

function SignedOut({ register }: { register: string | null }) {
  return (
    <div class="stack wide-gap welcome">
      <Title focus={wasIn} key={String(wasIn)}>{wasIn ? t('wasOut') : t('outTitle')}</Title>
      <p class="measure lead">{wasIn ? t('wasOutText') : t('outText')}</p>
      {register ? (
        <>
          <p class="measure">{t('outHow')}</p>
          <div class="row">
            <a class="ds-button" data-variant="primary" href={`/r/${register}/sign-in`}>{t('signIn')}</a>
            <a class="ds-button" data-variant="tertiary" href={`/r/${register}/notice`}>{t('notice')}</a>
          </div>
        </>
      ) : <p class="measure">{t('noRegister')}</p>}
      <p><a class="ds-link" href="/mine/help">{t('lostTitle')}, {t('or')} {t('helpForOther')}</a></p>
    </div>
  )
}

function Page() {
  const [first = ''] = route.value
  const view = session.value?.subject ? views[first] : undefined
  const helps = first === 'help'
  useEffect(() => { document.title = view || helps ? `${t(helps ? 'helpTitle' : view![0])} – ${t('product')}` : t('product') })
  const register = registerMeant()
  if (!session.value?.subject && !helps) return <SignedOut register={register} />
  wasIn ||= session.value?.subject !== undefined
  if (!view && !helps) return <Home />
  const View = view?.[1]
  return (
    <>
      <a class="ds-link back no-print" href="/mine"><Icon name="back" />{t('back')}</a>
      {View ? <View key={first} /> : <Help register={register} />}
    </>
  )
}

function Portal() {
  const loaded = useLoad(async () => { await loadSession(); return true })
  const [busy, leave] = useState(false)
  const register = registerMeant()
  return (
    <>
      <a class="ds-skip-link" href="#content">{t('skip')}</a>
      <header class="top no-print">
        <div class="width row apart">
          <a class="brand" href="/mine"><Icon name="hand" />{t('product')}</a>
          <div class="row">
            <Languages />
            {session.value?.subject && <Button variant="tertiary" busy={busy} onClick={() => { leave(true); void signOut().finally(() => leave(false)) }}>{t('signOut')}</Button>}
          </div>
        </div>
      </header>
      <main class="width" id="content" tabIndex={-1}><Loaded of={loaded}>{() => <Page />}</Loaded></main>
      <footer class="bottom">
        <div class="width row apart">
          <Complain />
          <nav class="row" aria-label={t('help')}>
            <a class="ds-link" data-color="neutral" href="/mine/help">{t('help')}</a>
            {session.value?.subject && <a class="ds-link" data-color="neutral" href="/mine/sessions">{t('sessionsTitle')}</a>}
            {register && <a class="ds-link" data-color="neutral" href={`/r/${register}/notice`}>{t('notice')}</a>}
          </nav>
        </div>
      </footer>
    </>
  )
}

followLinks('/mine')
render(<Portal />, document.getElementById('page')!)
