import axe from 'axe-core'
import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { scenes } from '../../dev/scenes.ts'
import { MountedChat } from '../testing/mount-chat.ts'
import { VirtualBrowser } from '../testing/virtual-browser.ts'

/** Nothing but colours depends on the theme. */
const rules = {
  light: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  dark: ['color-contrast', 'link-in-text-block'],
} as const
const widths = { desk: 1280, phone: 390 } as const

const cases = Object.keys(scenes).flatMap((name) =>
  (['desk', 'phone'] as const).flatMap((width) => (['light', 'dark'] as const).map((theme) => [name, width, theme] as const)),
)

test.each(cases)('axe finds nothing in "%s" at the width of a %s, %s', async (name, width, theme) => {
  await page.viewport(widths[width], 800)
  document.documentElement.lang = 'en'
  document.title = 'Chat'
  const chat = await play(name, theme)
  const { violations } = await axe.run(chat.element, { runOnly: [...rules[theme]] })
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' ')}`),
  ).toEqual([])
})

async function play(name: string, theme: string): Promise<MountedChat> {
  const scene = scenes[name] ?? {}
  const browser = new VirtualBrowser()
  scene.browser?.(browser)
  const chat = new MountedChat(browser)
  chat.element.setAttribute('theme', theme)
  await chat.settle()
  if (browser.sockets.length > 0) await chat.replay(scene.log ?? [])
  if (scene.live !== undefined) await chat.happen(...scene.live)
  await scene.act?.(chat.element, browser)
  return chat.settle()
}
