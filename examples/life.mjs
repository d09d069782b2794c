// life.mjs SERVER TOKEN-FILE: a fortnight in the life of the sample shop's register, by the public API alone. Nobody in
// it exists. The clock of the register is simulated: it is moved from day to day, and stands at END when this is done.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const [server, tokenFile] = process.argv.slice(2)
const token = readFileSync(tokenFile, 'utf8').trim(), read = (name) => readFileSync(resolve(import.meta.dirname, '../policies', name), 'utf8')
const END = '2026-01-15T09:00:00Z'

async function call(method, path, body, by = token) {
  const answer = await fetch(server + path, { method, headers: { Authorization: `Bearer ${by}`, ...(body ? { 'Content-Type': 'application/json' } : {}) }, body: body && JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text
}
const post = (path, body, by) => call('POST', path, body, by)
const about = (id, what, body, by) => post(`/v1/subjects/${id}/${what}`, body, by)
const day = (date, time = '08:00') => post('/v1/clock', { to: `${date}T${time}:00Z` })
const many = (list, each) => Promise.all(list.map(each))

// ---- the shop and its people ----

async function member(role, name) {
  const { id } = await post('/v1/staff', { role, name })
  await post('/v1/evidence', { type: 'training', actor: id, particulars: { course: 'privacy' } })
  const made = await post('/v1/tokens', { name: name.split(' ')[0].toLowerCase(), scopes: ['read', 'record', 'rights', 'officer', 'share', 'administer'], staff: id })
  return { id, token: made.token }
}
const mail = (name) => `${name.split(' ')[0].toLowerCase().replaceAll('å', 'a').replaceAll('ø', 'o')}@prove.example`
const person = (number, ...roles) => post('/v1/subjects', { identifiers: [{ kind: 'number', value: `kunde-${number}` }], roles }).then(({ id }) => id)
const collect = (id, intake, values, more) => about(id, 'collect', { intake, source: 'person', channel: 'web', values, ...more })
const wording = 'Ja takk, send meg nyhetsbrevet på e-post.'

async function customer(name, i) {
  const id = await person(1001 + i, 'customer', 'subscriber', 'asker')
  await post('/v1/agreements', { subject: id })
  await collect(id, 'checkout', { 'contact.name': name, 'contact.email': mail(name), 'delivery.street': `Prøveveien ${i + 1}`, 'contact.phone': `+47 99 99 99 ${10 + i}`, 'purchase.goods': 'Lampe' }, { optional: ['contact.phone', 'purchase.goods'] })
  const { id: order } = await post('/v1/matters', { kind: 'order_no', number: `o-${5001 + i}` })
  await about(id, 'events', { event: 'order_placed', matter: order, by_subject: true })
  if (i % 3 !== 2) await about(id, 'consents', { purpose: 'newsletter', wording, given_by: 'click', language: 'nb', channel: 'web' })
  return id
}
async function asker(name, i) {
  const id = await person(2001 + i, 'asker')
  await collect(id, 'contact_form', { 'contact.name': name, 'contact.email': mail(name), 'question.text': 'Når kommer varene?' }, { optional: ['contact.name'] })
  return id
}
async function candidate(name, i) {
  const id = await person(3001 + i, 'candidate')
  await collect(id, 'job_form', { 'contact.name': name, 'contact.email': mail(name), 'application.letter': 'Jeg søker stillingen.' }, { optional: ['application.letter'], events: ['application_received'] })
  return id
}
const of = (names, last) => names.map((name) => `${name} ${last}`)
const customers = of(['Kari', 'Ola', 'Siri', 'Per', 'Nina', 'Arne', 'Liv', 'Geir', 'Tone', 'Odd', 'Berit', 'Jan', 'Unni', 'Leif'], 'Prøve')
const askers = of(['Ingrid', 'Knut', 'Marit', 'Svein', 'Astrid', 'Rolf'], 'Mønster'), candidates = of(['Hanne', 'Erik', 'Sunniva', 'Tor', 'Maja'], 'Eksempel')

// ---- what they ask for ----

async function request(channel, rights, received, owner, who) {
  const { id } = await post('/v1/requests', { channel, rights, ...(received ? { received: `${received}T07:00:00Z` } : {}), text: 'Se vedlagte brev.' })
  if (owner) await post(`/v1/requests/${id}/owner`, { member: owner.id })
  if (who) await post(`/v1/requests/${id}/identity`, { outcome: 'proven', subject: who, method: 'document' }, owner.token)
  return id
}
const decide = (id, right, by) => post(`/v1/requests/${id}/decision`, { right, outcome: 'granted', reasons: 'Personen har rett til dette.' }, by.token)

/** A new version, applied by one and approved by another; people are told before it is in force. */
async function announce(one, other) {
  const next = (name) => read(name).replace('version: "2026-01"', 'version: "2026-02"')
  const body = { policy: next('example.yaml').replace('effective: 2026-01-01', 'effective: 2026-03-01').replace('12 months after collected', '6 months after collected'), deployment: next('example.nn.deploy.yaml'), erases: 0 }
  await post('/v1/policy/apply', body, one.token)
  const { acts } = await call('GET', '/v1/acts', undefined, other.token)
  for (const act of acts.filter((row) => !row.approved)) await post(`/v1/acts/${act.id}/approve`, {}, other.token)
  await post('/v1/policy/apply', body, one.token)
}

await post('/v1/evidence', { type: 'balancing', purpose: 'support', particulars: { reference: 'w-1' } })
const [nora, jonas] = await many(['Nora Nilsen', 'Jonas Berg'], (name) => member('manager', name))
const host = await post('/v1/parties', { kind: 'web_host', name: 'Vertskap AS', zone: 'eea' }), carrier = await post('/v1/parties', { kind: 'carrier', name: 'Post og Pakke AS', zone: 'eea' })
await post('/v1/evidence', { type: 'processing_agreement', party: host.id, particulars: { document: 'avtale-2025-11' } })
const shoppers = await many(customers, customer)
await day('2026-01-05')
const asking = await many(askers, asker)
await many(shoppers.slice(0, 6), (id) => about(id, 'share', { purpose: 'orders', recipient: 'carrier', party: carrier.id, channel: 'api' }))
const answered = await request('email', ['access'], '2026-01-03', nora, shoppers[3])
await many(asking.slice(2), (id, i) => about(id, 'events', { event: 'question_answered', at: `2025-1${i < 2 ? 0 : 1}-${['19', '28', '02', '09'][i]}T12:00:00Z` }))
await day('2026-01-08')
const applied = await many(candidates, candidate)
await many(shoppers.slice(0, 2), (id) => about(id, 'withdrawals', { purpose: 'newsletter' }))
await decide(answered, 'access', nora)
await post(`/v1/subjects/${shoppers[3]}/access`, { case: answered }, nora.token)
await post(`/v1/requests/${answered}/close`, {}, nora.token)
await about(shoppers[4], 'restrictions', { reason: 'accuracy', fields: ['delivery'], warned: true })
await about(shoppers[5], 'holds', { type: 'claim', until: '2027-01-31', particulars: { owner: 'Juridisk avdeling', reference: 'Reklamasjon 17' } })
await day('2026-01-12')
const { items } = await call('GET', `/v1/subjects/${shoppers[2]}/overview`)
await about(shoppers[2], 'rectify', { item: items.find((one) => one.field === 'delivery.street').id, value: 'Testgata 7' })
await collect(applied[0], 'job_form', { 'contact.name': candidates[0], 'contact.email': mail(candidates[0]), 'application.letter': 'Jeg er tilbake fra sykmelding.' }, { holds: { 'application.letter': 'health' }, optional: ['application.letter'] })
await many(shoppers.slice(6, 9), (id) => about(id, 'messages', { message: 'order_confirmation', channel: 'email', queue: true }))
await day('2026-01-14')
const { id: breach } = await post('/v1/breaches', { nature: ['confidentiality'], description: 'En ordreliste ble sendt til feil mottaker.', all: true, aware: '2026-01-13T13:30:00Z' })
for (let scope = {}; scope.state !== 'computed';) { await post(`/v1/breaches/${breach}/scope`); ({ scope } = await call('GET', `/v1/breaches/${breach}`)) }
await request('email', ['erase', 'access'], '2025-12-10')
await request('phone', ['access'], '2025-12-18', nora)
await decide(await request('post', ['rectify'], '2026-01-07', nora, shoppers[7]), 'rectify', nora)
await request('email', ['object'], '2026-01-09', jonas, asking[0])
await request('in_person', ['portability'], '2026-01-12', jonas)
await request('support', ['complain'], '2026-01-13')
await request('email', ['restrict'], '2026-01-14')
await announce(nora, jonas)
await day('2026-01-15', '09:00')
console.log(`a fortnight with ${customers.length + askers.length + candidates.length} people; the clock stands at ${END}`)
