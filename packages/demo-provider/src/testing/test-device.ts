import type { Landing, TestBrowser } from './test-browser.ts'
import { plainText, signedInBrowser } from './test-person.ts'

/** Somebody at the device page in a test: the real page over HTTP, without a browser. */
export class TestDevice {
  readonly browser: TestBrowser

  private constructor(browser: TestBrowser) {
    this.browser = browser
  }

  /** Whoever has this name, user name or e-mail address, signed in at the device page. */
  static async of(issuer: string, person: string): Promise<TestDevice> {
    return new TestDevice(await signedInBrowser(issuer, { person, page: '/device' }))
  }

  /** Types a code; the page then asks whether the device is theirs, or says what is wrong with the code. */
  async enter(userCode: string): Promise<Landing> {
    return this.browser.submit(await this.browser.visit('/device'), { user_code: userCode })
  }

  async allow(userCode: string): Promise<void> {
    await this.#decide(userCode, 'allow')
  }

  async deny(userCode: string): Promise<void> {
    await this.#decide(userCode, 'deny')
  }

  async #decide(userCode: string, decision: 'allow' | 'deny'): Promise<void> {
    const question = await this.enter(userCode)
    const answer = question.status === 200 ? await this.browser.submit(question, { decision }) : question
    if (answer.status !== 200) throw new Error(`the device page refused: ${plainText(answer.text)}`)
  }
}
