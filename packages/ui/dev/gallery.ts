import { defineElements } from '../src/define-elements.ts'
import { CountersignChat } from '../src/elements/countersign-chat.ts'
import { VirtualBrowser } from '../src/testing/virtual-browser.ts'
import type { Scene } from './scene.ts'
import { scenes } from './scenes.ts'
import { drawn } from './touch.ts'

/** The address names the scene after the `#`, and the theme: `gallery.html#consent-live&dark`. Without a scene it lists them all. */
defineElements()
const main = document.querySelector('main') ?? document.body
window.addEventListener('hashchange', () => void show())
await show()

async function show(): Promise<void> {
  const [name = '', theme = 'light'] = location.hash.slice(1).split('&')
  delete document.body.dataset['scene']
  main.replaceChildren()
  const scene = scenes[name]
  if (scene === undefined) main.append(...Object.keys(scenes).map(linkTo))
  else await play(scene, theme === 'dark' ? 'dark' : 'light')
  document.body.dataset['scene'] = location.hash
  document.body.dataset['scenes'] = Object.keys(scenes).join(' ')
}

function linkTo(name: string): HTMLElement {
  const link = document.createElement('a')
  link.href = `#${name}`
  link.textContent = name
  const line = document.createElement('p')
  line.append(link)
  return line
}

async function play({ browser: prepare, log = [], live = [], act }: Scene, theme: 'light' | 'dark'): Promise<void> {
  const browser = new VirtualBrowser()
  browser.me = {
    principal: { id: 'ada', kind: 'user', name: 'Ada Lovelace' },
    workflow: {
      name: 'Simple auth',
      description: 'Asks a provider who you are, with your own sign-in.',
      examples: ['Who am I logged in as?', 'What is 6 times 7?', 'Which e-mail address do I use?'],
    },
    connections: [],
  }
  prepare?.(browser)
  const chat = new CountersignChat()
  chat.runtime = browser
  chat.setAttribute('theme', theme)
  main.append(chat)
  await drawn()
  if (browser.sockets.length > 0) {
    browser.socket.replay(log)
    browser.socket.log(live, { after: log.length })
  }
  await drawn()
  await act?.(chat, browser)
  await drawn()
}
