// A browser on the loopback, and what holds of every view: no console error, no violation of the
// policy, nothing asked of another origin, no finding of axe, nothing wider than a phone.
import { createHash } from 'node:crypto'
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

/** What stands in the page, in its colours and with what is typed and chosen, but for the ids of this run. */
const standing = async (page) => (await page.evaluate(() => [
  ['(prefers-color-scheme: dark)', '(forced-colors: active)'].map((one) => matchMedia(one).matches), innerWidth, document.activeElement?.outerHTML,
  [...document.querySelectorAll('input, select, textarea')].map((one) => `${one.value} ${one.checked}`), document.documentElement.outerHTML].join('\n')))
  .replace(/[\w-]{22}|k:[\w-]{4}…[\w-]{2}|[0-9A-Z]{5}-[0-9A-Z]{5}|127\.0\.0\.1:\d+/g, '')
const looked = new Set()

/** What axe looks at that colours can change; all the rest was looked at in the same view before. */
const COLOURS = ['color-contrast', 'link-in-text-block']
async function byAxe(page, colours) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe)
  const runOnly = colours ? { type: 'rule', values: COLOURS } : RULES
  const found = await page.evaluate(async (only) => (await globalThis.axe.run(document, { runOnly: only, resultTypes: ['violations'] })).violations, runOnly)
  return found.flatMap((violation) => violation.nodes.map((node) => `axe ${violation.id}: ${node.target.join(' ')} ${node.failureSummary?.split('\n').slice(1, 3).join(' ')}`))
}
async function small(page) {
  const found = await page.evaluate(() => [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, summary, a.ds-button, nav a')]
    .filter((one) => one.checkVisibility() && !one.closest('.ds-sr-only, .ds-skip-link')).map((one) => ({ box: one.getBoundingClientRect(), text: one.outerHTML.slice(0, 80) }))
    .filter(({ box }) => box.width > 0 && (box.height < 23.5 || box.width < 23.5)).map(({ text }) => text))
  return found.map((text) => `target under 24 px: ${text}`)
}
export const PHONE = { width: 320, height: 800 }
/** In a page that is as narrow as a phone. */
async function wide(page) {
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  if (width <= PHONE.width) return []
  const who = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > 321 && !one.closest('.scroll')).slice(0, 3).map((one) => one.outerHTML.slice(0, 90)))
  return [`at 320 px it is ${width} wide: ${who.join(' | ')}`]
}
const fails = (name, found) => { if (found.length) throw new Error(`${name}:\n  ${found.join('\n  ')}`) }

/** Looks at the view in each of the languages, and then at all of them as narrow as a phone: two changes of size, not six. */
export async function inEveryLanguage(page, name, look) {
  const speak = async (then) => {
    for (const language of ['Nynorsk', 'English', 'Bokmål']) {
      await page.getByRole('button', { name: language, exact: true }).click()
      await then(`${name} in ${language}`)
    }
  }
  const size = page.viewportSize()
  await speak(look)
  await page.setViewportSize(PHONE)
  await speak(async (where) => fails(where, await wide(page)))
  await page.setViewportSize(size)
}
/** All that holds of a view that stands in the page; throws with what does not. What was looked at once, as it
 * stands, is not looked at again. `colours`: the same view was looked at in other colours. `narrow` false: that comes by itself. */
export async function check(page, wrong, name, { colours = false, narrow = true } = {}) {
  const found = [...wrong.splice(0)]
  found.push(...(await page.evaluate(() => globalThis.violations ?? [])).map((one) => `policy: ${one}`))
  fails(name, found)
  const stands = createHash('sha256').update(await standing(page)).update(`${colours} ${narrow}`).digest('hex')
  if (looked.has(stands)) return
  found.push(...await byAxe(page, colours))
  if (!colours) found.push(...await small(page))
  if (!colours && narrow) {
    const size = page.viewportSize()
    await page.setViewportSize(PHONE)
    found.push(...await wide(page))
    await page.setViewportSize(size)
  }
  fails(name, found)
  looked.add(stands)
}
