import { defineElements } from '../src/define-elements.ts'
import { CountersignChat } from '../src/elements/countersign-chat.ts'
import { VirtualBrowser } from '../src/testing/virtual-browser.ts'
import { scenes, type Scene } from './scenes.ts'

defineElements()
const main = document.querySelector('main') ?? document.body
const query = new URLSearchParams(location.search)
const scene = scenes[query.get('scene') ?? '']
if (scene === undefined) main.append(...Object.keys(scenes).map(linkTo))
else await play(scene)

function linkTo(name: string): HTMLElement {
  const link = document.createElement('a')
  link.href = `?scene=${name}`
  link.textContent = name
  const line = document.createElement('p')
  line.append(link)
  return line
}

async function play({ browser: prepare, log, live, act }: Scene): Promise<void> {
  const browser = new VirtualBrowser()
  browser.me = {
    principal: { id: 'ada', kind: 'user', name: 'Ada Lovelace' },
    workflow: { name: 'simple_auth', examples: ['Who am I logged in as?', 'What is 6 times 7?', 'Which e-mail address do I use?'] },
    connections: [],
  }
  prepare?.(browser)
  const chat = new CountersignChat()
  chat.runtime = browser
  chat.theme = query.get('theme') === 'dark' ? 'dark' : 'light'
  chat.setAttribute('theme', chat.theme)
  main.append(chat)
  await settled()
  browser.sockets.at(-1)?.replay(log ?? [])
  browser.sockets.at(-1)?.log(live ?? [], { after: log?.length ?? 0 })
  await settled()
  await act?.(chat, browser)
  await settled()
  document.body.dataset['ready'] = 'true'
}

async function settled(): Promise<void> {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setTimeout(resolve, 20))
}
