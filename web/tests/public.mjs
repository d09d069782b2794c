// The pages that the server writes itself, without a script: notice, changes, processors, stop links.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { check, visitor } from './browser.mjs'
import { root, start } from './fixture.mjs'

const papers = ['notice', 'notice?controller=shop', 'processors', 'changes']

// The example in three languages, by the deployment that adds nynorsk.
async function spoken(binary, test) {
  const world = await start(binary, join(root, 'policies/example.yaml'), join(root, 'policies/example.nn.deploy.yaml'))
  try {
    await test(world)
  } finally {
    await world.stop()
  }
}

export const publicPapers = Object.assign(({ binary, browser, shot }) => spoken(binary, async (world) => {
  for (const colorScheme of ['light', 'dark']) {
    const { page, wrong, context } = await visitor(browser, world, { colorScheme })
    for (const path of papers) for (const language of ['nb', 'nn', 'en']) {
      const at = path.replace(/\W/g, '-')
      await page.goto(`/r/${world.register}/${path}${path.includes('?') ? '&' : '?'}lang=${language}`)
      assert.equal(await page.evaluate(() => document.scripts.length), 0)
      assert.equal(await page.evaluate(() => document.documentElement.lang), language)
      await check(page, wrong, `${path} ${language} ${colorScheme}`)
      if (language === 'nb') await shot(page, `paper-${at}-${colorScheme}`)
    }
    await context.close()
  }
  const { page, context } = await visitor(browser, world)
  await page.goto(`/r/${world.register}/notice?controller=shop&lang=nb`)
  assert.equal(await page.locator('h2').first().innerText(), 'Kort sagt')
  // What was asked for stays in the links; the same as data is beside it.
  await page.getByRole('link', { name: 'English' }).click()
  assert.equal(new URL(page.url()).search, '?lang=en&controller=shop')
  const data = await page.request.get(await page.getByRole('link', { name: 'JSON' }).evaluate((one) => one.href))
  assert.equal((await data.json()).language, 'en')
  await page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'Your rights' }).click()
  assert.ok(await page.locator('#rights').evaluate((one) => one.getBoundingClientRect().top < 50))
  await page.getByRole('link', { name: 'See the data about you' }).click()
  await page.waitForURL('**/mine/in/**')
  // On paper: no way about the page, and no dark ground.
  await page.goto(`/r/${world.register}/notice?lang=nb`)
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  assert.equal(await page.locator('nav:visible').count(), 0)
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)')
  await page.setViewportSize({ width: 794, height: 1123 })
  await shot(page, 'paper-notice-print')
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' })
  await page.setViewportSize({ width: 320, height: 640 })
  await shot(page, 'paper-notice-phone')
  await context.close()
}), { alone: true })

// Another version: both are listed, each is there by its name, and what changed is told.
export const publicVersions = Object.assign(({ binary, browser, shot }) => spoken(binary, async (world) => {
  const policy = readFileSync(join(root, 'policies/example.yaml'), 'utf8')
    .replace('version: "2026-01"', 'version: "2026-03"').replace('effective: 2026-01-01', 'effective: 2026-03-02')
    .replace('reads: [visit.page], keep: 6 months', 'reads: [visit.page], keep: 3 months')
  const deployment = readFileSync(join(root, 'policies/example.nn.deploy.yaml'), 'utf8').replaceAll('2026-01"', '2026-03"')
  const body = { policy_file: 'example.yaml', policy, deployment_file: 'example.nn.deploy.yaml', deployment }
  const preview = await world.call('POST', '/v1/policy/preview', body)
  await world.call('POST', '/v1/policy/apply', { ...body, erases: preview.erases ?? 0 })
  const { page, wrong, context } = await visitor(browser, world)
  await page.goto(`/r/${world.register}/notice?lang=en`)
  await page.getByRole('link', { name: '2026-01' }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
  assert.equal(new URL(page.url()).search, '?lang=en&version=2026-01')
  await page.goto(`/r/${world.register}/notice?lang=en`)
  await page.locator('#versions a[href^="./changes"]').click()
  await page.getByText('3 months').first().waitFor()
  await check(page, wrong, 'changes of a version')
  await shot(page, 'paper-changes-of-a-version')
  await context.close()
}), { alone: true })

// From the link of a message: a page, a button, done; and nothing about anybody.
export async function publicStop({ browser, world, shot }) {
  const ask = { message: 'newsletter', channel: 'email', asking: true }
  await world.call('POST', '/v1/consents'.replace('/v1', `/v1/subjects/${world.kari}`), { purpose: 'newsletter', wording: 'Ja takk.', language: 'nb', given_by: 'click', channel: 'web' })
  const { stop_link: link } = await world.call('POST', `/v1/subjects/${world.kari}/messages`, ask)
  for (const colorScheme of ['light', 'dark']) {
    const { page, wrong, context } = await visitor(browser, world, { colorScheme, viewport: { width: 320, height: 640 } })
    for (const language of ['nb', 'nn', 'en']) {
      await page.goto(`${link}?lang=${language}`)
      await check(page, wrong, `stop ${language} ${colorScheme}`)
    }
    await shot(page, `stop-phone-${colorScheme}`)
    await context.close()
  }
  const { page, wrong, context } = await visitor(browser, world)
  await page.goto(`${link}?lang=nb`)
  await shot(page, 'stop')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Registrert' }).waitFor()
  await check(page, wrong, 'stopped')
  await shot(page, 'stopped')
  await assert.rejects(world.call('POST', `/v1/subjects/${world.kari}/messages`, ask), /403/)
  await context.close()
}
