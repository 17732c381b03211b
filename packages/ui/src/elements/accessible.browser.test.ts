import axe from 'axe-core'
import { expect, test } from 'vitest'
import { scenes } from '../../dev/scenes.ts'
import { mountChat } from '../testing/mount-chat.ts'
import { VirtualBrowser } from '../testing/virtual-browser.ts'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const cases = Object.keys(scenes).flatMap((name) => [
  [name, 'light'],
  [name, 'dark'],
])

test.each(cases)('axe finds nothing in "%s", %s', async (name = '', theme = '') => {
  document.documentElement.lang = 'en'
  document.title = 'Chat'
  const scene = scenes[name] ?? {}
  const browser = new VirtualBrowser()
  scene.browser?.(browser)
  const chat = await mountChat(scene.log ?? [], browser)
  chat.element.setAttribute('theme', theme)
  await chat.happen(...(scene.live ?? []))
  await scene.act?.(chat.element, browser)
  await chat.settle()
  await chat.element.updateComplete
  const { violations } = await axe.run(chat.element, { runOnly: RULES })
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' ')}`),
  ).toEqual([])
})
