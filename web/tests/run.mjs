// run.mjs BINARY [--shots FOLDER] [--at-once N] [NAME...]: the pages against the real server, in Debian's
// Chromium. Each test has a server, people and contexts of its own, so that two go side by side.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from './browser.mjs'
import { dropSample, fill, start, startSample } from './fixture.mjs'
import * as portal from './portal.mjs'
import * as desk from './console.mjs'
import * as consent from './consent.mjs'
import * as shop from './shop.mjs'
import * as open from './public.mjs'

const words = process.argv.slice(2)
const option = (name) => { const at = words.indexOf(name); return at < 0 ? undefined : words.splice(at, 2)[1] }
const folder = option('--shots'), atOnce = Number(option('--at-once') ?? 2)
const [binary, ...names] = words
if (folder) mkdirSync(folder, { recursive: true })
// A page that does not come in half a minute does not come: the machine may be busy.
const shot = async (page, name) => { if (folder) await page.screenshot({ path: join(folder, name + '.png'), fullPage: true }) }

let failed = 0
const chromium = await launch()

async function run(name, test) {
  const contexts = []
  const browser = { newContext: async (options) => { const one = await chromium.newContext(options); contexts.push(one); return one }, contexts: () => contexts }
  const began = performance.now()
  let world
  try {
    if (test.policy || test.controller) await fill(world = Object.assign(await start(binary, test.policy?.()), { controller: test.controller }))
    else if (!test.alone) world = await startSample(binary)
    await test({ browser, world, shot, binary })
    console.log(`ok ${name} (${Math.round((performance.now() - began) / 1000)} s)`)
  } catch (error) {
    failed++
    const said = await Promise.all(contexts.flatMap((one) => one.pages()).map((page) => page.locator('main').innerText({ timeout: 1000 }).catch(() => '')))
    console.log(`not ok ${name}\n${said.map((text) => text.slice(0, 2000)).join('\n')}\n${error.stack ?? error}`)
  } finally {
    await Promise.all(contexts.map((one) => one.close()))
    await world?.stop()
  }
}

const waiting = Object.entries({ ...portal, ...desk, ...consent, ...shop, ...open }).filter(([name]) => !names.length || names.includes(name))
async function worker() {
  for (let next = waiting.shift(); next; next = waiting.shift()) await run(...next)
}
await Promise.all(Array.from({ length: atOnce }, worker))
await chromium.close()
await dropSample()
process.exitCode = failed ? 1 : 0
