// A shop that keeps no personal data of its own: sign-up, orders, the newsletter and erasure are calls of
// Vern's API, and consent.js asks before the visitor's browser is used for anything else.
//
//   node shop.mjs VERN REGISTER TOKEN-FILE [PORT [MAIL-PORT]]
//
// VERN is the server's address, REGISTER its public id (`public` of GET /v1/register), TOKEN-FILE holds a token
// with the scopes collect, record, read, rights and share. The policy is policies/example.yaml.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { fileURLToPath } from 'node:url'
import { Mailbox, subjectOf, textOf } from './mailbox.mjs'

const GOODS = { honning: ['Honning fra Prøvedalen', 119], syltetoy: ['Syltetøy av tyttebær', 69], kjeks: ['Havrekjeks', 49] }
const WORDING = 'Ja, send meg nyhetsbrevet på e-post.'
const DAY = 86400

// No script but the site's own files, no style in the markup, no HTML from text.
const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
}
const file = (name, type) => ({ type, bytes: readFileSync(new URL(name, import.meta.url)) })
const FILES = { '/shop.css': file('shop.css', 'text/css; charset=utf-8'), '/count.js': file('count.js', 'text/javascript; charset=utf-8') }

// ---- pages ----

const safe = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
const day = (moment) => new Date(moment).toLocaleDateString('nb-NO', { dateStyle: 'long', timeZone: 'Europe/Oslo' })

const page = (title, body) => `<!doctype html>
<html lang="nb"><head><meta charset="utf-8"><title>${safe(title)} – Eksempelbutikken</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/shop.css">
<script async src="/consent/consent.js?lang=nb"></script>
<script type="text/plain" data-consent="statistics" src="/count.js"></script>
</head><body>
<header><a class="name" href="/">Eksempelbutikken</a><nav aria-label="Hovedmeny"><a href="/">Varer</a> <a href="/account">Min side</a> <a href="/mail">Innboksen</a></nav></header>
<main><h1>${safe(title)}</h1>
${body}</main>
<footer><p>Et eksempel: butikken, varene og menneskene finnes ikke.</p>
<p><a href="/consent/notice?lang=nb">Personvernerklæring</a> <a href="/consent/processors?lang=nb">Databehandlere</a> <a href="/consent/notice?lang=nb" data-consent-open>Informasjonskapsler</a></p></footer>
</body></html>`

const field = (name, label, type = 'text', more = '') => `<label>${label}<input name="${name}" type="${type}" required ${more}></label>`
const form = (action, button, ...fields) => `<form method="post" action="${action}">${fields.join('')}<button>${button}</button></form>`
const jar = (kind) => `<svg class="${kind}" viewBox="0 0 80 80" aria-hidden="true"><rect class="lid" x="22" y="8" width="36" height="12" rx="3"/><rect class="jar" x="14" y="20" width="52" height="54" rx="12"/><rect class="label" x="22" y="38" width="36" height="20" rx="3"/></svg>`

const front = () => page('Godt fra Prøvedalen', `<ul class="goods">${Object.entries(GOODS).map(([id, [name, price]]) =>
  `<li>${jar(id)}<h2>${name}</h2><p>${price} kr</p>${form('/order', `Bestill <span class="quiet">${name}</span>`, `<input type="hidden" name="goods" value="${id}">`)}</li>`).join('')}</ul>
<section><h2>Slik lages honningen</h2>
<iframe data-consent="statistics" data-src="/film" title="Film om honning" width="480" height="200"></iframe></section>
<section><h2>Nyhetsbrev</h2><p>En gang i måneden. Du slår det av med lenken i hvert brev.</p>
${form('/newsletter', WORDING, field('email', 'E-postadresse', 'email', 'autocomplete="email"'))}</section>`)

const signUp = (goods) => page('Hvem er du?', `<p>Vi spør om det vi trenger for å levere, og ikke mer.</p>
${form('/account', 'Opprett konto', field('name', 'Navn', 'text', 'autocomplete="name"'), field('email', 'E-postadresse', 'email', 'autocomplete="email"'),
    field('street', 'Adresse', 'text', 'autocomplete="street-address"'), goods ? `<input type="hidden" name="goods" value="${safe(goods)}">` : '')}`)

const account = (person) => page('Min side', `<dl>${person.map(({ field, value }) => `<div><dt>${safe(NAMES[field] ?? field)}</dt><dd>${safe(value)}${field === 'purchase.amount' ? ' kr' : ''}</dd></div>`).join('')}</dl>
<h2>Slett meg</h2><p>Det som loven sier at vi må beholde, blir igjen, og ingen bruker det til noe annet. Alt det andre går nå, og det kan ikke angres.</p>
${form('/erase', 'Slett opplysningene om meg')}`)

const NAMES = { 'contact.name': 'Navn', 'contact.email': 'E-postadresse', 'delivery.street': 'Adresse', 'purchase.goods': 'Vare', 'purchase.amount': 'Beløp' }
const named = (items) => [...new Set(items.map(({ field }) => NAMES[field] ?? field))].join(', ')
const gone = ({ items, receipt }) => {
  const kept = items.filter(({ erased }) => !erased)
  return page('Slettet', `<p>Slettet: ${safe(named(items.filter(({ erased }) => erased)))}.</p>
${kept.length ? `<p>Må beholdes: ${safe(named(kept))}, etter ${safe(kept[0].law)}, til ${day(kept[0].until)}.</p>` : ''}
<p>Kvittering: oppføring ${receipt.index} i loggen, for referansen <code>${safe(receipt.reference)}</code>. Ta vare på den: med den kan du spørre om loggen igjen.</p>`)
}

// ---- the shop ----

export async function openShop({ vern, register, token, port = 0, mailPort = 0 }) {
  const mailbox = new Mailbox()
  const people = new Map() // the basket's cookie -> the person's id at Vern; nothing else is known here
  let number = Date.now()

  async function ask(method, path, body) {
    const answer = await fetch(vern + path, { method, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    const said = await answer.json()
    if (!answer.ok) throw Object.assign(new Error(said.detail ?? said.title), { status: answer.status })
    return said
  }
  const collect = (id, intake, values, more = {}) => ask('POST', `/v1/subjects/${id}/collect`, { intake, source: 'person', channel: 'web', values, ...more })
  // What the policy lets the shop show, each value once.
  const told = async (id) => {
    const { items } = await ask('POST', `/v1/subjects/${id}/read`, { purpose: 'orders' })
    return [...new Map(items.filter(({ allowed }) => allowed).map((item) => [item.field + item.value, item])).values()]
  }

  // The reason before the data: an agreement, then what it needs.
  async function enrol({ name, email, street }) {
    const { id } = await ask('POST', '/v1/subjects', { identifiers: [{ kind: 'number', value: `k-${++number}` }], roles: ['customer'] })
    await ask('POST', '/v1/agreements', { subject: id })
    await collect(id, 'checkout', { 'contact.name': name, 'contact.email': email, 'delivery.street': street })
    return id
  }

  async function order(id, goods) {
    const [name, price] = GOODS[goods], of = `o-${++number}`
    const { id: matter } = await ask('POST', '/v1/matters', { kind: 'order_no', number: of })
    await ask('POST', `/v1/subjects/${id}/events`, { event: 'order_placed', matter, by_subject: true })
    const known = Object.fromEntries((await told(id)).map(({ field, value }) => [field, value]))
    await collect(id, 'checkout', { 'contact.name': known['contact.name'], 'contact.email': known['contact.email'], 'delivery.street': known['delivery.street'],
      'purchase.goods': name, 'purchase.amount': String(price) }, { matter, optional: ['purchase.goods', 'purchase.amount'] })
    return page('Takk for bestillingen', `<p>${name} er på vei. Ordren har nummer <strong>${of}</strong>.</p><p><a href="/account">Se hva vi vet om deg</a></p>`)
  }

  // The consent with the words that stood on the button, then the address, then a letter with the link that stops it.
  async function subscribe(id, email) {
    if (id) await ask('POST', `/v1/subjects/${id}/roles`, { role: 'subscriber' })
    else ({ id } = await ask('POST', '/v1/subjects', { roles: ['subscriber'] }))
    await ask('POST', `/v1/subjects/${id}/consents`, { purpose: 'newsletter', wording: WORDING, language: 'nb', given_by: 'click', channel: 'web' })
    const { items } = await collect(id, 'newsletter_form', { 'contact.email': email })
    const letter = { message: 'newsletter', channel: 'email' }
    const { stop_link } = await ask('POST', `/v1/subjects/${id}/messages`, { ...letter, asking: true })
    await ask('POST', `/v1/subjects/${id}/messages`, { ...letter, stop_link, queue: true, item: items[0].id,
      heading: 'Nytt fra Prøvedalen', text: `Lyngen blomstrer, og honningen er klar.\n\nSlå av nyhetsbrevet: ${stop_link}\n` })
    return page('Takk', `<p>Det første nyhetsbrevet er på vei. I denne butikken havner det i <a href="/mail">innboksen</a>.</p>`)
  }

  const inbox = () => page('Innboksen', `<p>Det som Vern har sendt, mens butikken har stått åpen. Dette er en prøve: hvem som helst kan lese her.</p>
${mailbox.letters.map((letter) => `<article><h2>${safe(subjectOf(letter))}</h2><pre>${safe(textOf(letter)).replace(/https?:\/\/[^\s<]+/g, '<a href="$&">$&</a>')}</pre></article>`).join('') || '<p>Ingen brev ennå.</p>'}`)

  // The banner's script and what it asks, the notice, the processors: this site's own addresses.
  function handOn({ url, method, headers }, request, response) {
    const to = http.request(`${vern}/r/${register}${url.slice('/consent'.length)}`, { method, headers: { ...headers, host: new URL(vern).host } }, (from) => {
      response.writeHead(from.statusCode, from.headers)
      from.pipe(response)
    })
    to.on('error', () => response.writeHead(502).end())
    request.pipe(to)
  }

  async function posted(request) {
    let text = ''
    for await (const chunk of request) if ((text += chunk).length > 10_000) throw new Error('too much')
    return Object.fromEntries(new URLSearchParams(text))
  }

  async function answer(request, path, basket, put) {
    const id = people.get(basket)
    if (request.method === 'GET') {
      if (path === '/') return front()
      if (path === '/mail') return inbox()
      if (path === '/film') return page('Film', '<p>Her ville filmen vært.</p>')
      if (path === '/account') return id ? account(await told(id)) : signUp()
      return
    }
    const said = await posted(request)
    if (path === '/newsletter') return subscribe(id, said.email)
    if (path === '/order' && GOODS[said.goods]) return id ? order(id, said.goods) : signUp(said.goods)
    if (path === '/account') {
      const made = randomUUID(), person = await enrol(said)
      people.set(made, person)
      put(`basket=${made}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${DAY}`)
      return GOODS[said.goods] ? order(person, said.goods) : account(await told(person))
    }
    if (path === '/erase' && id) {
      const erased = await ask('POST', `/v1/subjects/${id}/erase`, { warned: true })
      people.delete(basket)
      put('basket=; Path=/; Max-Age=0')
      return gone(erased)
    }
  }

  const server = http.createServer(async (request, response) => {
    const path = new URL(request.url, 'http://shop').pathname
    if (path.startsWith('/consent/')) return handOn(request, request, response)
    if (FILES[path]) return response.writeHead(200, { ...HEADERS, 'Content-Type': FILES[path].type }).end(FILES[path].bytes)
    // A form of another site orders nothing here.
    if (request.method === 'POST' && request.headers['sec-fetch-site'] !== 'same-origin') return response.writeHead(403, HEADERS).end(page('Nei', '<p>Skjemaet kom fra et annet sted.</p>'))
    const headers = { ...HEADERS }
    try {
      const basket = request.headers.cookie?.match(/(?:^|; )basket=([^;]+)/)?.[1]
      const html = await answer(request, path, basket, (cookie) => { headers['Set-Cookie'] = cookie })
      response.writeHead(html ? 200 : 404, headers).end(html ?? page('Ikke her', '<p><a href="/">Til varene</a></p>'))
    } catch (error) {
      response.writeHead(error.status === 422 ? 422 : 502, headers).end(page('Det gikk ikke', `<p>${safe(error.message)}</p><p><a href="/">Til varene</a></p>`))
    }
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${server.address().port}`, mailbox, mailPort: await mailbox.open(mailPort),
    close() {
      server.closeAllConnections()
      server.close()
      mailbox.server.close()
    },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [vern, register, tokenFile, port, mailPort] = process.argv.slice(2)
  if (!tokenFile) {
    console.error('node shop.mjs VERN REGISTER TOKEN-FILE [PORT [MAIL-PORT]]')
    process.exit(64)
  }
  const shop = await openShop({ vern, register, token: readFileSync(tokenFile, 'utf8').trim(), port: +(port ?? 8790), mailPort: +(mailPort ?? 0) })
  console.log(`the shop is open at ${shop.origin}, and takes mail at smtp+plain://127.0.0.1:${shop.mailPort}`)
}
