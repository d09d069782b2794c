// The console against the real server: each view, and a request from intake to answer.
import assert from 'node:assert/strict'
import { check, settled, signInStaff, visitor } from './browser.mjs'

async function taken(world) {
  const { id } = await world.call('POST', '/v1/requests', { channel: 'email', rights: ['erase', 'access'], text: 'Slett alt dere har om meg, og send en kopi først.' })
  await world.call('POST', '/v1/requests', { channel: 'phone', rights: ['access'], received: '2026-01-12T09:00:00Z' })
  await world.call('POST', '/v1/breaches', { nature: ['confidentiality'], description: 'En liste ble sendt til feil adresse.', all: true })
  return id
}

async function entered(browser, world, options) {
  const seen = await visitor(browser, world, options)
  await signInStaff(seen.page, world, world.officer)
  await seen.page.getByRole('link', { name: 'Gå til konsollet' }).click()
  await seen.page.waitForURL('**/admin')
  return seen
}
const views = (world, request) => ['', '/requests', `/requests/${request}`, '/people', `/people/${world.kari}`, '/policy', '/recipients', '/retention', '/log', '/breaches', '/alarms']
const nameOf = (view) => 'admin' + view.replace(/\/[\w-]{22}/, '-one').replaceAll('/', '-')

export async function everyConsoleView({ browser, world, shot }) {
  const request = await taken(world)
  const outside = await visitor(browser, world)
  await outside.page.goto('/admin')
  await settled(outside.page)
  await check(outside.page, outside.wrong, 'console, signed out')
  await outside.context.close()
  const { page, wrong, context } = await entered(browser, world)
  for (const view of views(world, request)) {
    await page.goto('/admin' + view)
    await settled(page)
    await shot(page, nameOf(view))
    for (const language of ['Nynorsk', 'English', 'Bokmål']) {
      await page.getByRole('button', { name: language, exact: true }).click()
      await check(page, wrong, `/admin${view} in ${language}`)
    }
  }
  await context.close()
}

export async function consoleInTheDark({ browser, world, shot }) {
  const request = await taken(world)
  for (const [name, options] of [['dark', { colorScheme: 'dark' }], ['forced', { forcedColors: 'active' }]]) {
    const { page, wrong, context } = await entered(browser, world, options)
    for (const view of views(world, request)) {
      await page.goto('/admin' + view)
      await settled(page)
      await check(page, wrong, `/admin${view} ${name}`)
      if (['', `/people/${world.kari}`].includes(view)) await shot(page, `${nameOf(view)}-${name}`)
    }
    await context.close()
  }
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
  await page.getByText('Regel: staff.manager.for').waitFor()
  await page.getByLabel('Formål').selectOption('authority_disclosure')
  await page.getByRole('button', { name: 'Vis verdier' }).click()
  await page.getByText('Kari Prøve').waitFor()
  await check(page, wrong, 'shown')
  await shot(page, 'admin-person-shown')
  const { uses } = await world.call('GET', `/v1/subjects/${world.kari}/uses`)
  assert.ok(uses.some((use) => use.purpose === 'authority_disclosure' && use.decision === 'allow'))
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
  await page.locator('summary', { hasText: 'genesis' }).click()
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
