// consent.js on a firm's site, under a policy that allows no script but the site's own files and no
// HTML from text; the site hands /consent/ on to the real server, as a firm's own server would.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { check, visitor } from './browser.mjs'
import { root, start } from './fixture.mjs'

const LANGUAGES = { nb: 'Avslå alle', nn: 'Avslå alle', en: 'Refuse all', sv: 'Avvisa alla', da: 'Afvis alle', fi: 'Hylkää kaikki' }
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'"
const FILES = {
  '/site.css': ['text/css', 'body{font:1rem/1.5 system-ui;margin:1rem;max-width:60ch}@media(prefers-color-scheme:dark){:root{color-scheme:dark}body{background:#111;color:#eee}a{color:#9cf}}'],
  '/count.js': ['text/javascript', "window.counted = (window.counted ?? 0) + 1; document.cookie = '_statistics_1A=x; path=/'; localStorage.setItem('statistics', 'x')"],
  '/frame': ['text/html', '<!doctype html><html lang="nb"><title>Film</title><main><h1>Film</h1></main></html>'],
}
const page = (query, domain) => `<!doctype html><html lang="nb"><head><meta charset="utf-8"><title>Butikken</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/site.css">
<script async src="/consent/consent.js${query}"${domain ? ` data-domain="${domain}"` : ''}></script>
<script type="text/plain" data-consent="statistics" src="/count.js"></script></head>
<body><main><h1>Butikken</h1><p><a href="/#basket">Handlekurv</a></p>
<iframe data-consent="statistics" data-src="/frame" title="Film" width="300" height="150"></iframe></main>
<footer><a href="/consent/notice" data-consent-open>Informasjonskapsler</a></footer></body></html>`

/** A site and its Vern; `down` makes the way to Vern fail, `domain` is where the choice is kept. */
async function firm(binary, policy, deployment) {
  const site = { down: false, asked: [] }
  const server = http.createServer((request, response) => {
    const { pathname, search } = new URL(request.url, 'http://site')
    if (pathname.startsWith('/consent/')) return site.handOn(pathname.slice(8), search, request, response)
    const [type, body] = FILES[pathname] ?? ['text/html', page(search, site.domain)]
    response.writeHead(pathname === '/favicon.ico' ? 204 : 200, { 'Content-Type': type, 'Content-Security-Policy': pathname === '/frame' ? "default-src 'none'" : CSP }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  site.origin = `http://shop.localhost:${port}`
  site.other = `http://news.shop.localhost:${port}`
  const world = await start(binary, policy, deployment, [`origins = ${site.origin}, ${site.other}`])
  site.handOn = (leaf, search, request, response) => {
    site.asked.push(leaf)
    if (site.down) return response.writeHead(502).end()
    const to = http.request(`${world.origin}/r/${world.register}${leaf}${search}`, { method: request.method, headers: { ...request.headers, host: new URL(world.origin).host } }, (from) => {
      response.writeHead(from.statusCode, from.headers)
      from.pipe(response)
    })
    request.pipe(to)
  }
  site.world = world
  site.stop = async () => {
    server.closeAllConnections()
    server.close()
    await world.stop()
  }
  return site
}

const alone = (test) => Object.assign(async ({ binary, ...rest }) => {
  const site = await firm(binary)
  try {
    await test({ site, ...rest })
  } finally {
    for (const context of rest.browser.contexts()) await context.close()
    await site.stop()
  }
}, { alone: true })

const button = (page, name) => page.getByRole('button', { name, exact: true })
const stored = async (page) => ({ cookies: (await page.context().cookies()).map(({ name }) => name), local: await page.evaluate(() => Object.keys(localStorage)) })
const nothing = { cookies: [], local: [] }
const signals = (page) => page.evaluate(() => dataLayer.map((one) => [...one]))
const banner = (page) => page.getByRole('region', { name: 'Ditt valg om informasjonskapsler' })
async function come(site, browser, options, query = '?lang=nb') {
  const one = await visitor(browser, site, options)
  await one.page.goto('/' + query)
  return one
}
const receipt = async (page) => (await page.context().cookies()).find(({ name }) => name === 'vern-consent').value.split('~')[1]

export const consentInEveryLanguage = alone(async ({ site, browser, shot }) => {
  for (const colorScheme of ['light', 'dark'])
    for (const [language, no] of Object.entries(LANGUAGES)) {
      const { page, wrong, context } = await come(site, browser, { colorScheme }, '?lang=' + language)
      await button(page, no).waitFor()
      await check(page, wrong, `banner ${language} ${colorScheme}`)
      await shot(page, `consent-${language}-${colorScheme}`)
      await page.getByRole('link', { name: 'Informasjonskapsler' }).click()
      await page.getByRole('dialog').waitFor()
      await check(page, wrong, `choices ${language} ${colorScheme}`)
      await shot(page, `consent-choices-${language}-${colorScheme}`)
      await context.close()
    }
  for (const [name, options] of [['phone', { viewport: { width: 320, height: 640 } }], ['forced', { forcedColors: 'active' }]]) {
    const { page } = await come(site, browser, options)
    await banner(page).waitFor()
    await shot(page, `consent-${name}`)
    await button(page, 'Velg selv').first().click()
    await shot(page, `consent-choices-${name}`)
  }
})

// As easy to say no as yes: same size, same look, no before yes, and nothing that is chosen beforehand.
export const consentIsThreeEqualButtons = alone(async ({ site, browser }) => {
  const { page, wrong } = await come(site, browser)
  await banner(page).waitFor()
  const looks = (scope) => scope.evaluate((one) => [...one.querySelectorAll('.acts button')].map((button) => {
    const { width, height } = button.getBoundingClientRect(), style = getComputedStyle(button)
    return { text: button.textContent, size: [Math.round(width), Math.round(height)].join(), look: [style.color, style.backgroundColor, style.fontWeight, style.fontSize, style.borderColor].join() }
  }))
  for (const [scope, middle] of [[banner(page), 'Velg selv'], [page.getByRole('dialog'), 'Lagre valget']]) {
    const three = await looks(scope)
    assert.deepEqual(three.map(({ text }) => text), ['Avslå alle', middle, 'Godta alle'])
    assert.equal(new Set(three.map(({ size }) => size)).size, 1, JSON.stringify(three))
    assert.equal(new Set(three.map(({ look }) => look)).size, 1, JSON.stringify(three))
    assert.ok(+three[0].size.split(',')[1] >= 44, three[0].size)
    if (middle === 'Velg selv') await button(banner(page), middle).click()
  }
  assert.deepEqual(await page.getByRole('checkbox').evaluateAll((all) => all.map((one) => one.checked)), [false])
  assert.deepEqual(await stored(page), nothing)
  assert.deepEqual(wrong, [])
})

export const consentByKeyboard = alone(async ({ site, browser }) => {
  const { page } = await come(site, browser)
  await banner(page).waitFor()
  const focused = () => page.evaluate(() => { let one = document.activeElement; while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement; return one?.textContent })
  assert.equal(await page.evaluate(() => document.activeElement.localName), 'body') // it takes no focus
  for (const text of ['Personvernerklæring', 'Avslå alle', 'Velg selv', 'Godta alle', 'Handlekurv']) {
    await page.keyboard.press('Tab')
    assert.equal(await focused(), text)
  }
  for (let i = 0; i < 5 && await focused() !== 'Informasjonskapsler'; i++) await page.keyboard.press('Tab')
  const footer = await page.evaluate(() => document.activeElement.getBoundingClientRect().bottom <= document.querySelector('div').shadowRoot.querySelector('section').getBoundingClientRect().top)
  assert.ok(footer, 'what has the focus lies under the banner')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  assert.equal(await page.getByRole('dialog').count(), 0)
  assert.equal(await focused(), 'Informasjonskapsler')
  assert.deepEqual(await stored(page), nothing)
  await page.keyboard.press('Enter')
  for (let i = 0; i < 9 && await focused() !== 'Avslå alle'; i++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await banner(page).waitFor({ state: 'detached' })
  assert.equal(await focused(), 'Informasjonskapsler')
})

export const consentRefused = alone(async ({ site, browser }) => {
  const { page, wrong } = await come(site, browser)
  await banner(page).waitFor()
  assert.deepEqual(await stored(page), nothing)
  await button(page, 'Avslå alle').click()
  await banner(page).waitFor({ state: 'detached' })
  assert.deepEqual(await stored(page), { cookies: ['vern-consent'], local: [] })
  const [cookie] = await page.context().cookies()
  assert.ok(cookie.expires - Date.now() / 1000 > 364 * 86400 && cookie.expires - Date.now() / 1000 < 366 * 86400)
  await page.reload()
  await page.waitForFunction(() => window.dataLayer?.length === 2)
  assert.equal(await banner(page).count(), 0)
  assert.equal(await page.evaluate(() => window.counted), undefined)
  assert.equal(await page.locator('iframe').getAttribute('src'), null)
  for (const [, , said] of await signals(page)) assert.deepEqual(new Set(Object.values(said)), new Set(['denied']))
  assert.deepEqual(wrong, [])
})

export const consentGivenAndWithdrawn = alone(async ({ site, browser, shot }) => {
  const { page, wrong } = await come(site, browser)
  await banner(page).waitFor()
  await page.evaluate(() => document.addEventListener('vern-consent', (event) => { window.told = event.detail }))
  await button(page, 'Godta alle').click()
  await page.waitForFunction(() => window.counted === 1)
  await page.frameLocator('iframe').getByRole('heading', { name: 'Film' }).waitFor()
  assert.deepEqual(await page.evaluate(() => window.told), ['purposes.statistics'])
  const said = await signals(page)
  assert.deepEqual(said.map(([, what, all]) => [what, all.analytics_storage, all.ad_storage, all.ad_user_data, all.ad_personalization]),
    [['default', 'denied', 'denied', 'denied', 'denied'], ['update', 'granted', 'denied', 'denied', 'denied']])
  // The server has the receipt, and says by it what may be set.
  const first = await receipt(page)
  const gate = (shown) => fetch(`${site.world.origin}/r/${site.world.register}/gate`, { method: 'POST', body: new URLSearchParams({ receipt: shown }) }).then((answer) => answer.json())
  assert.deepEqual((await gate(first)).allowed, ['basket', 'statistics'])
  await page.reload()
  await page.waitForFunction(() => window.counted === 1)
  assert.equal(await banner(page).count(), 0)

  // Two clicks, from any link that is marked.
  await page.getByRole('link', { name: 'Informasjonskapsler' }).click()
  assert.ok(await page.getByRole('checkbox').isChecked())
  await page.getByText(first).waitFor()
  await shot(page, 'consent-given')
  const again = page.waitForEvent('load')
  await button(page, 'Avslå alle').click()
  await again
  assert.deepEqual(await stored(page), { cookies: ['vern-consent'], local: [] })
  assert.equal(await page.evaluate(() => window.counted), undefined)
  assert.notEqual(await receipt(page), first)
  assert.deepEqual((await gate(first)).allowed, ['basket']) // the old one is gone, and says nothing more
  assert.deepEqual(wrong, [])
})

export const consentChosenFromWhatIsHeld = alone(async ({ site, browser }) => {
  const { page } = await come(site, browser)
  await button(page, 'Avslå alle').click()
  await banner(page).waitFor({ state: 'detached' })
  await page.getByText('Dette vises når du sier ja til: Se hvilke sider som brukes').waitFor()
  await button(page, 'Velg selv').click()
  await page.getByRole('checkbox').check()
  await button(page, 'Lagre valget').click()
  await page.frameLocator('iframe').getByRole('heading', { name: 'Film' }).waitFor()
})

export const consentHonoursASignal = alone(async ({ site, browser, shot }) => {
  for (const signal of ['globalPrivacyControl', 'doNotTrack']) {
    const { page, context, wrong } = await visitor(browser, site)
    await context.addInitScript((name) => Object.defineProperty(navigator, name, { get: () => name === 'doNotTrack' ? '1' : true }), signal)
    await page.goto('/?lang=nb')
    await page.waitForFunction(() => window.dataLayer)
    await page.getByText('Dette vises når du sier ja til').waitFor()
    assert.equal(await banner(page).count(), 0)
    await page.getByRole('link', { name: 'Informasjonskapsler' }).click()
    await page.getByText('Nettleseren din sier nei for deg').waitFor()
    assert.ok(await page.getByRole('checkbox').isDisabled())
    assert.equal(await button(page, 'Godta alle').count(), 0)
    await check(page, wrong, signal)
    await shot(page, `consent-${signal}`)
    assert.deepEqual(await stored(page), nothing)
    assert.deepEqual(site.asked.filter((leaf) => leaf !== '/consent.js'), [])
    await context.close()
  }
  // By the header alone the server says no, whatever the script asks.
  const { page } = await come(site, browser, { extraHTTPHeaders: { 'Sec-GPC': '1' } })
  await button(page, 'Godta alle').click()
  await banner(page).waitFor({ state: 'detached' })
  assert.equal(await page.evaluate(() => window.counted), undefined)
})

export const consentAsksAgainWhenItMust = alone(async ({ site, browser }) => {
  const { page, context } = await come(site, browser)
  await button(page, 'Avslå alle').click()
  await banner(page).waitFor({ state: 'detached' })
  const [cookie] = await context.cookies()
  const [hash, id, bits, day, seen] = cookie.value.split('~')
  const with_ = async (value) => {
    await context.addCookies([{ ...cookie, value }])
    site.asked.length = 0
    await page.reload()
    await page.getByText('Dette vises når du sier ja til').waitFor()
    return banner(page).count()
  }
  assert.equal(await with_(cookie.value), 0)
  assert.deepEqual(site.asked.filter((leaf) => leaf !== '/consent.js'), [])
  assert.equal(await with_([hash, id, bits, day - 364, seen].join('~')), 0)
  assert.equal(await with_([hash, id, bits, day, seen - 1].join('~')), 0) // and the receipt is shown, once that day
  assert.deepEqual(site.asked.filter((leaf) => leaf !== '/consent.js'), ['/gate'])
  assert.equal(await with_([hash, id, bits, day - 365, seen].join('~')), 1)
  assert.equal(await with_(['0'.repeat(16), id, bits, day, seen].join('~')), 1)
  assert.equal(await with_('nonsense'), 1)
})

export const consentWithoutTheServer = alone(async ({ site, browser }) => {
  const { page, wrong } = await come(site, browser)
  await banner(page).waitFor()
  site.down = true
  await button(page, 'Godta alle').click()
  await page.getByText('Valget ble ikke lagret, og ingenting er tatt i bruk').waitFor()
  assert.deepEqual(await stored(page), nothing)
  assert.equal(await page.evaluate(() => window.counted), undefined)
  await button(page, 'Avslå alle').click() // a no needs nobody's help
  await banner(page).waitFor({ state: 'detached' })
  assert.deepEqual(await stored(page), { cookies: ['vern-consent'], local: [] })
  assert.deepEqual(wrong.filter((one) => !one.includes('502')), [])
})

export const consentAcrossSubdomains = alone(async ({ site, browser }) => {
  site.domain = 'shop.localhost'
  const { page } = await come(site, browser)
  await button(page, 'Godta alle').click()
  await page.waitForFunction(() => window.counted === 1)
  await page.goto(site.other + '/?lang=nb')
  await page.waitForFunction(() => window.counted === 1)
  assert.equal(await banner(page).count(), 0)
})

// The body as it came: fetch() would unpack it.
async function onTheWire(url) {
  const [answer] = await once(http.get(url, { headers: { 'Accept-Encoding': 'gzip, deflate, br' } }), 'response')
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['content-encoding'], 'br')
  return Buffer.concat(await answer.toArray())
}

// What a visitor's browser takes over the wire, for each policy that we know, in each language.
export const consentIsSmall = Object.assign(async ({ binary }) => {
  const sizes = []
  for (const name of ['example', 'confect', 'cobuilder', 'hosting', 'infobric', 'cloudberries']) {
    const world = await start(binary, join(root, `policies/${name}.yaml`), name === 'example' ? undefined : join(root, `policies/${name}.deploy.yaml`))
    try {
      for (const language of Object.keys(LANGUAGES)) {
        const wire = await onTheWire(`${world.origin}/r/${world.register}/consent.js?lang=${language}`)
        assert.ok(brotliDecompressSync(wire).includes(`"language":"${language}"`))
        sizes.push({ size: wire.length, of: `${name} ${language}` })
      }
    } finally {
      await world.stop()
    }
  }
  sizes.sort((a, b) => b.size - a.size)
  console.log(`consent.js as brotli: ${sizes.at(-1).size} to ${sizes[0].size} bytes (${sizes[0].of})`)
  assert.ok(sizes[0].size < 4000, `${sizes[0].of}: ${sizes[0].size}`)
}, { alone: true })
