// run.mjs BINARY [--shots FOLDER] [NAME...]: the pages against the real server, in Debian's Chromium.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from './browser.mjs'
import { fill, start } from './fixture.mjs'
import * as portal from './portal.mjs'
import * as desk from './console.mjs'
import * as consent from './consent.mjs'
import * as shop from './shop.mjs'

const words = process.argv.slice(2)
const at = words.indexOf('--shots')
const folder = at < 0 ? undefined : words.splice(at, 2)[1]
const [binary, ...names] = words
if (folder) mkdirSync(folder, { recursive: true })
// A page that does not come in half a minute does not come: the machine may be busy.
const shot = async (page, name) => { if (folder) await page.screenshot({ path: join(folder, name + '.png'), fullPage: true }) }

const suites = { ...portal, ...desk, ...consent, ...shop }
let failed = 0
const browser = await launch()
for (const [name, test] of Object.entries(suites)) {
  if (names.length && !names.includes(name)) continue
  const world = test.alone ? undefined : await start(binary)
  try {
    if (world) await fill(world)
    await test({ browser, world, shot, binary })
    console.log(`ok ${name}`)
  } catch (error) {
    failed++
    for (const page of browser.contexts().flatMap((one) => one.pages())) console.log((await page.locator('main').innerText().catch(() => '')).slice(0, 2000))
    for (const one of browser.contexts()) await one.close()
    console.log(`not ok ${name}\n${error.stack ?? error}`)
  } finally {
    await world?.stop()
  }
}
await browser.close()
process.exitCode = failed ? 1 : 0
