import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type axe from 'axe-core'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { ADA, sayName } from './person.ts'
import { theatre } from './stage.ts'

const openStage = theatre()
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

test.each(['light', 'dark'] as const)(
  'the whole story, %s: axe finds nothing, no policy is violated, and the console stays silent',
  async (colorScheme) => {
    const stage = await openStage()
    await stage.serve()
    const person = await stage.person({ colorScheme, reducedMotion: 'reduce' })
    await person.context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
        console.error(`violated: ${violatedDirective} ${blockedURI}`),
      )
      // The last page closes itself; here it is looked at first.
      window.close = () => undefined
    })
    await person.openChat()
    expect(await problems(person.page)).toEqual([])
    const popup = await person.askAndOpen()
    expect(await problems(person.page)).toEqual([])
    await sayName(popup)
    await popup.getByRole('button', { name: 'Allow' }).click()
    await popup.getByRole('heading', { name: 'You are signed in' }).waitFor()
    expect(await problems(popup)).toEqual([])
    expect(new URL(popup.url()).search).toBe('')
    await person.hears(ADA)
    expect(await problems(person.page)).toEqual([])
    expect(await stage.evidence.at('console')).toEqual([])
    expect(await stage.evidence.at('log error')).toEqual([])
  },
)

test('a violation of the policy and a picture without words would be seen', async () => {
  const stage = await openStage()
  await stage.serve()
  const person = await stage.person()
  await person.openChat()
  const seen = person.page.waitForEvent('console', (message) => message.text().includes('Content Security Policy'))
  await person.page.evaluate(() => {
    document.body.setAttribute('style', 'color: red')
    document.body.append(new Image())
  })
  await seen
  expect(await stage.evidence.at('console error')).toHaveLength(1)
  expect((await problems(person.page)).join()).toContain('image-alt')
})

/** What axe finds on a page: the rule, and where. */
async function problems(page: Page): Promise<readonly string[]> {
  // Through the debugger, where the page's policy does not apply.
  await page.evaluate(axeSource)
  return page.evaluate(async (rules) => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { runOnly: rules })
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
  }, RULES)
}
