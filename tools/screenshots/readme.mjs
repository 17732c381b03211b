import { join } from 'node:path'
import { devices } from 'playwright'
import { allow, openPerson, openStage, PERSON, QUESTION } from './stage.mjs'

/** As the example is started, so that the pictures show what a reader will see. */
const ports = { provider: 5001, server: 8000 }
const desk = { name: 'desk', theme: 'light', viewport: { width: 1000, height: 640 }, options: { deviceScaleFactor: 1.5 } }
const phone = {
  name: 'phone',
  theme: 'dark',
  viewport: devices['Pixel 7'].viewport,
  options: { ...devices['Pixel 7'], deviceScaleFactor: 2 },
}

/**
 * The pictures of the README, from one real story: a person who is signed in is asked to connect an account, reads the answer, and looks at
 * their account on a phone.
 *
 * @param {import('playwright').Browser} browser
 * @param {string} folder
 * @returns {Promise<readonly string[]>} the files
 */
export async function photographForReadme(browser, folder) {
  const stage = await openStage({ ports })
  const files = []
  const look = async (page, name) => {
    const path = join(folder, `${name}.png`)
    await page.screenshot({ path })
    files.push(path)
  }
  try {
    const person = await openPerson(browser, { stage, view: desk })
    await signInToServer(person.page)
    const popup = await person.askAndOpen(async () => look(person.page, 'consent-card'))
    await allow(popup)
    await person.page.locator('countersign-markdown').getByText(PERSON).waitFor()
    await person.page.getByText('who_am_i').first().click()
    await person.page.setViewportSize({ ...desk.viewport, height: 720 })
    await look(person.page, 'answer-with-record')
    const abroad = await openPerson(browser, { stage, view: phone })
    await signInToServer(abroad.page)
    await abroad.page.getByRole('button', { name: 'Account:' }).click()
    await abroad.page.getByText('This browser').waitFor()
    await abroad.page.mouse.move(1, 1)
    await look(abroad.page, 'account-on-a-phone')
    return files
  } finally {
    await stage.close()
  }
}

async function signInToServer(page) {
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.fill('[name=login]', PERSON)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.getByRole('button', { name: QUESTION }).waitFor()
}
