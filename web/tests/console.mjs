// The console against the real server: each view, and a request from intake to answer.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { check, inEveryLanguage, PHONE, settled, signInStaff, visitor } from './browser.mjs'
import { fill, hire, root, start } from './fixture.mjs'

async function taken(world) {
  const { id } = await world.call('POST', '/v1/requests', { channel: 'email', rights: ['erase', 'access'], text: 'Slett alt dere har om meg, og send en kopi først.' })
  await world.call('POST', '/v1/requests', { channel: 'phone', rights: ['access'], received: '2026-01-12T09:00:00Z' })
  const breach = await world.call('POST', '/v1/breaches', { nature: ['confidentiality'], description: 'En liste ble sendt til feil adresse.', all: true })
  world.breach = breach.id
  return id
}

/** Enough for each view to have something to show: consents, a hold, recipients, a second version. */
async function furnish(world) {
  const consent = (id, more) => world.call('POST', `/v1/subjects/${id}/consents`, { purpose: 'newsletter', wording: 'Ja takk, send meg nyhetsbrevet', given_by: 'click', language: 'nb', channel: 'web', ...more })
  await consent(world.kari)
  await consent(world.ola)
  await world.call('POST', `/v1/subjects/${world.ola}/withdrawals`, { purpose: 'newsletter' })
  await world.call('POST', `/v1/subjects/${world.ola}/holds`, { type: 'claim', until: '2027-01-01', particulars: { owner: 'Juridisk avdeling', reference: 'Reklamasjon 17' } })
  const host = await world.call('POST', '/v1/parties', { kind: 'web_host', name: 'Vertskap AS', zone: 'eea' })
  await world.call('POST', '/v1/evidence', { type: 'processing_agreement', party: host.id, particulars: { document: 'avtale-1' } })
  const carrier = await world.call('POST', '/v1/parties', { kind: 'carrier', name: 'Post og Pakke AS', zone: 'eea' })
  await givenOn(world, carrier.id)
  await putAside(world, world.kari)
  await world.call('POST', `/v1/subjects/${world.kari}/read`, { purpose: 'support' })
  await applied(world, (policy) => policy)
}
/** Given to a recipient, and put right afterwards: the recipient is to be told. */
async function givenOn(world, party) {
  await world.call('POST', `/v1/subjects/${world.ola}/share`, { purpose: 'orders', recipient: 'carrier', party, channel: 'api' })
  const { items } = await world.call('GET', `/v1/subjects/${world.ola}/overview`)
  await world.call('POST', `/v1/subjects/${world.ola}/rectify`, { item: items.find((one) => one.field === 'delivery.street').id, value: 'Testgata 3' })
}
/** What a form refuses comes in all the same. */
async function putAside(world, id) {
  await world.call('POST', `/v1/subjects/${id}/roles`, { role: 'candidate' })
  await world.call('POST', `/v1/subjects/${id}/collect`, { intake: 'job_form', source: 'person', channel: 'web', values: { 'contact.name': 'Kari Prøve', 'contact.email': 'kari@prove.example', 'application.letter': 'Noe om helse' },
    holds: { 'application.letter': 'health' }, optional: ['application.letter'], events: ['application_received'] })
}
/** The next version of the sample policy, by two people. */
async function applied(world, change) {
  const policy = change(nextPolicy())
  const body = { policy, erases: 0 }
  await world.call('POST', '/v1/policy/apply', body, world.officer.token).catch((error) => { if (!/202/.test(error.message)) throw error })
  const { acts } = await world.call('GET', '/v1/acts')
  for (const act of acts.filter((one) => !one.approved)) await world.call('POST', `/v1/acts/${act.id}/approve`, {}, world.colleague.token)
  await world.call('POST', '/v1/policy/apply', body, world.officer.token)
}
const nextPolicy = (version = '2026-02') => readFileSync(join(root, 'policies/example.yaml'), 'utf8').replace('version: "2026-01"', `version: "${version}"`).replace('3 months after question_answered', '2 months after question_answered')

async function entered(browser, world, options, member = world.officer) {
  const seen = await visitor(browser, world, { reducedMotion: 'reduce', ...options })
  await signInStaff(seen.page, world, member)
  await seen.page.getByRole('link', { name: 'Gå til konsollet' }).click()
  await seen.page.waitForURL('**/admin')
  return seen
}
const views = (world, request) => ['', '/requests', `/requests/${request}`, '/people', `/people/${world.kari}`, '/consents', '/breaches', `/breaches/${world.breach}`, '/alarms', '/quarantine', '/policy', '/retention', '/recipients', '/log', '/statistics',
  '/settings?tab=members', '/settings?tab=sessions', '/settings?tab=tokens', '/settings?tab=connectors', '/settings?tab=state']
/** Long work is done: nothing says how far it has come. */
const atRest = async (page) => { await settled(page); await page.waitForFunction(() => !document.querySelector('main progress')) }
const nameOf = (view) => 'admin' + view.replace(/\/[\w-]{22}/, '-one').replace('?tab=', '-').replaceAll('/', '-')

/** As by a link: the page stays, its view is another. */
const goWithin = (page, path) => page.evaluate((to) => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')) }, path)
/** Everything that opens is open: what is folded away is looked at, too. Nothing moves: see entered(). */
const unfold = (page) => page.evaluate(() => { for (const one of document.querySelectorAll('main details')) one.open = true })

export async function everyConsoleView({ browser, world, shot }) {
  const request = await taken(world)
  await furnish(world)
  const outside = await visitor(browser, world)
  await outside.page.goto('/admin')
  await settled(outside.page)
  await check(outside.page, outside.wrong, 'console, signed out')
  await outside.context.close()
  const { page, wrong, context } = await entered(browser, world)
  for (const view of views(world, request)) {
    const name = `/admin${view}`
    await page.goto(name)
    await atRest(page)
    await shot(page, nameOf(view))
    await inEveryLanguage(page, name, async (where) => {
      await atRest(page)
      await unfold(page)
      await check(page, wrong, where, { narrow: false })
      assert.equal(await page.getByText(/\{\w+\}|undefined|NaN/).count(), 0, `${where} has a hole`)
    })
    for (const [colours, media] of [['dark', { colorScheme: 'dark', forcedColors: null }], ['forced', { colorScheme: null, forcedColors: 'active' }]]) {
      await page.emulateMedia(media)
      await check(page, wrong, `${name} ${colours}`, { colours: true })
      await shot(page, `${nameOf(view)}-${colours}`)
    }
    await page.emulateMedia({ colorScheme: null, forcedColors: null })
    await narrow(page, () => shot(page, `${nameOf(view)}-320`))
  }
  await context.close()
}
async function narrow(page, then) {
  const size = page.viewportSize()
  await page.setViewportSize(PHONE)
  await then()
  await page.setViewportSize(size)
}

export async function fromIntakeToAnswer({ browser, world, shot }) {
  const request = await taken(world)
  const { page, wrong, context } = await entered(browser, world)
  await page.goto(`/admin/requests/${request}`)
  await settled(page)
  await page.getByLabel('Personens id').fill(world.ola)
  await page.getByRole('button', { name: 'Identiteten er bevist' }).click()
  await page.getByRole('heading', { name: 'Vurder: Sletting' }).waitFor()
  await check(page, wrong, 'to be decided')
  await shot(page, 'admin-request-decide')
  await page.getByRole('button', { name: 'Innvilg', exact: true }).first().click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await check(page, wrong, 'reasons lack')
  for (const right of ['access', 'erase']) {
    const panel = page.locator('section', { has: page.locator(`#reasons-${right}`) })
    await panel.locator('textarea').fill('Personen har rett til dette.')
    await panel.getByRole('button', { name: 'Innvilg', exact: true }).click()
    await page.locator(`#reasons-${right}`).waitFor({ state: 'detached' })
  }
  await page.getByRole('heading', { name: 'Hva slettingen gjør' }).waitFor()
  await page.getByText('bokføringsloven § 13').first().waitFor()
  await check(page, wrong, 'about to act')
  await shot(page, 'admin-request-act')
  const [copy] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Lag kopien (HTML)' }).click()])
  assert.match(copy.suggestedFilename(), /^kopi-.*\.html$/)
  await page.getByRole('button', { name: 'Lag kopien (HTML)' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: /^Slett \d+ opplysninger/ }).click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await page.getByLabel('Jeg har sett hva som slettes').check()
  await page.getByRole('button', { name: /^Slett \d+ opplysninger/ }).click()
  await page.getByText('Venter på godkjenning fra en annen').waitFor()
  await check(page, wrong, 'waits for a second pair of eyes')
  const { acts } = await world.call('GET', '/v1/acts', undefined, world.colleague.token)
  await world.call('POST', `/v1/acts/${acts.find((act) => !act.approved).id}/approve`, {}, world.colleague.token)
  await page.getByRole('button', { name: /^Slett \d+ opplysninger/ }).click()
  await page.getByRole('heading', { name: 'Hva slettingen gjør' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Saken er besvart' }).click()
  await page.getByText(/^Besvart/).first().waitFor()
  await check(page, wrong, 'answered')
  await shot(page, 'admin-request-answered')
  const { state } = await world.call('GET', `/v1/requests/${request}`)
  assert.equal(state, 'answered')
  await context.close()
}

// Masked until there is a purpose; the use is in the log, and the person sees it.
export async function aValueIsShownForAPurpose({ browser, world, shot }) {
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/people')
  await settled(page)
  await page.getByLabel('Verdi').fill('1001')
  await page.getByRole('button', { name: 'Finn', exact: true }).click()
  await page.waitForURL(`**/people/${world.kari}`)
  await settled(page)
  assert.equal(await page.getByText('Kari Prøve').count(), 0)
  await page.getByLabel('Formål').selectOption('orders')
  await page.getByRole('button', { name: 'Vis verdier' }).click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await page.getByLabel('Hvorfor ser du?').selectOption('question')
  await page.getByRole('button', { name: 'Vis verdier' }).click()
  await page.getByText('Regel: staff.manager.for').waitFor()
  await page.getByLabel('Formål').selectOption('authority_disclosure')
  await page.getByRole('button', { name: 'Vis verdier' }).click()
  await page.getByText('Kari Prøve').waitFor()
  await check(page, wrong, 'shown')
  await shot(page, 'admin-person-shown')
  const { uses } = await world.call('GET', `/v1/subjects/${world.kari}/uses`)
  assert.ok(uses.some((use) => use.purpose === 'authority_disclosure' && use.decision === 'allow' && use.because === 'question'))
  await page.getByRole('button', { name: 'Skjul' }).click()
  assert.equal(await page.getByText('Kari Prøve').count(), 0)
  await context.close()
}

// A log that is whole holds; one of whose entries or roots is another does not.
export async function theLogIsVerifiedHere({ browser, world, shot }) {
  const { page, wrong, context } = await entered(browser, world)
  const point = await world.call('GET', '/v1/log/checkpoint')
  await page.goto('/admin/log')
  await settled(page)
  await page.getByLabel('Kontrollpunkt du har tatt vare på').fill(point)
  await page.getByRole('button', { name: 'Kontroller' }).click()
  await page.getByText('Kontrollert i denne nettleseren').waitFor()
  await page.getByText('uendret').waitFor()
  await page.locator('summary', { hasText: 'startet loggen' }).click()
  await check(page, wrong, 'a log that holds')
  await shot(page, 'admin-log-verified')
  const spoil = async (path, change, says) => {
    await page.route(path, async (route) => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, body: change(await answer.body()) })
    })
    await page.getByRole('button', { name: 'Kontroller' }).click()
    await page.getByText(says).waitFor()
    await page.unroute(path)
  }
  await spoil('**/v1/log/tile/entries/**', (body) => { body[40] ^= 1; return body }, 'er ikke den som ligger under roten')
  await spoil('**/v1/log/tile/0/**', (body) => { body[3] ^= 1; return body }, 'gir en annen rot')
  await spoil('**/v1/log/checkpoint', (body) => Buffer.from(body.toString().replace(/\n(\d+)\n/, (_, size) => `\n${size - 1}\n`)), 'Signaturen på kontrollpunktet er ikke gyldig')
  await check(page, wrong, 'a log that does not hold')
  await shot(page, 'admin-log-broken')
  await context.close()
}

export async function thePaletteByKeyboard({ browser, world, shot }) {
  const { page, wrong, context } = await entered(browser, world)
  await settled(page)
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').waitFor()
  await check(page, wrong, 'the palette')
  await shot(page, 'admin-palette')
  await page.keyboard.type('policy')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/admin/policy')
  await page.keyboard.press('Control+k')
  await page.keyboard.type(world.kari)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/people/${world.kari}`)
  await page.keyboard.press('Control+k')
  await page.keyboard.press('Escape')
  assert.equal(await page.getByRole('combobox', { name: 'Søk eller gå til …' }).count(), 0)
  await context.close()
}

export async function aDraftShowsItsFindingsAndEffect({ browser, world, shot }) {
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/policy')
  await settled(page)
  await page.getByLabel('Policy (YAML)').fill('vern: 1\n')
  await page.getByRole('button', { name: 'Se virkningen' }).click()
  await page.getByText('Linje 1').first().waitFor()
  await check(page, wrong, 'findings')
  await shot(page, 'admin-policy-findings')
  const { policy } = await world.call('POST', '/v1/policy/text', { version: '2026-01' })
  await page.getByLabel('Policy (YAML)').fill(policy.replace('version: "2026-01"', 'version: "2026-02"').replace('12 months after collected', '2 months after collected'))
  await page.getByRole('button', { name: 'Se virkningen' }).click()
  await page.getByText(/personer:/).waitFor()
  await check(page, wrong, 'effect')
  await shot(page, 'admin-policy-effect')
  await context.close()
}

// ---- roles: what a role may not do is not offered, and the API refuses it anyhow ----

/** By the page's own session, as a script in it would ask. */
const asked = (page, method, path, body) => page.evaluate(async ([how, where, what]) => {
  const { csrf } = await (await fetch('/v1/session')).json()
  return (await fetch(where, { method: how, headers: { 'X-Vern-CSRF': csrf, ...(what ? { 'Content-Type': 'application/json' } : {}) }, body: what && JSON.stringify(what) })).status
}, [method, path, body])
const OFFICES = {
  saksbehandler: { role: 'manager', scopes: ['read', 'record', 'rights', 'officer', 'share'], pages: 13, decides: true, applies: false },
  personvernombud: { role: 'manager', scopes: ['officer', 'record', 'administer'], pages: 13, decides: true, applies: true },
  revisor: { role: 'accountant', scopes: ['audit'], pages: 13, decides: false, applies: false },
  drift: { role: 'accountant', scopes: ['administer'], pages: 2, decides: false, applies: false },
}
export async function everyRoleSeesWhatItMay({ browser, world, shot }) {
  const request = await taken(world)
  await furnish(world)
  for (const [name, office] of Object.entries(OFFICES)) {
    const member = await hire(world, office.role, name, `Prøve ${name}`, office.scopes)
    const { page, wrong, context } = await entered(browser, world, {}, member)
    await atRest(page)
    assert.equal(await page.getByRole('navigation', { name: 'Sider' }).getByRole('link').count(), office.pages, `${name}: pages`)
    for (const view of office.pages > 2 ? views(world, request) : ['/policy', '/settings?tab=members', '/settings?tab=tokens', '/settings?tab=connectors', '/settings?tab=state']) {
      await goWithin(page, '/admin' + view)
      await atRest(page)
      await unfold(page)
      await check(page, wrong, `${name}: ${view}`)
    }
    await shot(page, `admin-role-${name}`)
    await page.goto(`/admin/requests/${request}`)
    await atRest(page)
    assert.equal(await page.getByRole('button', { name: 'Identiteten er bevist' }).count(), office.decides ? 1 : 0, `${name}: decides`)
    assert.equal(await asked(page, 'POST', `/v1/requests/${request}/identity`, { outcome: 'asked', reasons: 'Vis oss legitimasjon, takk.' }) < 300, office.decides, `${name}: the API on deciding`)
    await page.goto('/admin/policy')
    await atRest(page)
    assert.equal(await page.getByLabel('Policy (YAML)').count(), office.scopes.includes('administer') ? 1 : 0, `${name}: drafts`)
    const officer = office.scopes.includes('officer')
    const refused = [['POST', `/v1/subjects/${world.kari}/holds`, { type: 'claim', until: '2027-01-01' }, !officer], ['POST', '/v1/breaches', { nature: ['integrity'], description: 'x', all: true }, !officer],
      ['GET', '/v1/tokens', undefined, !office.scopes.includes('administer')], ['GET', '/v1/requests', undefined, name === 'drift'], ['POST', `/v1/subjects/${world.kari}/read`, { purpose: 'authority_disclosure' }, !office.scopes.includes('read')]]
    await page.goto('/admin/requests')
    await atRest(page)
    assert.equal(await page.getByRole('checkbox', { name: /^Velg sak/ }).count() > 0, officer, `${name}: gives requests`)
    for (const [method, path, body, no] of refused) assert.equal(await asked(page, method, path, body) === 403, no, `${name}: ${method} ${path}`)
    await context.close()
  }
}

// ---- who deals with a request ----

export async function aRequestIsGivenToAMember({ browser, world, shot }) {
  const request = await taken(world)
  const owner = async () => (await world.call('GET', `/v1/requests/${request}`)).owner
  const { page, wrong, context } = await entered(browser, world)
  await page.goto(`/admin/requests/${request}`)
  await atRest(page)
  await page.getByRole('button', { name: 'Ta saken selv' }).click()
  await page.getByText('Behandles av: Mona Mønster').waitFor()
  assert.equal(await owner(), world.officer.id)
  await page.getByLabel('En annen').selectOption({ label: 'Nils Nordmann' })
  await page.getByRole('button', { name: 'Gi til' }).click()
  await page.getByText('Behandles av: Nils Nordmann').waitFor()
  await check(page, wrong, 'given to another')
  await shot(page, 'admin-request-owner')
  await page.goto('/admin/requests')
  await atRest(page)
  assert.equal(await page.getByRole('cell', { name: 'Nils Nordmann' }).count(), 1)
  await page.getByRole('button', { name: /^Mine/ }).click()
  await page.getByText('Ingen saker passer «Mine».').waitFor()
  await page.getByRole('button', { name: 'Nullstill' }).click()
  // by keyboard: the two that are open, at once
  for (const box of await page.getByRole('checkbox', { name: /^Velg sak/ }).all()) { await box.focus(); await page.keyboard.press('Space') }
  await page.getByRole('heading', { name: 'Valgt: 2' }).waitFor()
  await check(page, wrong, 'two are chosen')
  await shot(page, 'admin-requests-chosen')
  await page.getByRole('button', { name: 'Ta saken selv' }).press('Enter')
  await page.getByRole('cell', { name: 'Deg' }).nth(1).waitFor()
  assert.equal(await owner(), world.officer.id)
  assert.match(page.url(), /show=all/)
  await page.getByRole('button', { name: /^Mine 2/ }).click()
  await page.getByRole('checkbox', { name: /^Velg sak/ }).first().check()
  await page.getByRole('button', { name: 'Legg tilbake' }).click()
  await page.getByRole('button', { name: /^Mine 1/ }).waitFor()
  await context.close()
}

// ---- what is done to a dossier ----

export async function aRestrictionIsLiftedAfterThePersonWasTold({ browser, world, shot }) {
  await world.call('POST', `/v1/subjects/${world.kari}/restrictions`, { reason: 'accuracy', fields: ['contact'], warned: true })
  const { page, wrong, context } = await entered(browser, world)
  await page.goto(`/admin/people/${world.kari}`)
  await atRest(page)
  assert.equal(await page.getByRole('button', { name: 'Opphev begrensningen' }).count(), 0)
  await page.getByRole('button', { name: 'Personen har fått beskjed' }).click()
  await page.getByRole('button', { name: 'Opphev begrensningen' }).waitFor()
  await inEveryLanguage(page, 'a restriction', async (where) => check(page, wrong, where, { narrow: false }))
  await shot(page, 'admin-restriction')
  await page.getByRole('button', { name: 'Opphev begrensningen' }).press('Enter')
  await page.getByText('Ingenting er begrenset').waitFor()
  assert.equal((await world.call('GET', `/v1/subjects/${world.kari}/overview`)).restrictions.length, 0)
  await context.close()
}

export async function twoAreMadeOneAndOneIsMadeTwo({ browser, world, shot }) {
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/people')
  await atRest(page)
  await page.getByRole('button', { name: 'Se etter' }).click()
  await page.getByText('Ingen kjennetegn leder til to personer.').waitFor()
  await page.goto(`/admin/people/${world.kari}`)
  await atRest(page)
  await page.locator('summary', { hasText: 'Slå sammen med en annen' }).click()
  await page.getByRole('button', { name: 'Se hva det gjør' }).first().click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await page.getByLabel('Den andre personens id').fill(world.ola)
  await page.getByRole('button', { name: 'Se hva det gjør' }).first().click()
  await page.getByText(/opplysninger, \d+ registreringer/).waitFor()
  await inEveryLanguage(page, 'what a merge does', async (where) => check(page, wrong, where, { narrow: false }))
  await shot(page, 'admin-merge')
  assert.equal((await world.call('GET', `/v1/subjects/${world.ola}`)).items.length > 0, true)
  await page.getByLabel('Begrunnelse').fill('Samme kunde, skrevet inn to ganger.')
  await page.getByRole('button', { name: 'Slå sammen nå' }).click()
  await page.getByRole('button', { name: 'Slå sammen nå' }).waitFor({ state: 'detached' })
  await assert.rejects(world.call('GET', `/v1/subjects/${world.ola}`), /410/)
  await atRest(page)
  await page.locator('summary', { hasText: 'Del i to' }).click()
  const split = page.locator('details', { has: page.locator('summary', { hasText: 'Del i to' }) })
  await split.getByRole('button', { name: 'Se hva det gjør' }).click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await split.getByRole('checkbox').last().check()
  await split.getByRole('button', { name: 'Se hva det gjør' }).click()
  await split.getByText(/^1 opplysninger/).waitFor()
  await check(page, wrong, 'what a split does')
  await split.getByLabel('Begrunnelse').fill('Det var en annens.')
  await split.getByRole('button', { name: 'Del nå' }).click()
  await page.getByRole('heading', { name: 'Den nye personen' }).waitFor()
  await check(page, wrong, 'two people')
  await shot(page, 'admin-split')
  await context.close()
}

export async function whatIsPutAsideIsLetInOrGoes({ browser, world, shot }) {
  await putAside(world, world.kari)
  await putAside(world, world.ola)
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/quarantine')
  await atRest(page)
  assert.equal(await page.getByText('Noe om helse').count(), 0)
  await page.locator('summary', { hasText: 'Avgjør' }).first().click()
  await page.getByRole('button', { name: 'Slett', exact: true }).first().click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await page.getByLabel('Slipp det inn der det hører hjemme').first().check()
  await inEveryLanguage(page, 'put aside', async (where) => check(page, wrong, where, { narrow: false }))
  await shot(page, 'admin-quarantine-decide')
  await page.getByLabel('Begrunnelse').first().fill('Det hører til spørsmålet.')
  await page.getByRole('button', { name: 'Slipp inn' }).click()
  await page.getByRole('heading', { name: 'Det går ikke nå' }).waitFor() // no form takes health data
  await page.getByLabel('Slett det nå').first().check()
  await page.getByRole('button', { name: 'Slett', exact: true }).first().press('Enter')
  await page.waitForFunction(() => document.querySelectorAll('main details').length === 1)
  assert.equal((await world.call('GET', '/v1/quarantine')).quarantine.length, 1)
  await context.close()
}

export async function aFileIsHadForAPurposeAndReplaced({ browser, world: first, shot }) {
  const policy = join(first.folder, 'files.yaml')
  writeFileSync(policy, readFileSync(join(root, 'policies/example.yaml'), 'utf8').replace('may: [read, share,', 'may: [read, change, share,'))
  const world = await start(first.binary, policy)
  try {
    await fill(world)
    const { id } = await world.call('POST', '/v1/subjects', { roles: ['candidate'], identifiers: [{ kind: 'number', value: 'j-1' }] })
    await world.call('POST', `/v1/subjects/${id}/collect`, { intake: 'job_form', source: 'person', channel: 'web', values: { 'contact.name': 'Siri Prøve', 'contact.email': 'siri@prove.example' }, events: ['application_received'] })
    const text = Buffer.from('Et liv i prøver.')
    const { record } = await world.call('POST', `/v1/subjects/${id}/files`, { field: 'application.cv', optional: true, media: 'text/plain', name: 'cv.txt', size: text.length, intake: 'job_form', source: 'person', channel: 'web' })
    const put = await fetch(`${world.origin}/v1/subjects/${id}/files/${record}/bytes`, { method: 'PUT', headers: { Authorization: `Bearer ${world.token}`, 'Content-Type': 'application/octet-stream' }, body: text })
    assert.ok(put.ok, `${put.status}`)
    world.officer = await hire(world, 'recruiter', 'rita', 'Rita Rekrutt', ['read', 'rights', 'officer', 'record'])
    const { page, wrong, context } = await entered(browser, world)
    await page.goto(`/admin/people/${id}`)
    await atRest(page)
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Last ned', exact: true }).click()])
    assert.equal(readFileSync(await file.path(), 'utf8'), 'Et liv i prøver.')
    await inEveryLanguage(page, 'files', async (where) => check(page, wrong, where, { narrow: false }))
    await shot(page, 'admin-files')
    await page.locator('summary', { hasText: 'Vis som API-kall' }).click()
    await page.getByText('/files/').first().waitFor()
    await context.close()
    world.officer = await hire(world, 'manager', 'mia', 'Mia Mønster', ['rights', 'officer', 'record', 'collect'])
    const second = await entered(browser, world)
    await second.page.goto(`/admin/people/${id}`)
    await atRest(second.page)
    await second.page.locator('summary', { hasText: 'Bytt ut med en riktig fil' }).click()
    await second.page.getByRole('button', { name: 'Bytt ut med en riktig fil' }).click()
    await second.page.locator('.ds-error-summary:focus').waitFor()
    await second.page.getByLabel('Velg fil').setInputFiles({ name: 'ny.txt', mimeType: 'text/plain', buffer: Buffer.from('Et annet liv.') })
    await check(second.page, second.wrong, 'a file to replace')
    await second.page.getByRole('button', { name: 'Bytt ut med en riktig fil' }).click()
    await second.page.locator(`#file-${record}`).waitFor({ state: 'detached' })
    await second.context.close()
    const { items } = await world.call('GET', `/v1/subjects/${id}/overview`)
    assert.equal(items.filter((one) => one.kind === 'file' && one.id !== record).length, 1)
  } finally { await world.stop() }
}

export async function aRecipientIsToldAndTheProofIsKept({ browser, world, shot }) {
  const { id } = await world.call('POST', '/v1/parties', { kind: 'carrier', name: 'Post og Pakke AS', zone: 'eea' })
  await givenOn(world, id)
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/recipients')
  await atRest(page)
  await page.getByText('Rettet hos oss').waitFor()
  await page.locator('td:visible', { hasText: 'Utlevere det en domstol krever' }).first().waitFor() // named by the policy, not by its key
  await page.locator('summary', { hasText: 'Registrer at de har fått beskjed' }).click()
  await page.getByRole('button', { name: 'Registrer at de har fått beskjed' }).click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await page.getByLabel('Hva beviser det?').fill('E-post 2. mars, bekreftet samme dag.')
  await inEveryLanguage(page, 'to be told', async (where) => check(page, wrong, where, { narrow: false }))
  await shot(page, 'admin-told')
  await page.getByRole('button', { name: 'Registrer at de har fått beskjed' }).press('Enter')
  await page.getByText('Ingen venter på beskjed').waitFor()
  const { duties: [duty] } = await world.call('GET', `/v1/parties/${id}/duties`)
  assert.ok(duty.done && /bekreftet/.test(duty.proof))
  await page.getByRole('button', { name: 'Se hvem som har fått beskjed' }).click()
  await page.getByRole('cell', { name: /bekreftet samme dag/ }).waitFor()
  await check(page, wrong, 'told')
  await context.close()
}

// ---- several companies in one register ----

export async function aRegisterOfTwoCompanies({ browser, world: first, shot }) {
  const policy = join(first.folder, 'two.yaml')
  writeFileSync(policy, readFileSync(join(root, 'policies/example.yaml'), 'utf8').replace('\ncontrollers:\n', '\ncontrollers:\n  sister: { name: Søsterbutikken AS, number: "310000702", country: "NO", contacts: [post] }\n'))
  const world = await start(first.binary, policy)
  try {
    const by = (name) => ({ 'X-Vern-Controller': name })
    await world.call('POST', '/v1/evidence', { type: 'balancing', purpose: 'support', particulars: { reference: 'w-1' } })
    world.officer = await hire(world, 'manager', 'mona', 'Mona Mønster', ['read', 'record', 'rights', 'officer', 'share', 'administer'])
    const { id } = await world.call('POST', '/v1/subjects', { identifiers: [{ kind: 'number', value: '7' }], roles: ['asker'] })
    for (const name of ['shop', 'sister']) await world.call('POST', `/v1/subjects/${id}/collect`, { intake: 'contact_form', source: 'person', channel: 'web', controller: name, values: { 'contact.email': `${name}@prove.example`, 'question.text': 'Hei?' } }, world.token, by(name))
    await world.call('POST', '/v1/requests', { channel: 'email', rights: ['access'] }, world.token, by('shop'))
    const theirs = await world.call('POST', '/v1/requests', { channel: 'email', rights: ['erase'] }, world.token, by('sister'))
    const { page, wrong, context } = await entered(browser, world)
    await page.goto('/admin/requests')
    await atRest(page)
    await page.getByLabel('Selskap').selectOption({ label: 'Eksempelbutikken AS' })
    await atRest(page)
    await page.getByRole('cell', { name: 'Kopi' }).waitFor()
    assert.equal(await page.getByText(theirs.number).count(), 0)
    await page.getByLabel('Selskap').selectOption({ label: 'Søsterbutikken AS' })
    await page.getByText(theirs.number).waitFor()
    await check(page, wrong, 'requests of a company')
    await shot(page, 'admin-company')
    await page.goto(`/admin/people/${id}`)
    await atRest(page)
    assert.equal(await page.getByRole('cell', { name: 'Søsterbutikken AS' }).count(), 2)
    await page.locator('summary', { hasText: 'Vis som API-kall' }).click()
    await page.getByText('X-Vern-Controller: sister').first().waitFor()
    await check(page, wrong, 'a person of two companies')
    await shot(page, 'admin-company-person')
    await context.close()
  } finally { await world.stop() }
}

// ---- a breach from the first word to its end ----

export async function aBreachIsWeighedNotifiedToldAndClosed({ browser, world, shot }) {
  await taken(world)
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/breaches')
  await atRest(page)
  await page.getByText('timer igjen').waitFor()
  await page.goto(`/admin/breaches/${world.breach}`)
  await atRest(page)
  await page.getByRole('button', { name: 'Finn ut hvem det gjelder' }).click()
  await page.getByText(/2 personer og \d+ opplysninger/).waitFor()
  await page.locator('summary', { hasText: 'Vurder risikoen' }).click()
  await page.getByLabel('Høy risiko').check()
  await page.getByRole('button', { name: 'Registrer vurderingen' }).click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await page.getByLabel('Begrunnelse').first().fill('Adressene kan misbrukes av den som fikk listen.')
  await page.getByRole('button', { name: 'Registrer vurderingen' }).click()
  await page.getByRole('heading', { name: 'Varsle de berørte' }).waitFor()
  await page.getByRole('button', { name: 'Se utkastet til Datatilsynet' }).click()
  await page.getByRole('alert').filter({ hasText: /contact|kontakt/i }).waitFor()
  await page.locator('summary', { hasText: 'Kontakt, følger og tiltak' }).click()
  for (const [label, text] of [['Kontaktpunkt', 'Mona Mønster, personvern@butikk.example'], ['Sannsynlige følger', 'Uønsket e-post.'], ['Tiltak', 'Listen er slettet hos mottakeren.'], ['Hva som skjedde, i enkle ord', 'E-postadressen din ble sendt til feil mottaker.']]) await page.getByLabel(label).fill(text)
  await page.getByRole('button', { name: 'Lagre', exact: true }).click()
  await page.getByText(/^Oppføring \d+ i loggen/).first().waitFor().catch(() => {})
  await page.getByRole('button', { name: 'Se utkastet til Datatilsynet' }).click()
  await page.getByRole('heading', { name: 'Melding om brudd på personopplysningssikkerheten' }).waitFor()
  await check(page, wrong, 'the draft')
  await shot(page, 'admin-breach-draft')
  await page.locator('summary', { hasText: 'Meldingen er sendt' }).click()
  await page.getByLabel('Referanse').fill('DT-2026-117')
  await page.getByRole('button', { name: 'Registrer som sendt' }).click()
  await page.getByText('Meldt i tide').waitFor()
  await page.getByRole('button', { name: 'Lag varsel til 2 personer' }).click()
  await page.getByText('2 står igjen å varsle').waitFor()
  for (const task of (await world.call('GET', '/v1/tasks')).tasks.filter((one) => one.kind === 'tell')) await world.call('POST', `/v1/tasks/${task.dossier}/${task.record}/done`, {})
  await page.getByLabel('Begrunnelse').last().fill('Alle er varslet, og listen er borte.')
  await page.getByRole('button', { name: 'Lukk avviket' }).click()
  await page.getByText(/^Lukket/).first().waitFor()
  await check(page, wrong, 'closed')
  await shot(page, 'admin-breach-closed')
  assert.ok((await world.call('GET', `/v1/breaches/${world.breach}`)).closed)
  await context.close()
}

export async function aBreachIsNotReportedWithItsReason({ browser, world, shot }) {
  await taken(world)
  const { page, wrong, context } = await entered(browser, world)
  await page.goto(`/admin/breaches/${world.breach}`)
  await atRest(page)
  await page.locator('summary', { hasText: 'Vurder risikoen' }).click()
  await page.getByLabel('Ingen eller lite trolig risiko').check()
  await page.getByLabel('Hvorfor meldes det ikke?').fill('Listen var kryptert, og nøkkelen er hos oss.')
  await check(page, wrong, 'not reported')
  await shot(page, 'admin-breach-none')
  await page.getByRole('button', { name: 'Registrer at det ikke meldes' }).click()
  await page.getByText('Meldes ikke').first().waitFor()
  const one = await world.call('GET', `/v1/breaches/${world.breach}`)
  assert.equal(one.clock, 'not_needed')
  assert.match(one.assessments[0].reasons, /kryptert/)
  await context.close()
}

// ---- a version: its effect first, then two people ----

export async function aVersionIsAppliedWithItsEffectFirst({ browser, world, shot }) {
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/policy')
  await atRest(page)
  await page.getByLabel('Policy (YAML)').fill(nextPolicy('2026-03').replace('roles: [asker, customer]', 'roles: [asker]').replace('uses:  [contact, question]', 'uses:  [contact.email, question]').replace('effective: 2026-01-01', 'effective: 2026-04-01'))
  await page.getByRole('button', { name: 'Se virkningen' }).click()
  await page.getByRole('heading', { name: 'Hva som endres' }).waitFor()
  await check(page, wrong, 'the effect')
  await page.getByRole('button', { name: /^Ta i bruk og slett|^Ta versjonen i bruk/ }).click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await page.getByLabel('Jeg har sett virkningen').check()
  await shot(page, 'admin-policy-apply')
  await page.getByRole('button', { name: /^Ta i bruk og slett|^Ta versjonen i bruk/ }).click()
  await page.getByText('Venter på godkjenning fra en annen').waitFor()
  const second = await entered(browser, world, {}, world.colleague)
  await atRest(second.page)
  await check(second.page, second.wrong, 'somebody waits')
  await shot(second.page, 'admin-approve')
  await second.page.getByRole('button', { name: 'Godkjenn' }).click()
  await second.page.getByRole('button', { name: 'Godkjenn' }).waitFor({ state: 'detached' })
  await second.context.close()
  await page.getByRole('button', { name: /^Ta i bruk og slett|^Ta versjonen i bruk/ }).click()
  await page.getByRole('cell', { name: 'Kunngjort' }).waitFor()
  await page.getByRole('heading', { name: 'Sammenlign to versjoner' }).waitFor()
  await page.locator('.diff .plus', { hasText: '2026-03' }).waitFor()
  await check(page, wrong, 'announced, and compared')
  await shot(page, 'admin-policy-announced')
  const { versions } = await world.call('GET', '/v1/policy')
  assert.equal(versions.find((one) => one.version === '2026-03').standing, 'announced')
  await context.close()
}

// ---- inside a request: put right, restrict ----

export async function aRequestPutsRightAndRestricts({ browser, world: first, shot }) {
  const policy = join(first.folder, 'change.yaml') // in the sample policy nobody of the staff may change a value
  writeFileSync(policy, readFileSync(join(root, 'policies/example.yaml'), 'utf8').replace('may: [read, share,', 'may: [read, change, share,'))
  const world = await start(first.binary, policy)
  try {
    await fill(world)
    await putsRightAndRestricts({ browser, world, shot })
  } finally { await world.stop() }
}
async function putsRightAndRestricts({ browser, world, shot }) {
  const { id } = await world.call('POST', '/v1/requests', { channel: 'phone', rights: ['rectify', 'restrict', 'object'] })
  const { page, wrong, context } = await entered(browser, world)
  await page.goto(`/admin/requests/${id}`)
  await atRest(page)
  await page.getByLabel('Personens id').fill(world.kari)
  await page.getByRole('button', { name: 'Identiteten er bevist' }).click()
  for (const right of ['rectify', 'restrict']) {
    const panel = page.locator('section', { has: page.locator(`#reasons-${right}`) })
    await panel.locator('textarea').fill('Personen har rett til dette.')
    await panel.getByRole('button', { name: 'Innvilg', exact: true }).click()
    await page.locator(`#reasons-${right}`).waitFor({ state: 'detached' })
  }
  await page.getByRole('button', { name: 'Rett opplysningen' }).click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await page.getByLabel('Opplysning').selectOption({ index: 0 })
  await page.getByLabel('Riktig verdi').fill('Kari Rettet')
  await check(page, wrong, 'to put right and restrict')
  await shot(page, 'admin-request-rectify')
  await page.getByRole('button', { name: 'Rett opplysningen' }).click()
  await page.getByLabel('Riktig verdi').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: /^Begrens bruken av/ }).click()
  await page.getByRole('button', { name: /^Begrens bruken av/ }).waitFor({ state: 'detached' })
  const { rights } = await world.call('GET', `/v1/requests/${id}`)
  assert.deepEqual(rights.filter((one) => one.done).map((one) => one.right).sort(), ['rectify', 'restrict'])
  assert.ok((await world.call('GET', `/v1/subjects/${world.kari}`)).restrictions.length)
  await context.close()
}

// ---- holds, consents, statistics, settings ----

export async function aHoldHasAnOwnerAndAnEnd({ browser, world, shot }) {
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/retention')
  await atRest(page)
  await page.getByText('Ingenting holdes tilbake').waitFor()
  await page.locator('summary', { hasText: 'Hold tilbake for et rettskrav' }).click()
  await page.getByRole('button', { name: 'Hold tilbake', exact: true }).click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await page.getByLabel('Personens id').fill(world.kari)
  await page.getByLabel('Eier').fill('Juridisk avdeling')
  await page.getByLabel('Sak eller grunn').fill('Reklamasjon 17')
  await page.getByLabel('Slutter').fill('2027-06-30')
  await page.getByRole('button', { name: 'Hold tilbake', exact: true }).click()
  await page.getByRole('cell', { name: '30. juni 2027' }).waitFor()
  await page.getByRole('button', { name: 'Vis', exact: true }).click()
  await page.getByRole('cell', { name: /Juridisk avdeling/ }).waitFor()
  await check(page, wrong, 'a hold')
  await shot(page, 'admin-hold')
  assert.equal((await world.call('GET', '/v1/holds')).rows.length, 1)
  await context.close()
}

export async function theLedgerShowsConsentsAsTheyWereWorded({ browser, world, shot }) {
  await furnish(world)
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/consents')
  await atRest(page)
  assert.equal(await page.getByText('Ja takk, send meg nyhetsbrevet').count(), 0)
  await page.getByRole('region', { name: 'Etter formål' }).getByRole('link', { name: 'Sende nyhetsbrev' }).click()
  await page.getByRole('button', { name: 'Sende nyhetsbrev ×' }).waitFor()
  await page.getByRole('button', { name: 'Trukket' }).click()
  assert.match(page.url(), /purpose=newsletter&state=ended/)
  await page.getByRole('region', { name: 'Hovedbok' }).getByRole('link').click()
  await page.waitForURL(`**/people/${world.ola}`)
  await atRest(page)
  await page.locator('section', { hasText: 'Samtykker med ordlyd' }).getByRole('button', { name: 'Vis', exact: true }).first().click()
  await page.getByText('Ja takk, send meg nyhetsbrevet').waitFor()
  await check(page, wrong, 'as worded')
  await context.close()
}

export async function statisticsWithholdSmallCounts({ browser, world, shot }) {
  for (let i = 0; i < 13; i++) await world.call('POST', '/v1/requests', { channel: 'email', rights: ['access'] })
  for (let i = 0; i < 3; i++) await world.call('POST', '/v1/requests', { channel: 'email', rights: ['erase'] })
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/statistics')
  await atRest(page)
  await page.locator('summary', { hasText: 'Vis som tabell' }).first().click()
  const table = page.getByRole('table').first()
  assert.match(await table.innerText(), /Kopi\s+15/)
  assert.match(await table.innerText(), /Sletting\s+færre enn 10/)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Last ned CSV' }).first().click()])
  const text = readFileSync(await file.path(), 'utf8')
  assert.match(text, /Kopi;15;/)
  assert.doesNotMatch(text, /;13;|;3;/)
  await check(page, wrong, 'statistics')
  // A purpose that only counts is offered by its name; where the policy has none, that is said instead.
  await page.getByText('har ingen slike formål').waitFor()
  await page.route('**/v1/policy/says', (route) => route.fulfill({ json: { purposes: [{ name: 'visits', says: { nb: 'Telle besøk' }, only_counted: true }], categories: [], fields: [] } }))
  await page.reload()
  await atRest(page)
  assert.deepEqual(await page.getByLabel('Formål', { exact: true }).locator('option').allInnerTexts(), ['Telle besøk'])
  await check(page, wrong, 'a purpose that only counts')
  await shot(page, 'admin-statistics-table')
  await context.close()
}

export async function settingsEndSessionsAndMakeTokens({ browser, world, shot }) {
  const other = await entered(browser, world, {}, world.colleague)
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/settings?tab=sessions')
  await atRest(page)
  await page.getByRole('button', { name: /^Logg ut k:/ }).click()
  await page.getByRole('button', { name: /^Logg ut k:/ }).waitFor({ state: 'detached' })
  await other.page.goto('/admin')
  await other.page.getByRole('heading', { name: 'Du er ikke logget inn' }).waitFor()
  await other.context.close()
  await page.goto('/admin/settings?tab=tokens')
  await atRest(page)
  await page.locator('summary', { hasText: 'Ny nøkkel' }).click()
  await page.getByLabel('Navn').fill('rapport')
  await page.getByRole('button', { name: 'Lag nøkkelen' }).click()
  await page.getByRole('heading', { name: 'Vises bare nå' }).waitFor()
  await page.getByRole('button', { name: 'Trekk tilbake nøkkelen rapport' }).waitFor()
  await check(page, wrong, 'a token, once')
  await page.getByRole('button', { name: 'Trekk tilbake nøkkelen rapport' }).click()
  await page.getByRole('button', { name: 'Trekk tilbake nøkkelen rapport' }).waitFor({ state: 'detached' })
  assert.ok(!(await world.call('GET', '/v1/tokens')).tokens.some((one) => one.name === 'rapport'))
  await context.close()
}

// ---- the log: filters stand in the address; one entry by its number ----

export async function theLogIsFilteredByItsAddress({ browser, world, shot }) {
  await furnish(world)
  const { page, wrong, context } = await entered(browser, world)
  await page.goto('/admin/log?entry=1')
  await page.getByText('Oppføring 1 er et blad under roten').waitFor()
  await check(page, wrong, 'one entry')
  await page.getByRole('button', { name: 'Oppslag', exact: true }).click()
  await page.waitForURL(/kind=looks/)
  await page.getByText('Et system så').first().waitFor()
  await check(page, wrong, 'looks')
  await shot(page, 'admin-log-looks')
  await page.keyboard.press('Control+k')
  await page.keyboard.type('2')
  await page.keyboard.press('Enter')
  await page.getByText('Oppføring 2 er et blad under roten').waitFor()
  await context.close()
}

// ---- by keyboard alone ----

const focused = (page) => page.evaluate(() => { const one = document.activeElement; return (one?.matches('input, textarea, select') ? one.id : one?.getAttribute('aria-label') ?? one?.textContent ?? '').trim() })
async function tabTo(page, wanted, most = 120) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    if (wanted.test(await focused(page))) return
  }
  throw new Error(`no ${wanted} within ${most} tabs`)
}
/** From the door to a decision without a pointer, and every page by its link. */
export async function theConsoleByKeyboard({ browser, world }) {
  const request = await taken(world)
  const { page, wrong, context } = await entered(browser, world)
  await atRest(page)
  await page.evaluate(() => document.body.focus())
  await page.keyboard.press('Tab')
  assert.match(await focused(page), /Hopp til innholdet/)
  for (const name of ['Saker', 'Registrerte', 'Samtykker', 'Avvik', 'Alarmer', 'Policy', 'Lagringstid', 'Mottakere', 'Revisjonslogg', 'Statistikk', 'Innstillinger', 'Oversikt']) {
    await page.keyboard.press('Control+k')
    await page.keyboard.type(name)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1 }).waitFor()
    await atRest(page)
  }
  const { number } = await world.call('GET', `/v1/requests/${request}`)
  await page.keyboard.press('Control+k')
  await page.keyboard.type(number)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/requests/${request}`)
  await atRest(page)
  await page.locator('h1:focus').waitFor()
  await tabTo(page, /^subject$/)
  await page.keyboard.type(world.ola)
  await tabTo(page, /^Identiteten er bevist$/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Vurder: Sletting' }).waitFor()
  await check(page, wrong, 'by keyboard')
  await context.close()
}

// ---- what the linter finds stands at its line, of the version in force as well ----

export async function aFindingStandsAtItsLine({ browser, world: first, shot }) {
  const policy = join(first.folder, 'lacks.yaml')
  writeFileSync(policy, readFileSync(join(root, 'policies/example.yaml'), 'utf8').replace(', address: "Butikkveien 5, 0005 Oslo"', ''))
  const world = await start(first.binary, policy)
  try {
    world.officer = await hire(world, 'manager', 'mona', 'Mona Mønster', ['officer'])
    const { page, wrong, context } = await entered(browser, world)
    await page.goto('/admin/policy')
    await atRest(page)
    await page.getByRole('link', { name: /^Linje \d+$/ }).first().click()
    await page.locator('.source .note').first().waitFor()
    await check(page, wrong, 'a finding at its line')
    await shot(page, 'admin-policy-finding')
    await context.close()
  } finally { await world.stop() }
}
