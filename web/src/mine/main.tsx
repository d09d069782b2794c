import '../shared/base.css'
import './mine.css'
import { useEffect, useState } from 'preact/hooks'
import { render } from 'preact'
import { loadSession, session, signOut } from '../shared/api'
import { followLinks, route } from '../shared/route'
import { Button, Icon, Languages, Loaded, Title, useLoad } from '../shared/ui'
import { Choices, Correct, Data, Download, Erase, Home, Limit, Requests, Uses } from './pages'
import { type Key, t } from './words'

const views: Record<string, [title: Key, view: () => preact.JSX.Element]> = {
  data: ['dataTitle', Data], download: ['downloadTitle', Download], correct: ['correctTitle', Correct], erase: ['eraseTitle', Erase],
  limit: ['limitTitle', Limit], uses: ['usesTitle', Uses], choices: ['choicesTitle', Choices], requests: ['requestsTitle', Requests],
}

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
      <Title focus={false}>{t('outTitle')}</Title>
      <p class="measure lead">{t('outText')}</p>
      {register ? (
        <>
          <p class="measure">{t('outHow')}</p>
          <div class="row">
            <a class="ds-button" data-variant="primary" href={`/r/${register}/sign-in`}>{t('signIn')}</a>
            <a class="ds-button" data-variant="tertiary" href={`/r/${register}/notice`}>{t('notice')}</a>
          </div>
        </>
      ) : <p class="measure">{t('noRegister')}</p>}
    </div>
  )
}

function Page() {
  const [first = ''] = route.value
  const view = session.value?.subject ? views[first] : undefined
  useEffect(() => { document.title = view ? `${t(view[0])} – ${t('product')}` : t('product') })
  if (!session.value?.subject) return <SignedOut register={registerMeant()} />
  registerMeant()
  if (!view) return <Home />
  const View = view[1]
  return (
    <>
      <a class="ds-link back no-print" href="/mine"><Icon name="back" />{t('back')}</a>
      <View key={first} />
    </>
  )
}

function Portal() {
  const loaded = useLoad(async () => { await loadSession(); return true })
  const [busy, leave] = useState(false)
  const register = session.value?.register
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
          <span>{t('complain')} <a class="ds-link" data-color="neutral" href="https://www.datatilsynet.no/" rel="noreferrer">{t('complainLink')}</a></span>
          {register && <a class="ds-link" data-color="neutral" href={`/r/${register}/notice`}>{t('notice')}</a>}
        </div>
      </footer>
    </>
  )
}

followLinks('/mine')
render(<Portal />, document.getElementById('page')!)
