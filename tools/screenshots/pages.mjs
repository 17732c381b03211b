import { join } from 'node:path'
import { photographPhone } from './phone.mjs'
import { allow, openPerson, openStage, PERSON, sayName } from './stage.mjs'
import { views } from './views.mjs'

/**
 * Pictures of the pages around a sign-in as they are really served, in every view.
 *
 * @param {import('playwright').Browser} browser
 * @param {string} folder
 * @returns {Promise<readonly { scene: string, view: string, file: string }[]>}
 */
export async function photographPages(browser, folder) {
  const stage = await openStage()
  try {
    return (await Promise.all(views.map((view) => photographView(browser, { stage, view, folder })))).flat()
  } finally {
    await stage.close()
  }
}

async function photographView(browser, { stage, view, folder }) {
  const pictures = []
  const look = async (page, scene) => {
    const file = `${scene}.${view.name}.png`
    await page.screenshot({ path: join(folder, file) })
    pictures.push({ scene, view: view.name, file })
  }
  const person = await openPerson(browser, { stage, view })
  await signInPages(person, look)
  const stranger = await openPerson(browser, { stage, view })
  await wrongPages(stranger, { stage, look, startUrl: person.startUrl })
  await photographPhone(browser, { issuer: stage.issuer, view, look })
  await Promise.all([person.context.close(), stranger.context.close()])
  return pictures
}

/** A refusal, a sign-in, and what both leave behind. */
async function signInPages(person, look) {
  const { page } = person
  const declined = await person.askAndOpen()
  await look(declined, 'provider-sign-in')
  await declined.fill('[name=login]', 'x\u0007'.padEnd(80, 'y'))
  await declined.getByRole('button', { name: 'Sign in' }).click()
  await declined.getByRole('alert').waitFor()
  await look(declined, 'provider-name-refused')
  await sayName(declined)
  await look(declined, 'provider-consent')
  await declined.getByRole('button', { name: 'Deny' }).click()
  await declined.getByRole('heading', { name: 'You declined' }).waitFor()
  await look(declined, 'page-declined')
  await page.getByText('You declined to sign in').first().waitFor()
  await look(page, 'chat-declined')
  const granted = await person.askAndOpen()
  await allow(granted)
  await look(granted, 'page-signed-in')
  await page.locator('countersign-markdown').getByText(PERSON).waitFor()
  await look(page, 'chat-answered')
}

/** What somebody sees who is in the wrong place, or too late. */
async function wrongPages({ page }, { stage, look, startUrl }) {
  const { origin, issuer } = stage
  const places = {
    'page-not-this-browser': startUrl,
    'page-unknown': `${origin}/auth/redirect?code=c&state=s`,
    'provider-home': issuer,
    'provider-no-such-page': `${issuer}/nowhere`,
    'provider-over': `${issuer}/interaction/none`,
    'provider-unknown-app': `${issuer}/oauth/authorize?client_id=none&response_type=code&redirect_uri=${origin}`,
  }
  for (const [scene, address] of Object.entries(places)) {
    await page.goto(address)
    await look(page, scene)
  }
}
