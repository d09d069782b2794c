// A real server on the loopback with sample people who are nobody, a member of the staff who can
// sign in, and a mail server that hands over what it is sent. Ends with stop(); no time is waited for.
import { spawn, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Mailbox } from '../../examples/shop/mailbox.mjs'

export { textOf } from '../../examples/shop/mailbox.mjs'

export const root = resolve(import.meta.dirname, '../..')
const START = '2026-03-02T08:00:00Z'

// ---- the server ----

async function freePort() {
  const probe = net.createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}

/** A register of its own, without people: `more` are settings. */
export async function start(binary, policy = join(root, 'policies/example.yaml'), deployment, more = [], mailElsewhere) {
  const folder = mkdtempSync(join(tmpdir(), 'vern-web-'))
  execFileSync(binary, ['init', ...stored(folder), '--register', 'shop', '--policy', policy,
    ...(deployment ? ['--deployment', deployment] : []),
    '--clock', 'simulated', '--start', START, '--token-file', join(folder, 'token')], { stdio: 'pipe' })
  return serve(binary, folder, more, mailElsewhere)
}
const stored = (folder) => ['--data', join(folder, 'data'), '--root', join(folder, 'root.key')]

async function serve(binary, folder, more, mailElsewhere) {
  const mail = new Mailbox()
  const mailPort = mailElsewhere ?? await mail.open()
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  writeFileSync(join(folder, 'conf'), [
    `smtp = smtp+plain://127.0.0.1:${mailPort}`, 'smtp_from = personvern@butikk.example',
    `public_url = ${origin}`, 'public_per_minute = 100000', ...more, ''].join('\n'))
  const server = spawn(binary, ['serve', ...stored(folder), '--listen', `127.0.0.1:${port}`,
    '--config', join(folder, 'conf')], { stdio: ['ignore', 'ignore', 'pipe'] })
  const log = []
  await new Promise((ready, failed) => {
    createInterface({ input: server.stderr }).on('line', (line) => {
      log.push(line)
      if (line.includes('"serving"')) ready()
    })
    server.once('exit', () => failed(new Error('the server ended: ' + log.join('\n'))))
  })
  const token = readFileSync(join(folder, 'token'), 'utf8').trim()
  const call = (method, path, body, by = token, headers = {}) => ask(origin, method, path, body, by, headers)
  const world = { binary, origin, folder, mail, log, call, token, register: (await call('GET', '/v1/register')).public }
  world.halt = async () => {
    server.kill('SIGTERM')
    if (server.exitCode === null) await once(server, 'exit')
    mail.server.close()
    if (server.exitCode !== 0) throw new Error(`the server ended with ${server.exitCode}: ${log.join('\n')}`)
  }
  world.stop = async () => { try { await world.halt() } finally { rmSync(folder, { recursive: true, force: true }) } }
  return world
}

/** The sample register with its people is made once; whoever asks gets a server of their own over a copy. */
let sample
export async function startSample(binary) {
  sample ??= (async () => {
    const world = await start(binary)
    await fill(world)
    await world.halt()
    return world
  })()
  const { folder: from, officer, colleague, kari, ola } = await sample
  const folder = mkdtempSync(join(tmpdir(), 'vern-web-'))
  cpSync(from, folder, { recursive: true })
  return Object.assign(await serve(binary, folder, []), structuredClone({ officer, colleague, kari, ola }))
}
export async function dropSample() {
  if (sample) rmSync((await sample).folder, { recursive: true, force: true })
}

async function ask(origin, method, path, body, token, headers) {
  const answer = await fetch(origin + path, {
    method, headers: { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}), ...headers },
    body: body ? JSON.stringify(body) : undefined })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text
}

// ---- sample people ----

export const PASSWORD = 'correct horse battery'

// The first password is another's choice and is changed at once; the last recovery code is spent on it.
export async function hire(world, role, login, name, scopes) {
  const { id } = await world.call('POST', '/v1/staff', { role, name, login })
  const { recovery } = await world.call('POST', `/v1/staff/${id}/account`, { scopes, password: 'chosen by somebody else' })
  const { token } = await world.call('POST', '/v1/tokens', { name: login, scopes, staff: id })
  await world.call('POST', '/v1/account/password', { password: 'chosen by somebody else', new: PASSWORD, code: recovery.pop() }, token)
  await world.call('POST', '/v1/evidence', { type: 'training', actor: id, particulars: { course: 'privacy' } })
  return { id, login, recovery, token }
}

async function customer(world, number, { name, email, phone, street, question }) {
  const { id } = await world.call('POST', '/v1/subjects', {
    identifiers: [{ kind: 'number', value: number }], roles: ['customer', 'asker', 'subscriber'] })
  await world.call('POST', '/v1/agreements', { subject: id })
  await world.call('POST', `/v1/subjects/${id}/collect`, {
    intake: 'checkout', source: 'person', channel: 'web', controller: world.controller,
    values: { 'contact.name': name, 'contact.email': email, 'delivery.street': street, 'contact.phone': phone },
    optional: ['contact.phone'] })
  const { id: order } = await world.call('POST', '/v1/matters', { kind: 'order_no', number: 'order-' + number })
  await world.call('POST', `/v1/subjects/${id}/events`, { event: 'order_placed', matter: order, at: '2026-03-01T10:00:00Z', by_subject: true })
  if (question)
    await world.call('POST', `/v1/subjects/${id}/collect`, {
      intake: 'contact_form', source: 'person', channel: 'web', controller: world.controller, values: { 'contact.email': email, 'question.text': question } })
  return id
}

export async function fill(world) {
  await world.call('POST', '/v1/evidence', { type: 'balancing', purpose: 'support', particulars: { reference: 'w-1' } })
  world.officer = await hire(world, 'manager', 'mona', 'Mona Mønster', ['read', 'record', 'rights', 'officer', 'share', 'administer'])
  world.colleague = await hire(world, 'manager', 'nils', 'Nils Nordmann', ['read', 'record', 'rights', 'officer', 'share'])
  world.kari = await customer(world, '1001', { name: 'Kari Prøve', email: 'kari@prove.example', phone: '+47 99 99 99 99', street: 'Prøveveien 1', question: 'Når kommer varene?' })
  world.ola = await customer(world, '1002', { name: 'Ola Prøve', email: 'ola@prove.example', phone: '+47 98 98 98 98', street: 'Testgata 2' })
}

export async function moveTo(world, moment) {
  await world.call('POST', '/v1/clock', { to: moment })
}
