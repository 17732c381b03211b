import type { BrowserContext, Locator, Page } from 'playwright'

export const QUESTION = 'Who am I logged in as?'
export const ADA = 'Ada Lovelace'

/** A person in a browser of their own, with the chat before them. */
export class Person {
  readonly context: BrowserContext
  readonly page: Page
  readonly #origin: string

  constructor(context: BrowserContext, page: Page, origin: string) {
    this.context = context
    this.page = page
    this.#origin = origin
  }

  async openChat(): Promise<void> {
    await this.page.goto(this.#origin)
    await this.page.getByRole('textbox').waitFor()
  }

  async ask(question = QUESTION): Promise<void> {
    await this.page.getByRole('textbox').fill(question)
    await this.page.keyboard.press('Enter')
  }

  /** What the agent said: the answers in which this stands. */
  answers(text: string): Locator {
    return this.page.locator('countersign-markdown').getByText(text)
  }

  /** The question that is open. */
  get card(): Locator {
    return this.page.locator('countersign-question-card section')
  }

  /** What became of questions that are over. */
  get closedCards(): Locator {
    return this.page.locator('countersign-question-card .closed')
  }

  /** Asks, and opens the window of the sign-in that this needs. */
  async askAndOpen(): Promise<Page> {
    await this.ask()
    return this.openPopup()
  }

  /** Opens the sign-in's window by the card's main button and waits for the provider's first page. */
  async openPopup(button: RegExp | string = /^Sign in at/): Promise<Page> {
    const [popup] = await Promise.all([this.page.waitForEvent('popup'), this.card.getByRole('button', { name: button }).click()])
    await popup.getByRole('heading').waitFor()
    return popup
  }

  /** The address of the open sign-in: what its card would open. */
  async startUrl(): Promise<string> {
    await this.card.waitFor()
    return this.card.locator('countersign-oauth-consent-question').evaluate(
      // The element's public property.
      (element) =>
        (element as unknown as { asked: { view: { question: { consent: { startUrl: string } } } } }).asked.view.question.consent.startUrl,
    )
  }

  /** Waits until the chat has an answer with this text, or so many of them. */
  async hears(text: string, times = 1): Promise<void> {
    await this.answers(text)
      .nth(times - 1)
      .waitFor()
  }
}

/** Plays the person at the provider: says a name, and allows. */
export async function signIn(popup: Page, name = ADA): Promise<void> {
  await sayName(popup, name)
  await popup.getByRole('button', { name: 'Allow' }).click()
}

/** As far as the provider's question whether to allow it. */
export async function sayName(popup: Page, name = ADA): Promise<void> {
  await popup.fill('input[name="login"]', name)
  await popup.getByRole('button', { name: 'Sign in' }).click()
  await popup.getByRole('button', { name: 'Allow' }).waitFor()
}

/** Signs in as far as the address to which the provider sends the browser back; nobody has gone there yet. */
export async function catchCallback(popup: Page, name = ADA): Promise<string> {
  await sayName(popup, name)
  const form = popup.url()
  // With the cookies of this browser, but stopping at each redirect.
  const { request } = popup.context()
  await popup.close()
  let response = await request.post(form, { form: { decision: 'allow' }, maxRedirects: 0 })
  for (let hops = 0; hops < 5; hops += 1) {
    const url = new URL(response.headers()['location'] ?? '', response.url())
    if (url.pathname === '/auth/redirect') return url.href
    response = await request.get(url.href, { maxRedirects: 0 })
  }
  throw new Error('the provider does not send the browser back')
}
