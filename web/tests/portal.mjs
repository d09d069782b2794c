// The portal against the real server: each view, and each act with what the API then says.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, settled, signIn, visitor } from './browser.mjs'
import { root, textOf } from './fixture.mjs'

const views = ['', '/data', '/download', '/correct', '/address', '/erase', '/limit', '/choices', '/uses', '/requests', '/sessions', '/help']

async function languages(page, then) {
  for (const name of ['Nynorsk', 'English', 'Bokmål']) {
    await page.getByRole('button', { name, exact: true }).click()
    await then(name)
  }
}

/** What is seen once a person's data have been used, given on and asked for. */
async function lived(world) {
  const { id: party } = await world.call('POST', '/v1/parties', { kind: 'carrier', name: 'Prøvetransport AS' })
  await world.call('POST', `/v1/subjects/${world.kari}/read`, { purpose: 'orders' })
  await world.call('POST', `/v1/subjects/${world.kari}/share`, { purpose: 'orders', recipient: 'carrier', party, fields: ['contact.name', 'delivery.street'] })
  for (const rights of [['access'], ['rectify', 'restrict']])
    await world.call('POST', '/v1/requests', { subject: world.kari, channel: 'email', rights })
}

export async function everyView({ browser, world, shot }) {
  const { page, wrong, context } = await visitor(browser, world)
  await page.goto(`/mine/in/${world.register}`)
  await settled(page)
  await check(page, wrong, 'signed out')
  await shot(page, 'mine-signed-out')
  for (const path of ['sign-in', 'staff/sign-in']) {
    await page.goto(`/r/${world.register}/${path}?lang=nb`)
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.querySelector('main')).borderTopWidth), '0px')
    await check(page, wrong, path)
    await shot(page, `public-${path.replace('/', '-')}`)
  }
  await lived(world)
  await signIn(page, world, 'kari@prove.example')
  await check(page, wrong, 'signed in')
  await shot(page, 'public-signed-in')
  await page.getByRole('link', { name: 'Se opplysningene dine' }).click()
  await page.waitForURL('**/mine')
  for (const view of views) {
    await page.goto('/mine' + view)
    await settled(page)
    await languages(page, async (language) => {
      await check(page, wrong, `/mine${view} in ${language}`)
    })
    await shot(page, `mine${view.replace('/', '-')}`)
  }
  await context.close()
}

export async function darkAndForced({ browser, world, shot }) {
  await lived(world)
  for (const [name, options] of [['dark', { colorScheme: 'dark' }], ['forced', { forcedColors: 'active' }]]) {
    const { page, wrong, context } = await visitor(browser, world, options)
    await signIn(page, world, 'kari@prove.example')
    for (const view of views) {
      await page.goto('/mine' + view)
      await settled(page)
      await check(page, wrong, `/mine${view} ${name}`)
      await shot(page, `mine${view.replace('/', '-')}-${name}`)
    }
    await context.close()
  }
}

// Nothing but the keyboard: to the data, back, and a request sent.
export async function byKeyboard({ browser, world, shot }) {
  const { page, wrong, context } = await visitor(browser, world)
  await signIn(page, world, 'kari@prove.example')
  await page.goto('/mine')
  await settled(page)
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.className), 'ds-skip-link')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content')
  const tabTo = async (text) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      const seen = await page.evaluate(() => { const one = document.activeElement; const style = getComputedStyle(one); return { text: one.textContent || one.labels?.[0]?.textContent || one.id, marked: style.outlineStyle !== 'none' || style.boxShadow !== 'none' } })
      assert.ok(seen.marked, `the focus is not seen on ${seen.text}`)
      if (seen.text.includes(text)) return
    }
    assert.fail(`no way to ${text} by the keyboard`)
  }
  await tabTo('Rett noe')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Rett noe' }).waitFor()
  await tabTo('Gå videre')
  await page.keyboard.press('Enter')
  await page.locator('.ds-error-summary:focus').waitFor()
  await check(page, wrong, 'errors of the form')
  await shot(page, 'mine-correct-errors')
  await tabTo('Velg hva det gjelder')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Space')
  await tabTo('Hva er riktig?')
  await page.keyboard.type('Navnet mitt er Kari Prøve Eksempel')
  await tabTo('Gå videre')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Se over før du sender' }).waitFor()
  await check(page, wrong, 'check before sending')
  await shot(page, 'mine-correct-check')
  await tabTo('Send henvendelsen')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Henvendelsen er mottatt' }).waitFor()
  await check(page, wrong, 'receipt')
  await shot(page, 'mine-receipt')
  const { requests } = await world.call('GET', '/v1/requests')
  assert.ok(requests.some((one) => one.rights.includes('rectify') && one.channel === 'portal'))
  await context.close()
}

export async function yesAndNo({ browser, world, shot }) {
  const { page, wrong, context } = await visitor(browser, world)
  await signIn(page, world, 'kari@prove.example')
  await page.goto('/mine/choices')
  await settled(page)
  const state = async () => (await page.evaluate(() => fetch('/v1/me/overview').then((answer) => answer.json()))).purposes.find((one) => one.purpose === 'newsletter')
  assert.equal((await state()).consented, false)
  await page.getByRole('switch', { name: 'Sende nyhetsbrev' }).click()
  await page.getByText(/Lagret .* oppføring/).waitFor()
  assert.equal((await state()).consented, true)
  await check(page, wrong, 'a consent given')
  await shot(page, 'mine-choices-yes')
  await page.getByRole('button', { name: 'Angre' }).click()
  await page.getByText('Du har ikke sagt ja').first().waitFor()
  assert.equal((await state()).consented, false)
  await page.getByRole('button', { name: 'Meld meg av alt' }).click()
  await page.getByText('Slått av').waitFor()
  assert.equal((await state()).stopped, true)
  await page.goto('/mine/limit')
  await settled(page)
  await page.getByRole('button', { name: 'Protester: Svare på spørsmål' }).click()
  await page.getByText('Du har sagt nei').first().waitFor()
  await page.getByLabel('E-postadresse').check()
  await page.getByRole('button', { name: 'Begrens bruken' }).click()
  await page.getByText('Bruken er begrenset').waitFor()
  await check(page, wrong, 'restricted')
  await context.close()
}

export async function eraseAndDownload({ browser, world, shot }) {
  const { page, wrong, context } = await visitor(browser, world)
  await signIn(page, world, 'ola@prove.example')
  await page.goto('/mine/erase')
  await settled(page)
  await page.getByText('bokføringsloven § 13').waitFor()
  await page.getByRole('button', { name: /Be om sletting av \d+ opplysninger/ }).click()
  await page.getByRole('heading', { name: 'Henvendelsen er mottatt' }).waitFor()
  const { requests } = await world.call('GET', '/v1/requests')
  const asked = requests.find((one) => one.rights.includes('erase'))
  await world.call('POST', `/v1/requests/${asked.id}/identity`, { outcome: 'proven', subject: world.ola, method: 'in_person' }, world.officer.token)
  await world.call('POST', `/v1/requests/${asked.id}/decision`, { right: 'erase', outcome: 'granted', reasons: 'asked for' }, world.officer.token)
  await page.goto('/mine/erase')
  await settled(page)
  await page.getByRole('button', { name: /^Slett \d+ opplysninger/ }).click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await page.getByLabel('Jeg forstår at dette ikke kan angres').check()
  await check(page, wrong, 'about to erase')
  await shot(page, 'mine-erase-ready')
  await page.getByRole('button', { name: /^Slett \d+ opplysninger/ }).click()
  await page.getByRole('heading', { name: 'Slettet', exact: true }).waitFor()
  await check(page, wrong, 'erased')
  await shot(page, 'mine-erased')
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Last ned kvittering' }).click()])
  assert.match(file.suggestedFilename(), /^kvittering-\d+\.json$/)
  assert.ok(await verifies(browser, world, page, readFileSync(await file.path(), 'utf8')))
  await context.close()
}

export async function onPaperAndPhone({ browser, world, shot }) {
  const { page, context } = await visitor(browser, world, { viewport: { width: 320, height: 700 } })
  await signIn(page, world, 'kari@prove.example')
  for (const view of ['', '/data', '/erase', '/choices']) {
    await page.goto('/mine' + view)
    await settled(page)
    await shot(page, `mine${view.replace('/', '-')}-phone`)
  }
  await page.goto('/mine/data')
  await settled(page)
  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize({ width: 794, height: 1123 })
  assert.equal(await page.locator('.no-print:visible').count(), 0)
  await shot(page, 'mine-data-print')
  await context.close()
}

// ---- put right at once, another address, receipts ----

/** The example, with some of its words changed: a file that goes with the world. */
function changed(...changes) {
  let text = readFileSync(join(root, 'policies/example.yaml'), 'utf8')
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), from)
    text = text.replace(from, to)
  }
  const path = join(mkdtempSync(join(tmpdir(), 'vern-policy-')), 'policy.yaml')
  writeFileSync(path, text)
  return path
}
const mailboxIsEnough = () => changed(['rectify:     {', 'rectify:     { needs: none '])

async function verifies(browser, world, page, receipt) {
  const verifier = join(world.folder, 'verify.html')
  writeFileSync(verifier, await (await fetch(`${world.origin}/r/${world.register}/verify?lang=nb`)).text())
  const away = await browser.newContext({ offline: true })
  const alone = await away.newPage()
  const asked = []
  alone.on('request', (request) => { if (!request.url().startsWith('file:')) asked.push(request.url()) })
  await alone.goto('file://' + verifier)
  await alone.setInputFiles('#receipt', { name: 'kvittering.json', mimeType: 'application/json', buffer: Buffer.from(receipt) })
  await alone.locator('#result:not(:empty)').waitFor()
  const good = await alone.locator('#result').getAttribute('class') === 'good'
  assert.deepEqual(asked, [])
  await away.close()
  return good
}
const taken = async (page, press) => {
  const [file] = await Promise.all([page.waitForEvent('download'), press()])
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') }
}

export async function putRightAtOnce({ browser, world, shot }) {
  const { page, wrong, context } = await visitor(browser, world)
  await signIn(page, world, 'kari@prove.example')
  await page.goto('/mine/correct')
  await settled(page)
  await page.getByLabel('Gateadresse').check()
  await page.getByText('Dette retter vi med en gang.').waitFor()
  await page.getByLabel('Hva er riktig?').fill('Prøveveien 22')
  await check(page, wrong, 'put right')
  await shot(page, 'mine-correct-at-once')
  await page.getByRole('button', { name: 'Gå videre' }).click()
  await check(page, wrong, 'put right, checked')
  await page.getByRole('button', { name: 'Rett det' }).click()
  await page.getByRole('heading', { name: 'Rettet', exact: true }).waitFor()
  await check(page, wrong, 'it was put right')
  await shot(page, 'mine-corrected')
  const receipt = await taken(page, () => page.getByRole('button', { name: 'Last ned kvittering' }).click())
  assert.match(receipt.name, /^kvittering-\d+\.json$/)
  assert.ok(await verifies(browser, world, page, receipt.text))
  for (const [from, to] of [['rectify', 'receive'], ['"index":', '"index":1'], ['"checkpoint":"', '"checkpoint":"x']])
    assert.ok(!(await verifies(browser, world, page, receipt.text.replace(from, to))), `${to} is taken`)
  const copy = await world.call('POST', `/v1/subjects/${world.kari}/access`, {})
  assert.ok(JSON.stringify(copy).includes('Prøveveien 22'))
  await page.goto('/mine/correct')
  await settled(page)
  await page.getByLabel('E-postadresse').first().check()
  await page.getByText('Dette er en adresse som du logger inn med.').waitFor()
  await check(page, wrong, 'an address is changed elsewhere')
  await page.goto(`/r/${world.register}/verify?lang=nb`)
  await check(page, wrong, 'the page that verifies')
  await shot(page, 'public-verify')
  await context.close()
}
putRightAtOnce.policy = mailboxIsEnough

// One purpose per field, one per recipient: what is chosen here, and what is taken back.
const eachAlone = () => changed(['  statistics:\n    says:', `  profile:
    says:  { nb: Vise andre det du velger, en: Show others what you choose }
    basis: consent
    per:   [field]
    roles: [customer]
    uses:  [contact]
    keep:  none
  makers:
    says:  { nb: La en produsent skrive til deg, en: Let a maker write to you }
    basis: consent
    marketing: partner
    per:   [recipient]
    roles: [customer]
    uses:  [contact.name]
    keep:  none
  statistics:
    says:`], ['  web_host:\n    { says', `  maker:
    { says: { nb: Produsenter, en: Makers },
      kind: controller, for: [makers], gives: [contact.name], needs: [consent] }
  web_host:
    { says`])

export async function yesToEach({ browser, world, shot }) {
  const { id: party } = await world.call('POST', '/v1/parties', { kind: 'maker', name: 'Prøveverket AS' })
  await world.call('POST', `/v1/subjects/${world.kari}/consents`, { purpose: 'makers', party, wording: 'Ja takk', given_by: 'click', channel: 'web', language: 'nb' })
  const { page, wrong, context } = await visitor(browser, world)
  await signIn(page, world, 'kari@prove.example')
  await page.goto('/mine/choices')
  await settled(page)
  const state = async (name) => (await page.evaluate(() => fetch('/v1/me/overview').then((answer) => answer.json()))).purposes.find((one) => one.purpose === name).given
  await page.getByRole('switch', { name: 'Telefonnummer' }).click()
  await page.getByText(/Lagret .* oppføring/).waitFor()
  assert.deepEqual((await state('profile')).map((one) => one.field), ['contact.phone'])
  await check(page, wrong, 'a consent to one field')
  await shot(page, 'mine-choices-each')
  await page.getByRole('button', { name: 'Trekk tilbake: La en produsent skrive til deg, Prøveverket AS' }).click()
  await page.getByText('Du har ikke sagt ja til noen.').waitFor()
  assert.deepEqual(await state('makers'), [])
  assert.equal((await state('profile')).length, 1)
  await page.getByRole('switch', { name: 'Telefonnummer' }).click()
  await page.locator('input[role=switch]:checked').first().waitFor({ state: 'detached' })
  assert.deepEqual(await state('profile'), [])
  await check(page, wrong, 'both taken back')
  await context.close()
}
yesToEach.policy = eachAlone

const codeIn = (letter) => textOf(letter).match(/^([2-9A-HJKMNP-Z]{8})$/m)[1]

export async function anotherAddress({ browser, world, shot }) {
  const { page, wrong, context } = await visitor(browser, world)
  await signIn(page, world, 'ola@prove.example')
  await page.goto('/mine/address')
  await settled(page)
  await page.getByLabel('Ny e-postadresse').fill('ola')
  await page.getByRole('button', { name: 'Send kodene' }).click()
  await page.locator('.ds-error-summary:focus').waitFor()
  await check(page, wrong, 'no address')
  await page.getByLabel('Ny e-postadresse').fill('ola.ny@prove.example')
  assert.equal(await page.locator('.ds-error-summary').count(), 0)
  await page.getByRole('button', { name: 'Send kodene' }).click()
  await page.getByRole('heading', { name: 'Skriv begge kodene' }).waitFor()
  const letters = [await world.mail.next(), await world.mail.next()]
  const to = (address) => letters.find((one) => one.includes(address))
  await page.getByLabel('Kode fra adressen vi har').fill('22222222')
  await page.getByLabel('Kode fra den nye adressen').fill('33333333')
  await page.getByRole('button', { name: 'Bytt adressen' }).click()
  await page.getByText('Kodene stemmer ikke').first().waitFor()
  await check(page, wrong, 'wrong codes')
  await shot(page, 'mine-address-codes')
  await page.getByLabel('Kode fra adressen vi har').fill(codeIn(to('ola@prove.example')).toLowerCase())
  await page.getByLabel('Kode fra den nye adressen').fill(codeIn(to('ola.ny@prove.example')).replace(/^..../, '$& '))
  await page.getByRole('button', { name: 'Bytt adressen' }).click()
  await page.getByRole('heading', { name: 'Adressen er byttet' }).waitFor()
  await check(page, wrong, 'the address is changed')
  await shot(page, 'mine-address-done')
  assert.match(textOf(await world.mail.next()), /\S/) // the old one is told
  await page.getByRole('link', { name: 'Mine opplysninger' }).last().click()
  await page.getByRole('heading', { name: 'Du er logget ut' }).waitFor() // the sign-in was by the old one
  await check(page, wrong, 'signed out by it')
  await context.close()
}

// ---- when things go wrong ----

export async function whenItGoesWrong({ browser, world, shot }) {
  const { page, wrong, context } = await visitor(browser, world)
  await signIn(page, world, 'kari@prove.example')
  const ended = async () => {
    for (const one of (await world.call('GET', '/v1/sessions')).sessions) await world.call('POST', `/v1/sessions/${one.id}/end`)
  }
  await page.goto('/mine/correct')
  await settled(page)
  await page.getByLabel('Noe annet').check()
  await page.getByLabel('Hva er riktig?').fill('Jeg har flyttet')
  await page.getByRole('button', { name: 'Gå videre' }).click()
  const sends = '**/v1/me/requests'
  await page.route(sends, (route) => route.fulfill({ status: 503, json: { type: '/problems/moving', title: 'the register is moving', status: 503 } }))
  await page.getByRole('button', { name: 'Send henvendelsen' }).click()
  await page.getByText('Tjenesten flyttes akkurat nå').waitFor()
  assert.match(wrong.splice(0).join(), /503/) // as the browser says itself
  assert.ok(await page.getByText('Jeg har flyttet').isVisible())
  await check(page, wrong, 'while the register moves')
  await shot(page, 'mine-moving')
  await page.unroute(sends)
  await ended()
  await page.getByRole('button', { name: 'Send henvendelsen' }).click()
  await page.getByText('Du er logget ut. Det du har skrevet').waitFor()
  assert.ok(await page.getByText('Jeg har flyttet').isVisible())
  await check(page, wrong, 'signed out midway')
  await shot(page, 'mine-out-midway')
  const tab = await context.newPage()
  await signIn(tab, world, 'kari@prove.example')
  await page.getByRole('button', { name: 'Send henvendelsen' }).click()
  await page.getByRole('heading', { name: 'Henvendelsen er mottatt' }).waitFor()
  const receipt = await taken(page, () => page.getByRole('button', { name: 'Last ned kvittering' }).click())
  assert.ok(await verifies(browser, world, page, receipt.text))
  // where else one is signed in
  const other = await visitor(browser, world)
  await signIn(other.page, world, 'kari@prove.example')
  await page.goto('/mine/sessions')
  await settled(page)
  await page.getByRole('button', { name: 'Avslutt' }).first().click()
  await page.getByRole('button', { name: 'Avslutt' }).waitFor({ state: 'detached' })
  await check(page, wrong, 'sessions')
  await ended()
  await page.getByRole('link', { name: 'Mine opplysninger' }).last().click()
  await page.getByRole('heading', { name: 'Du er logget ut' }).waitFor()
  await check(page, wrong, 'signed out')
  await shot(page, 'mine-out')
  await page.getByRole('link', { name: /Når du ikke kommer inn/ }).click()
  await page.getByRole('heading', { name: 'For et barn' }).waitFor()
  await check(page, wrong, 'help, signed out')
  // a link that was used leads to a new one
  await page.goto(`/r/${world.register}/sign-in?lang=nb`)
  await page.fill('input[name=address]', 'ola@prove.example')
  await page.click('button[type=submit]')
  const link = textOf(await world.mail.next()).match(/http:\S+/)[0]
  for (const says of ['Du er logget inn', 'Lenken virker ikke']) {
    await page.goto(link + '?lang=nb')
    await page.click('button[type=submit]')
    await page.getByRole('heading', { name: says }).waitFor()
  }
  await check(page, wrong, 'a used link')
  await shot(page, 'public-used-link')
  await page.getByRole('link', { name: 'Be om en ny lenke' }).click()
  await page.getByLabel('E-postadresse').waitFor()
  await context.close()
}

export async function nothingHeld({ browser, world, shot }) {
  const { page, wrong, context } = await visitor(browser, world)
  await signIn(page, world, 'kari@prove.example')
  await page.route('**/v1/me/overview', async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...(await answer.json()), items: [] } })
  })
  for (const view of ['', '/data', '/correct', '/address', '/erase', '/limit', '/requests', '/uses']) {
    await page.goto('/mine' + view)
    await settled(page)
    await check(page, wrong, `/mine${view} with nothing`)
    await shot(page, `mine${view.replace('/', '-')}-nothing`)
  }
  await context.close()
}

// ---- several companies ----

const twoCompanies = () => changed(['contacts:\n', '  stores:\n    { name: Eksempelbutikken Drift AS, number: "310000702", address: "Butikkveien 7, 0005 Oslo", country: "NO", contacts: [post] }\n\ncontacts:\n'],
  ['all:         { at: [post, phone, my_page], needs: [identity] }', 'all:         { at: [post, phone, my_page], needs: none }'])

export async function severalCompanies({ browser, world, shot }) {
  const { page, wrong, context } = await visitor(browser, world)
  await signIn(page, world, 'ola@prove.example')
  await page.goto('/mine/data')
  await settled(page)
  await page.locator('table').getByText('Eksempelbutikken AS').first().waitFor()
  await check(page, wrong, 'data of companies')
  await page.goto('/mine/download')
  await settled(page)
  await page.getByText('Hvilket selskap gjelder det?').waitFor()
  await check(page, wrong, 'which company')
  await shot(page, 'mine-download-companies')
  const copy = await taken(page, () => page.getByRole('button', { name: 'Last ned som data' }).click())
  assert.ok(copy.text.includes('ola@prove.example'))
  await page.getByLabel('Eksempelbutikken Drift AS').check()
  const less = await taken(page, () => page.getByRole('button', { name: 'Last ned som data' }).click())
  assert.ok(!less.text.includes('ola@prove.example')) // each answers for what it holds
  await page.goto('/mine/erase')
  await settled(page)
  await page.getByLabel('Eksempelbutikken Drift AS').check()
  await page.getByText('Ingenting kan slettes nå.').waitFor()
  await page.getByLabel('Eksempelbutikken AS').check()
  await page.getByLabel('Jeg forstår at dette ikke kan angres').check()
  await page.getByRole('button', { name: /^Slett \d+ opplysninger/ }).click()
  await page.getByRole('heading', { name: 'Slettet', exact: true }).waitFor()
  const receipt = await taken(page, () => page.getByRole('button', { name: 'Last ned kvittering' }).click())
  assert.ok(await verifies(browser, world, page, receipt.text))
  await check(page, wrong, 'erased by one company')
  await context.close()
}
severalCompanies.policy = twoCompanies
severalCompanies.controller = 'shop'
