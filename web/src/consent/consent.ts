// consent.js: asks before anything that is not necessary is stored or read in a browser.
//
//   GET /r/REGISTER/consent.js --> { const vernPolicy = {...}; this file }
//
// The server writes `vernPolicy` from the policy's register of cookies. There are no settings of how it
// looks or what it asks; `data-domain` says on which domain the choice is kept. Nothing is stored before
// a choice. What is held back stands in the page, and does nothing without this script:
//
//   <script type="text/plain" data-consent="statistics" src="/count.js"></script>
//   <iframe data-consent="video" data-src="https://video.example/1" title="..."></iframe>
import style from './consent.css?inline'

type Cookie = { name: string; keep?: [number, string]; reads?: string[] }
type Choice = { unit: string; says: string; lang?: string; to?: string[]; signals: string[]; cookies: Cookie[] }
type Chosen = { yes: boolean[]; receipt: string; day: number; seen: number }
declare const vernPolicy: {
  hash: string; language: string; notice: string; choices: Choice[]; needed: Cookie[]
  words: Record<'title' | 'intro' | 'change' | 'refuse' | 'choose' | 'accept' | 'save' | 'close' | 'needed' | 'kept' | 'reads' | 'to' | 'notice' | 'gpc' | 'failed' | 'held' | 'receipt', string>
}
declare global {
  interface Navigator { globalPrivacyControl?: boolean }
  interface Window { dataLayer?: unknown[] }
}

const NAME = 'vern-consent', YEAR = 365
const { hash, language, notice, choices, needed, words } = vernPolicy
const script = document.currentScript as HTMLScriptElement
const domain = script.dataset.domain
const today = Math.floor(Date.now() / 864e5)
const refuses = !!navigator.globalPrivacyControl || navigator.doNotTrack === '1'
const released = new Set<string>()
const held = new Map<Element, Element>()
const sheet = new CSSStyleSheet()
sheet.replaceSync(style)

let chosen = read()

// ---- what was chosen ----

function read(): Chosen | undefined {
  const [mark, receipt, bits, day, seen] = (document.cookie.match(`(?:^|; )${NAME}=([^;]+)`)?.[1] ?? '').split('~')
  if (mark === hash && today - +day < YEAR) return { yes: choices.map((_, i) => bits[i] === '1'), receipt, day: +day, seen: +seen }
}

function setCookie(name: string, value: string, days: number, on?: string) {
  document.cookie = `${name}=${value}; path=/; max-age=${days * 86400}; samesite=lax${on ? '; domain=' + on : ''}${location.protocol === 'https:' ? '; secure' : ''}`
}

function write({ yes, receipt, day, seen }: Chosen) {
  setCookie(NAME, [hash, receipt, yes.map(Number).join(''), day, seen].join('~'), day + YEAR - today, domain)
}

async function post(path: string, body: URLSearchParams) {
  if (chosen?.receipt) body.append('receipt', chosen.receipt)
  try {
    const answer = await fetch(new URL(path, script.src), { method: 'POST', body, credentials: 'omit', keepalive: true })
    if (answer.ok) return await answer.json()
  } catch {} // no network is no yes
}

// A yes counts once the server has it, and for what the server then allows; a no counts at once.
async function choose(wanted: boolean[]) {
  const body = new URLSearchParams()
  choices.forEach(({ unit }, i) => body.append(wanted[i] ? 'accept' : 'refuse', unit))
  const answer = await post('choices', body)
  if (!answer && wanted.some(Boolean)) return false
  const allowed = (answer?.allowed ?? []) as string[]
  const yes = choices.map(({ cookies }, i) => wanted[i] && cookies.every(({ name }) => allowed.includes(name)))
  write(chosen = { yes, receipt: answer?.receipt ?? '', day: today, seen: today })
  for (const { name } of choices.flatMap(({ cookies }) => cookies)) if (!allowed.includes(name)) wipe(name)
  if ([...released].some((names) => !allows(names))) location.reload()
  hide()
  say('update')
  apply()
  return true
}

// `ga` of the register is `_ga` and `_ga_1X2` in a browser.
function wipe(name: string) {
  const is = (key: string) => {
    const plain = key.toLowerCase().replace(/\W/g, '_').replace(/^_+/, '')
    return (plain + '_').startsWith(name + '_') && !needed.some((one) => one.name === plain)
  }
  for (const key of document.cookie.split('; ').map((one) => one.split('=')[0]).filter(is)) {
    setCookie(key, '', 0)
    for (let on = location.hostname; on.includes('.'); on = on.slice(on.indexOf('.') + 1)) setCookie(key, '', 0, on)
  }
  try {
    for (const store of [localStorage, sessionStorage]) Object.keys(store).filter(is).forEach((key) => store.removeItem(key))
  } catch {} // this browser keeps none
}

// ---- what is held back ----

const of = (name: string) => choices.findIndex(({ unit }) => unit === name || unit.endsWith('.' + name))
const says = (i: number) => !refuses && !!chosen?.yes[i]
const allows = (names: string) => names.split(' ').every((name) => says(of(name)))

function apply() {
  for (const one of document.querySelectorAll<HTMLElement>('[data-consent]')) {
    const names = one.dataset.consent!
    if (allows(names)) {
      released.add(names)
      one.removeAttribute('data-consent')
      one.hidden = false
      held.get(one)?.remove()
      // A copy runs, and no address is made from text: Trusted Types have nothing to object to.
      const copy = (one.localName === 'script' ? one.cloneNode(true) : one) as HTMLScriptElement
      if (one.dataset.src) copy.src = one.dataset.src
      if (copy !== one) {
        copy.type = one.dataset.type ?? ''
        copy.async = false // in their order
        one.replaceWith(copy)
      }
    } else if (one.localName === 'iframe' && !held.has(one)) {
      const [host, root] = shadow()
      const lacks = names.split(' ').map((name) => choices[of(name)]?.says ?? name)
      root.append(make('div', { className: 'held' }, make('p', {}, words.held + ' ' + lacks.join(', ')), act(words.choose, open)))
      held.set(one, host)
      one.hidden = true
      one.before(host)
    }
  }
}

// Consent mode, version 2, the basic one: all is denied before any tag, and no tag is there before its yes.
function say(what: 'default' | 'update') {
  const gtag = function (..._: unknown[]) { (window.dataLayer ??= []).push(arguments) }
  gtag('consent', what, Object.fromEntries(['ad_storage', 'analytics_storage', 'ad_user_data', 'ad_personalization'].map((signal) => {
    const with_ = choices.map((_, i) => i).filter((i) => choices[i].signals.includes(signal))
    return [signal, with_.length && with_.every(says) ? 'granted' : 'denied']
  })))
  if (what === 'update') document.dispatchEvent(new CustomEvent('vern-consent', { detail: choices.filter((_, i) => says(i)).map(({ unit }) => unit) }))
}

// ---- what is seen ----

function make<K extends keyof HTMLElementTagNameMap>(tag: K, props: Record<string, unknown>, ...within: (Node | string | undefined)[]) {
  const element = Object.assign(document.createElement(tag), props)
  element.append(...within.filter((one) => one !== undefined))
  return element
}
const act = (text: string, onclick: () => void) => make('button', { type: 'button', textContent: text, onclick })

function shadow(): [HTMLElement, ShadowRoot] {
  const host = make('div', { lang: language })
  const root = host.attachShadow({ mode: 'open' })
  root.adoptedStyleSheets = [sheet]
  return [host, root]
}
const [host, root] = shadow()

function room(space: string) {
  const { style } = document.documentElement
  style.scrollPaddingBottom = style.paddingBottom = space
}

function hide() {
  root.querySelector('dialog')?.close() // the focus goes back to what opened it
  root.replaceChildren()
  room('')
}

// Three of one size and look, no first. `middle` makes the second of them.
function acts(middle: (take: (answer: boolean[]) => void) => HTMLElement) {
  const trouble = make('p', { role: 'alert' })
  const take = async (answer: boolean[]) => {
    const buttons = row.querySelectorAll('button')
    const still = (is: boolean) => buttons.forEach((one) => one.disabled = is)
    still(true)
    if (await choose(answer)) return
    still(false)
    trouble.textContent = words.failed
  }
  const row = make('div', { className: 'acts' }, act(words.refuse, () => take(all(false))), middle(take), act(words.accept, () => take(all(true))))
  return [trouble, row]
}
const all = (yes: boolean) => choices.map(() => yes)
const link = () => make('a', { href: new URL(notice, script.src).href, textContent: words.notice })
const ticked = () => [...root.querySelectorAll('input')].map((one) => one.checked)

function ask() {
  const banner = make('section', { ariaLabel: words.title },
    make('h2', {}, words.title), make('p', {}, words.intro),
    make('ul', {}, ...[...new Set(choices.map(({ says }) => says))].map((text) => make('li', {}, text))),
    make('p', {}, words.change, ' ', link()), ...acts(() => act(words.choose, open)))
  root.append(banner)
  room(banner.offsetHeight + 'px')
}

function told({ name, keep, reads }: Cookie) {
  const format = (list: string[]) => new Intl.ListFormat(language).format(list)
  return [make('dt', {}, name), make('dd', {}, [
    keep && `${words.kept}: ` + new Intl.NumberFormat(language, { style: 'unit', unit: keep[1], unitDisplay: 'long' }).format(keep[0]),
    reads && `${words.reads}: ` + format(reads)].filter(Boolean).join('. '))]
}

function open() {
  root.querySelector('dialog')?.remove()
  const dialog = make('dialog', { ariaLabel: words.title },
    make('h2', {}, words.title), make('p', {}, refuses ? words.gpc : words.change),
    ...choices.map(({ says: text, lang, to, cookies }, i) => make('fieldset', {},
      make('label', {}, make('input', { type: 'checkbox', checked: says(i), disabled: refuses }), make('span', { lang: lang ?? '' }, text)),
      make('dl', {}, ...cookies.flatMap(told), ...to ? [make('dt', {}, words.to), make('dd', {}, to.join(', '))] : []))),
    needed.length ? make('fieldset', {}, make('p', {}, words.needed), make('dl', {}, ...needed.flatMap(told))) : undefined,
    make('p', {}, link()),
    chosen?.receipt ? make('p', {}, `${words.receipt}: ${chosen.receipt}`) : undefined,
    ...refuses ? [] : acts((take) => act(words.save, () => take(ticked()))),
    make('p', {}, act(words.close, () => dialog.close())))
  root.append(dialog)
  dialog.showModal()
}

// ---- from here ----

say('default')
if (chosen && !refuses) say('update')

function begin() {
  document.body.prepend(host)
  document.addEventListener('click', (event) => {
    if (!(event.target as Element).closest?.('[data-consent-open]')) return
    event.preventDefault()
    open()
  })
  apply()
  new MutationObserver(apply).observe(document, { childList: true, subtree: true })
  if (choices.length && !chosen && !refuses) ask()
  // Shown once a day, so that the server keeps the receipt.
  if (chosen?.receipt && chosen.seen !== today) {
    post('gate', new URLSearchParams())
    write(chosen = { ...chosen, seen: today })
  }
}
if (document.body && document.readyState !== 'loading') begin()
else document.addEventListener('DOMContentLoaded', begin)
