// A browser on the loopback, and what holds of every view: no console error, no violation of the
// policy, nothing asked of another origin, no finding of axe, nothing wider than a phone.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import { PASSWORD, textOf } from './fixture.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

export const launch = () => chromium.launch({ executablePath: process.env.VERN_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'] })

/** A context whose troubles end up in `wrong`. */
export async function visitor(browser, world, options = {}) {
  const context = await browser.newContext({ baseURL: world.origin, locale: 'nb-NO', timezoneId: 'Europe/Oslo', viewport: { width: 1280, height: 900 }, ...options })
  const wrong = []
  await context.addInitScript(() => {
    globalThis.violations = []
    document.addEventListener('securitypolicyviolation', (event) => globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI}`))
  })
  const page = await context.newPage()
  page.on('console', (message) => { if (message.type() === 'error' && !/status of (4\d\d)/.test(message.text())) wrong.push(`console: ${message.text()}`) })
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`))
  page.on('request', (request) => { if (!request.url().startsWith(world.origin) && !/^(data|blob):/.test(request.url())) wrong.push(`asks ${request.url()}`) })
  return { context, page, wrong }
}

export async function signIn(page, world, address) {
  await page.goto(`/r/${world.register}/sign-in?lang=nb`)
  await page.fill('input[name=address]', address)
  await page.click('button[type=submit]')
  const link = textOf(await world.mail.next()).match(/http:\S+/)[0]
  await page.goto(link)
  await page.click('button[type=submit]')
  await page.getByRole('heading', { level: 1 }).waitFor()
}
export async function signInStaff(page, world, member) {
  await page.goto(`/r/${world.register}/staff/sign-in?lang=nb`)
  await page.fill('input[name=login]', member.login)
  await page.fill('input[name=password]', PASSWORD)
  await page.fill('input[name=code]', member.recovery.pop())
  await page.click('form button[type=submit]')
  await page.getByRole('heading', { level: 1 }).waitFor()
}

export async function settled(page) {
  await page.locator('h1').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('.loading'))
  await page.evaluate(() => document.fonts.ready.then(() => 0))
}

/** All that holds of a view that stands in the page; throws with what does not. */
export async function check(page, wrong, name) {
  const found = [...wrong.splice(0)]
  found.push(...(await page.evaluate(() => globalThis.violations ?? [])).map((one) => `policy: ${one}`))
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe)
  const result = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: values }), RULES)
  for (const violation of result.violations) for (const node of violation.nodes)
    found.push(`axe ${violation.id}: ${node.target.join(' ')} ${node.failureSummary?.split('\n').slice(1, 3).join(' ')}`)
  const small = await page.evaluate(() => [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, summary, a.ds-button, nav a')]
    .filter((one) => one.checkVisibility() && !one.closest('.ds-sr-only, .ds-skip-link')).map((one) => ({ box: one.getBoundingClientRect(), text: one.outerHTML.slice(0, 80) }))
    .filter(({ box }) => box.width > 0 && (box.height < 23.5 || box.width < 23.5)).map(({ text }) => text))
  found.push(...small.map((text) => `target under 24 px: ${text}`))
  const size = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 800 })
  const wide = await page.evaluate(() => document.documentElement.scrollWidth)
  if (wide > 320) {
    const who = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > 321 && !one.closest('.scroll')).slice(0, 3).map((one) => one.outerHTML.slice(0, 90)))
    found.push(`at 320 px it is ${wide} wide: ${who.join(' | ')}`)
  }
  await page.setViewportSize(size)
  if (found.length) throw new Error(`${name}:\n  ${found.join('\n  ')}`)
}
