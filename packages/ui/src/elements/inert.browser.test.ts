import type { Question, RunEvent } from '@countersign/core/protocol'
import { appeared } from '../../dev/touch.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { asked, called, closed, ended, finished, replied, started, updated } from '../testing/canned-events.ts'
import { deepAll } from '../testing/deep-query.ts'
import { mountChat } from '../testing/mount-chat.ts'
import { VirtualBrowser } from '../testing/virtual-browser.ts'

const payloads = [
  '<img src="https://evil.example/x.png" onerror="window.acted=1">',
  '<img src=x onerror=window.acted=1>',
  '[click](javascript:window.acted=1)',
  '[click](JaVaScRiPt&colon;window.acted=1)',
  '[click](data:text/html,<script>window.acted=1</script>)',
  '[click](vbscript:x)',
  '![picture](https://evil.example/x.png)',
  '![picture](javascript:window.acted=1)',
  '<iframe srcdoc="<script>parent.acted=1</script>"></iframe>',
  '<form action="https://evil.example"><input name="a"><button>go</button></form>',
  '<div style="position:fixed;inset:0;z-index:99999;background:red">overlay</div>',
  '<svg onload="window.acted=1"><style>*{display:none}</style></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=window.acted=1>',
  '<style>@import "https://evil.example/x.css"</style><link rel=stylesheet href=https://evil.example/x.css>',
  '<a href="https://good.example" onclick="window.acted=1" id="account" class="button">x</a>',
  '<script>window.acted=1</script><object data="https://evil.example"></object><base href="https://evil.example">',
  '```html\n<img src=x onerror=window.acted=1>\n```',
]

const FORBIDDEN = 'img, iframe, form[action], script, object, embed, base, link, video, audio'
const FORBIDDEN_IN_MARKDOWN = 'style, svg, math, input, button, form, [style], [id], [class]:not(.host, .table, .body)'

const requests: string[] = []
const observer = new PerformanceObserver((list) => requests.push(...list.getEntries().map(({ name }) => name)))

beforeEach(() => {
  requests.length = 0
  Reflect.deleteProperty(window, 'acted')
  observer.observe({ type: 'resource' })
})
afterEach(() => observer.disconnect())

test.each(payloads)('%s does nothing, wherever it stands', async (payload) => {
  const chat = await mountChat([...everywhere(payload)])
  for (const details of deepAll(chat.element, 'details')) details.open = true
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
  expect(Reflect.get(window, 'acted')).toBeUndefined()
  expect(requests.filter((url) => url.includes('evil.example'))).toEqual([])
  expect(deepAll(chat.element, 'countersign-markdown').length).toBeGreaterThan(0)
  expect(deepAll(chat.element, FORBIDDEN)).toEqual([])
  const answers = deepAll(chat.element, 'countersign-markdown')
  expect(answers.flatMap((answer) => deepAll(answer, FORBIDDEN_IN_MARKDOWN))).toEqual([])
  expect(deepAll(chat.element, '[onerror], [onload], [onclick]')).toEqual([])
  expect(deepAll(chat.element, '*').filter((element) => getComputedStyle(element).zIndex === '99999')).toEqual([])
  for (const link of deepAll(chat.element, 'a[href]')) {
    expect(link.getAttribute('href')).toMatch(/^(https?|mailto):/)
    expect(link).toMatchObject({ target: '_blank' })
    expect(link.getAttribute('rel')).toContain('noopener')
  }
})

test.each(payloads)('%s does nothing as the name of a person, an account, a scope or a browser, nor as a complaint', async (payload) => {
  const browser = new VirtualBrowser()
  const connection = { id: payload, provider: payload, host: payload, scopes: [payload], connectedAt: 0, expiresAt: 0 }
  const session = { id: payload, isCurrent: false, createdAt: 0, lastSeenAt: 0, browser: payload }
  browser.me = {
    principal: { id: payload, kind: 'user', name: payload },
    signIn: { host: payload, required: false },
    workflow: { name: payload, description: payload, examples: [payload] },
    connections: [connection],
  }
  browser.sessions = [session]
  browser.answer = { status: 200, body: { revoked: false } }
  const chat = await mountChat([], browser)
  browser.socket.complain(payload)
  await chat.click('Account:')
  await appeared(chat.element, 'dialog[open]')
  await (await (await chat.settle()).click('Disconnect')).wait(300)
  await chat.click(`Disconnect ${payload}`.trim().split('\n')[0] ?? '')
  expect(chat.words('countersign-account-panel')).toContain('did not confirm')
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
  expect(Reflect.get(window, 'acted')).toBeUndefined()
  expect(requests.filter((url) => url.includes('evil.example'))).toEqual([])
  expect(deepAll(chat.element, `${FORBIDDEN}, style`)).toEqual([])
  expect(deepAll(chat.element, '[onerror], [onload], [onclick]')).toEqual([])
  for (const link of deepAll(chat.element, 'a[href]')) expect(link.getAttribute('href')).toMatch(/^https:\/\/chat\.example\/auth\/sign-in/)
})

test('HTML in an answer is shown as the text it is', async () => {
  const chat = await mountChat([started('hi'), ...replied('a <b>bold</b> claim')])
  expect(chat.words('countersign-markdown')).toBe('a <b>bold</b> claim')
})

test('a link says which host it leads to, unless its words are the address', async () => {
  const chat = await mountChat([started('hi'), ...replied('[https://bank.example](https://evil.example/x) and https://good.example/y')])
  expect(chat.words('countersign-markdown')).toContain('https://bank.example (evil.example) and https://good.example/y')
})

/** The payload in every place where text from elsewhere is shown. */
function everywhere(payload: string): readonly RunEvent[] {
  const option = { id: 'a', label: payload, value: payload, description: payload }
  const choice: Question = { kind: 'radio', text: payload, options: [option] }
  const approval: Question = {
    kind: 'binary_choice',
    text: payload,
    options: [option, option],
    approval: { tool: payload, arguments: { [payload]: payload } },
  }
  return [
    started(payload),
    ...replied(payload),
    called(payload, { [payload]: payload }),
    { type: 'tool-progress', runId: 'run-1', callId: `call of ${payload}`, text: payload },
    ended(payload, payload),
    asked(choice),
    updated(choice, { problem: payload, again: payload }),
    asked(approval, { id: 'question-2' }),
    asked(choice, { id: 'question-3' }),
    closed('failed', payload, { id: 'question-3' }),
    ...askedElsewhere(payload),
    finished('failed', payload),
  ]
}

function askedElsewhere(payload: string): readonly RunEvent[] {
  const about = { provider: payload, host: payload, scopes: [payload], tool: payload }
  const backchannel: Question = { kind: 'backchannel', text: payload, backchannel: { ...about, bindingMessage: payload } }
  const address = { verificationUri: payload, verificationUriComplete: payload }
  const coded: Question = { kind: 'device_code', text: payload, device: { ...about, userCode: payload, ...address } }
  return [
    asked(backchannel, { id: 'question-4' }),
    asked(backchannel, { id: 'question-5' }),
    closed('answered', payload, { id: 'question-5' }),
    asked(coded, { id: 'question-6' }),
  ]
}
