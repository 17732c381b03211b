import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { BrowserContextOptions, Page } from 'playwright'
import { expect, test } from 'vitest'
import { ADA, type Person, sayName } from './person.ts'
import { type Stage, theatre } from './stage.ts'

const openStage = theatre()
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

test.each(['light', 'dark'] as const)(
  'the whole story, %s: axe finds nothing, no policy is violated, and the console stays silent',
  async (colorScheme) => {
    const { stage, person } = await staged({ colorScheme, reducedMotion: 'reduce' })
    expect(await problems(person.page)).toEqual([])
    const popup = await person.askAndOpen()
    expect(await problems(person.page)).toEqual([])
    expect(await problems(popup)).toEqual([])
    await sayName(popup)
    expect(await problems(popup)).toEqual([])
    await popup.getByRole('button', { name: 'Allow' }).click()
    await popup.getByRole('heading', { name: 'You are signed in' }).waitFor()
    expect(await problems(popup)).toEqual([])
    expect(new URL(popup.url()).search).toBe('')
    await person.hears(ADA)
    expect(await problems(person.page)).toEqual([])
    await person.page.getByRole('button', { name: 'Account:' }).click()
    await person.page.getByRole('button', { name: /^Disconnect/ }).click()
    expect(await problems(person.page)).toEqual([])
    expect(await stage.evidence.at('console')).toEqual([])
    expect(await stage.evidence.at('log error')).toEqual([])
  },
)

test.each(['light', 'dark'] as const)('the pages of a sign-in that leads nowhere, %s: axe finds nothing', async (colorScheme) => {
  const { stage, person } = await staged({ colorScheme })
  const { page } = person
  await person.ask()
  const startUrl = await person.startUrl()
  const stranger = await stage.person({ colorScheme })
  for (const address of [
    startUrl,
    `${stage.origin}/auth/redirect?code=c&state=s`,
    stage.provider.issuer,
    `${stage.provider.issuer}/nowhere`,
  ]) {
    await stranger.page.goto(address)
    expect(await problems(stranger.page)).toEqual([])
  }
  const popup = await person.openPopup()
  await sayName(popup)
  await popup.getByRole('button', { name: 'Deny' }).click()
  await popup.getByRole('heading', { name: 'You declined' }).waitFor()
  expect(await problems(popup)).toEqual([])
  await person.closedCards.waitFor()
  expect(await problems(page)).toEqual([])
})

test('who wants less motion sees none, also while something waits', async () => {
  const { person } = await staged({ reducedMotion: 'reduce' })
  await person.askAndOpen()
  await person.card.getByText('in the other window').waitFor()
  expect(await movingParts(person.page)).toEqual([])
})

test('who wants motion sees that something waits', async () => {
  const { person } = await staged({ reducedMotion: 'no-preference' })
  await person.askAndOpen()
  await person.card.getByText('in the other window').waitFor()
  expect(await movingParts(person.page)).toContain('turn')
})

test('where the system chooses the colours, every control still has an edge', async () => {
  const { person } = await staged({ forcedColors: 'active' })
  await person.ask()
  await person.card.waitFor()
  const edges = await person.page.getByRole('button').evaluateAll((buttons) =>
    buttons.map((button) => {
      const { borderTopWidth, borderTopStyle, borderTopColor, backgroundColor } = getComputedStyle(button)
      return borderTopWidth !== '0px' && borderTopStyle !== 'none' && borderTopColor !== backgroundColor
    }),
  )
  expect(edges.length).toBeGreaterThan(4)
  expect(edges).not.toContain(false)
})

test('a violation of the policy and a picture without words would be seen', async () => {
  const { stage, person } = await staged()
  const seen = person.page.waitForEvent('console', (message) => message.text().includes('Content Security Policy'))
  await person.page.evaluate(() => {
    document.body.setAttribute('style', 'color: red')
    document.body.append(new Image())
  })
  await seen
  expect((await stage.evidence.at('console error')).join()).toContain('Content Security Policy')
  expect((await problems(person.page)).join()).toContain('image-alt')
})

/** A person before the chat, whose windows do not close themselves and whose console tells of every violated policy. */
async function staged(options: BrowserContextOptions = {}): Promise<{ readonly stage: Stage; readonly person: Person }> {
  const stage = await openStage()
  await stage.serve()
  const person = await stage.person(options)
  await person.context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`violated: ${violatedDirective} ${blockedURI}`),
    )
    // The last page closes itself; here it is looked at first.
    window.close = () => undefined
  })
  await person.openChat()
  return { stage, person }
}

/** What axe finds on a page: the rule, and where. */
async function problems(page: Page): Promise<readonly string[]> {
  // Through the debugger, where the page's policy does not apply.
  await page.evaluate(axeSource)
  return page.evaluate(async (rules) => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { runOnly: rules })
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
  }, RULES)
}

/** The names of the animations that run, in whatever shadow root. */
function movingParts(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const parts = (root: ParentNode): Element[] =>
      [...root.querySelectorAll('*')].flatMap((element) => [element, ...(element.shadowRoot ? parts(element.shadowRoot) : [])])
    const running = parts(document).flatMap((element) => element.getAnimations())
    return running.map((animation) => (animation instanceof CSSAnimation ? animation.animationName : 'a transition'))
  })
}
