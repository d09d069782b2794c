// The sample shop in examples/shop, with the real server behind it: all that a customer does there, and what
// the register then says.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { openShop } from '../../examples/shop/shop.mjs'
import { check, visitor } from './browser.mjs'
import { start } from './fixture.mjs'

async function freePort() {
  const probe = net.createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  await new Promise((done) => probe.close(done))
  return port
}

async function opened(binary, test) {
  const [port, mailPort] = [await freePort(), await freePort()]
  const world = await start(binary, undefined, undefined, [`origins = http://127.0.0.1:${port}`], mailPort)
  const { token } = await world.call('POST', '/v1/tokens', { name: 'shop', scopes: ['collect', 'record', 'read', 'rights', 'share'] })
  const shop = await openShop({ vern: world.origin, register: world.register, token, port, mailPort })
  try {
    await test(shop, world)
  } finally {
    shop.close()
    await world.stop()
  }
}
const alone = (test) => Object.assign(({ binary, ...rest }) => opened(binary, async (shop, world) => {
  try {
    await test({ ...rest, shop, world })
  } finally {
    for (const context of rest.browser.contexts()) await context.close()
  }
}), { alone: true })

export const shopFromSignUpToErasure = alone(async ({ shop, world, browser, shot }) => {
  const { page, wrong } = await visitor(browser, shop)
  const seen = async (name) => { await check(page, wrong, name); await shot(page, name) }
  const button = (name) => page.getByRole('button', { name, exact: true })

  // The banner first: nothing is counted, and nothing stored, before there is a yes.
  await page.goto('/')
  await button('Avslå alle').waitFor()
  assert.deepEqual(await page.context().cookies(), [])
  await seen('shop-front')
  await button('Godta alle').click()
  await page.waitForFunction(() => document.documentElement.dataset.seen === '1')
  await page.frameLocator('iframe').getByText('Her ville filmen vært.').waitFor()

  // Sign-up, on the way to an order.
  await button('Bestill Honning fra Prøvedalen').click()
  await seen('shop-sign-up')
  await page.getByLabel('Navn').fill('Kari Prøve')
  await page.getByLabel('E-postadresse').fill('kari@prove.example')
  await page.getByLabel('Adresse', { exact: true }).fill('Prøveveien 1')
  await button('Opprett konto').click()
  await page.getByRole('heading', { name: 'Takk for bestillingen' }).waitFor()
  await seen('shop-ordered')
  await page.getByRole('link', { name: 'Se hva vi vet om deg' }).click()
  for (const text of ['Kari Prøve', 'kari@prove.example', 'Prøveveien 1', 'Honning fra Prøvedalen', '119 kr']) await page.getByText(text, { exact: true }).first().waitFor()
  await seen('shop-account')

  // The newsletter: a consent with its words, and a letter that can be stopped by its link, without signing in.
  await page.goto('/')
  await page.getByLabel('E-postadresse').fill('kari@prove.example')
  await button('Ja, send meg nyhetsbrevet på e-post.').click()
  await page.getByRole('heading', { name: 'Takk', exact: true }).waitFor()
  const { ids } = await world.call('GET', '/v1/subjects')
  assert.equal(ids.length, 1)
  const [id] = ids
  for (let i = 0; !shop.mailbox.letters.length; i++) {
    assert.ok(i < 200)
    await world.call('GET', '/v1/tasks')
  }
  await page.goto('/mail')
  await seen('shop-mail')
  const stop = page.getByRole('link', { name: /\/stop\// })
  assert.ok((await stop.getAttribute('href')).startsWith(world.origin))
  const other = await visitor(browser, world)
  await other.page.goto(await stop.getAttribute('href'))
  await other.page.getByRole('button').first().click()
  await other.page.getByRole('heading', { name: 'Registrert' }).waitFor()
  await assert.rejects(world.call('POST', `/v1/subjects/${id}/messages`, { message: 'newsletter', channel: 'email', asking: true }), /403/)

  // Erased, but for what the law keeps; the shop then knows nobody.
  await page.goto('/account')
  await button('Slett opplysningene om meg').click()
  await page.getByText(/^Må beholdes: Navn, .*etter bokføringsloven § 13, til 1. januar 2032/).waitFor()
  await page.getByText(/^Slettet: .*E-postadresse/).waitFor()
  await seen('shop-erased')
  await page.goto('/account')
  await page.getByRole('heading', { name: 'Hvem er du?' }).waitFor()
  const { items } = await world.call('POST', `/v1/subjects/${id}/read`, { purpose: 'bookkeeping' })
  assert.deepEqual(items.filter(({ allowed }) => allowed).map(({ field }) => field).sort(), ['contact.name', 'contact.name', 'purchase.amount', 'purchase.goods'])
})

export const shopInTheDark = alone(async ({ shop, browser, shot }) => {
  const { page, wrong } = await visitor(browser, shop, { colorScheme: 'dark' })
  await page.goto('/')
  await page.getByRole('button', { name: 'Avslå alle' }).click()
  await page.getByText('Dette vises når du sier ja til').waitFor()
  await page.getByRole('region', { name: 'Ditt valg om informasjonskapsler' }).waitFor({ state: 'detached' })
  await check(page, wrong, 'shop in the dark')
  await shot(page, 'shop-front-dark')
  for (const path of ['/account', '/mail']) {
    await page.goto(path)
    await check(page, wrong, path)
  }
})

// What is not the shop's own form changes nothing.
export const shopTakesNoFormOfAnother = alone(async ({ shop, world }) => {
  const answer = await fetch(shop.origin + '/newsletter', { method: 'POST', body: new URLSearchParams({ email: 'kari@prove.example' }), headers: { 'Sec-Fetch-Site': 'cross-site' } })
  assert.equal(answer.status, 403)
  assert.equal((await world.call('GET', '/v1/subjects')).ids.length, 0)
})
