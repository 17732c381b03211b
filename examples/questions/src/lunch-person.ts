import type { Locator, Page } from 'playwright'

/** A person before the chat, who answers whatever card is open. */
export class LunchPerson {
  readonly #page: Page

  constructor(page: Page) {
    this.#page = page
  }

  async open(origin: string): Promise<void> {
    await this.#page.goto(origin)
  }

  /** Says something to the agent. */
  async say(text: string): Promise<void> {
    await this.#page.locator('countersign-composer').getByRole('textbox').fill(text)
    await this.#page.keyboard.press('Enter')
  }

  /** One of a list. */
  async pick(label: string): Promise<void> {
    await this.#card.getByRole('radio', { name: label }).check()
    await this.#send('Choose')
  }

  /** One of a drop-down. */
  async select(label: string): Promise<void> {
    await this.#card.getByRole('combobox').selectOption({ label })
    await this.#send('Choose')
  }

  /** Some of many. */
  async tick(...labels: readonly string[]): Promise<void> {
    for (const label of labels) await this.#card.getByRole('checkbox', { name: label }).check()
    await this.#send('Send choice')
  }

  async write(text: string): Promise<void> {
    await this.#card.getByRole('textbox').fill(text)
    await this.#send('Send answer')
  }

  /** One of two: presses its button until it is gone, for one that has just appeared takes no press. */
  async press(name: string): Promise<void> {
    const button = this.#card.getByRole('button', { name, exact: true })
    await button.waitFor()
    while (await button.isVisible()) await button.click({ timeout: 1_000 }).catch(() => undefined)
  }

  /** What is of high risk is confirmed by a second press. */
  async approve(): Promise<void> {
    await this.press('Approve')
    await this.press('Confirm: Approve')
  }

  /** Signs in at the demo provider, in the window that the card opens. */
  async signIn(name: string): Promise<void> {
    const [window] = await Promise.all([this.#page.waitForEvent('popup'), this.#card.getByRole('button', { name: /^Sign in at/ }).click()])
    await window.fill('input[name="login"]', name)
    await window.getByRole('button', { name: 'Sign in' }).click()
    await window.getByRole('button', { name: 'Allow' }).click()
  }

  /** Waits for an answer of the agent. @returns all of it */
  async hears(words: RegExp): Promise<string> {
    const answer = this.#page.locator('countersign-markdown').getByText(words)
    await answer.waitFor()
    return (await answer.innerText()).trim()
  }

  #send(name: string): Promise<void> {
    return this.#card.getByRole('button', { name, exact: true }).click()
  }

  get #card(): Locator {
    return this.#page.locator('countersign-question-card section')
  }
}
