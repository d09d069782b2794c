// The portal against the real server: each view, and each act with what the API then says.
import assert from 'node:assert/strict'
import { check, settled, signIn, visitor } from './browser.mjs'

const views = ['', '/data', '/download', '/correct', '/address', '/erase', '/limit', '/choices', '/uses', '/requests', '/sessions', '/help']

async function languages(page, then) {
  for (const name of ['Nynorsk', 'English', 'Bokmål']) {
    await page.getByRole('button', { name, exact: true }).click()
    await then(name)
  }
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
  for (const [name, options] of [['dark', { colorScheme: 'dark' }], ['forced', { forcedColors: 'active' }]]) {
    const { page, wrong, context } = await visitor(browser, world, options)
    await signIn(page, world, 'kari@prove.example')
    for (const view of views) {
      await page.goto('/mine' + view)
      await settled(page)
      await check(page, wrong, `/mine${view} ${name}`)
      if (view === '' || view === '/data') await shot(page, `mine${view.replace('/', '-')}-${name}`)
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
  assert.equal(file.suggestedFilename(), 'kvittering.json')
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
