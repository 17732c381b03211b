import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { ADA, QUESTION } from './person.ts'
import { theatre } from './stage.ts'

const openStage = theatre()

test('the whole story with keys alone: ask, sign in, allow, read, look at the account, disconnect', async () => {
  const stage = await openStage()
  await stage.serve()
  const person = await stage.person()
  const { page } = person
  await person.openChat()
  await expectFocus(page, 'Message')
  await page.keyboard.type(QUESTION)
  await page.keyboard.press('Enter')
  await person.card.waitFor()
  await expectFocus(page, 'Sign in to continue')
  await page.keyboard.press('Tab')
  const popup = await opened(page)
  await popup.keyboard.type(ADA)
  await popup.keyboard.press('Enter')
  await popup.getByRole('button', { name: 'Allow' }).waitFor()
  await popup.keyboard.press('Tab')
  await expectFocus(popup, 'Allow')
  const closed = popup.waitForEvent('close')
  await popup.keyboard.press('Enter')
  await closed
  await person.hears(ADA)
  expect(await focusOf(page)).toContain('Signed in at')

  await tabTo(page, 'Account:', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Account' }).waitFor()
  await tabTo(page, 'Disconnect ', 'Tab')
  await page.keyboard.press('Enter')
  await expectFocus(page, /told to withdraw it/)
  await page.keyboard.press('Tab')
  // A press within a blink of the question does not count; so it is pressed until one does.
  await expect.poll(() => pressAndLook(page, 'Enter')).toMatch(/has withdrawn the access|did not confirm/)
  await page.keyboard.press('Escape')
  await expectFocus(page, /Account:/)
})

test('signing in to the chat itself, and out again, with keys alone', async () => {
  const stage = await openStage({ frontEnd: { sign_in: { provider: 'demo', required: true } } })
  await stage.serve()
  const { page } = await stage.person()
  await page.goto(stage.origin)
  await page.getByRole('heading', { name: 'Sign in to begin' }).waitFor()
  expect(await page.getByRole('textbox').count()).toBe(0)
  await tabTo(page, 'Sign in with', 'Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.keyboard.type(ADA)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Allow' }).waitFor()
  await tabTo(page, 'Allow', 'Tab')
  await page.keyboard.press('Enter')
  await page.getByText('Connected').waitFor()
  await expectFocus(page, 'Message')
  await page.getByRole('button', { name: `Account: ${ADA}` }).waitFor()
  await tabTo(page, 'Account:', 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.getByText('This browser').waitFor()
  await tabTo(page, 'Sign out', 'Tab')
  await page.keyboard.press('Enter')
  await expectFocus(page, 'You are signed out')
  await page.getByText('Signed out', { exact: true }).waitFor()
  await tabTo(page, 'Sign in with', 'Tab')
})

test('the keyboard reaches every control, and each shows that it is reached', async () => {
  const stage = await openStage()
  await stage.serve()
  const person = await stage.person()
  const { page } = person
  await person.openChat()
  await person.ask()
  await person.card.waitFor()
  const rings = new Map<string, string>()
  // From the card to the end of the page, then once round from its beginning.
  for (let rounds = 0; rounds < 2; rounds += 1)
    for (let name = await pressAndLook(page, 'Tab'); name !== 'nowhere' && !rings.has(name); name = await pressAndLook(page, 'Tab'))
      rings.set(name, await ringOf(page))
  expect(Object.fromEntries(rings)).toMatchObject({
    'New conversation': 'solid',
    'Theme: system': 'solid',
    Conversation: 'solid',
    Cancel: 'solid',
    Message: 'solid',
    Stop: 'solid',
    '1 open question': 'solid',
    'Keyboard shortcuts': 'solid',
  })
  expect([...rings.values()]).not.toContain('none')
})

/** Presses a key. @returns what has the focus then */
async function pressAndLook(page: Page, key: string): Promise<string> {
  await page.keyboard.press(key)
  return focusOf(page)
}

/** Presses Enter on what opens the sign-in's window. */
async function opened(page: Page): Promise<Page> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Enter')])
  await popup.getByRole('heading').waitFor()
  return popup
}

/** Presses a key until what has the focus begins so. */
async function tabTo(page: Page, name: string, key: 'Tab' | 'Shift+Tab'): Promise<void> {
  const passed: string[] = []
  while (!(passed.at(-1) ?? '').startsWith(name)) {
    if (passed.length > 30) throw new Error(`"${name}" was not reached; passed: ${passed.join(' | ')}`)
    passed.push(await pressAndLook(page, key))
  }
}

async function expectFocus(page: Page, name: string | RegExp): Promise<void> {
  await expect.poll(() => focusOf(page)).toMatch(name)
}

/** The name of what has the focus, in whatever shadow root; nothing on the page itself. */
function focusOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    if (active === null || active === document.body) return 'nowhere'
    return (active.getAttribute('aria-label') ?? active.textContent).replace(/\s+/g, ' ').trim()
  })
}

/** How what has the focus is outlined, or the part around it that is outlined in its place. */
function ringOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    const around = active?.closest('form:focus-within') ?? null
    const styles = [active, around].flatMap((element) => (element === null ? [] : [getComputedStyle(element).outlineStyle]))
    return styles.find((style) => style !== 'none') ?? 'none'
  })
}
