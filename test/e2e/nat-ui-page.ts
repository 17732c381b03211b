// The page of the stand-in for NAT's own UI (commit 360f602): what that UI does with frames, as far as a person notices it. It runs in the browser.

interface Frame {
  readonly type: string
  readonly id: string
  readonly thread_id?: string
  readonly parent_id?: string
  readonly conversation_id?: string
  readonly status?: string
  readonly content?: {
    readonly text?: string | null
    readonly name?: string
    readonly payload?: string
    readonly message?: string
    readonly details?: string
    readonly input_type?: string
    readonly timeout?: number | null
    readonly error?: string | null
    readonly options?: readonly { readonly label: string; readonly value: string }[]
  }
}

interface Step {
  readonly id: string
  readonly name: string
  readonly payload: string
  readonly steps: Step[]
}

interface Message {
  readonly role: 'user' | 'assistant'
  text: string
  readonly steps: Step[]
  readonly errors: string[]
}

const KNOWN_TYPES = ['system_response', 'system_intermediate', 'system_interaction', 'observability_trace', 'error'].map(
  (kind) => `${kind}_message`,
)
const RETRIES = 3

// A conversation lives as long as its tab; a reload finds it again.
const conversationId = (sessionStorage['conversation'] ??= crypto.randomUUID()) as string
const activeKey = `activeUserMessageId_${conversationId}`
const messages = JSON.parse(String(sessionStorage['messages'] ?? '[]')) as Message[]
let activeMessageId: string | null = null
let isStreaming = false
let socket: WebSocket | undefined

function find<T extends HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector)
  if (!found) throw new Error(`the page has no ${selector}`)
  return found
}

function connect(retry = 0): void {
  const session = /nemo-agent-toolkit-session=([^;]*)/.exec(document.cookie)?.[1] ?? ''
  const address = `ws://${location.host}/ws?session=${encodeURIComponent(session)}&conversation_id=${conversationId}`
  const opened = new WebSocket(address)
  opened.onopen = () => {
    socket = opened
    activeMessageId ??= sessionStorage.getItem(activeKey)
    toast('WebSocket connected')
  }
  opened.onmessage = ({ data }: MessageEvent<string>) => receive(JSON.parse(data) as Frame)
  opened.onclose = () => {
    if (retry < RETRIES) setTimeout(() => connect(retry + 1), 1_000)
    else toast('WebSocket connection failed. Ensure the backend server is running.')
  }
}

function receive(frame: Frame): void {
  if (!KNOWN_TYPES.includes(frame.type)) return toast(`WebSocket Error: invalid structure: ${JSON.stringify(frame)}`)
  if (!frame.conversation_id?.trim()) return toast(`WebSocket Error: no conversation_id: ${JSON.stringify(frame)}`)
  // What is for nobody is dropped without a word.
  if (activeMessageId === null || frame.conversation_id !== conversationId) return
  if (frame.type === 'system_response_message' && frame.status === 'complete') return void setTimeout(endTurn, 200)
  if (frame.type === 'system_interaction_message') {
    ask(frame)
    // For the tests alone: a sign-in that the browser does not open leaves no trace that could be waited for.
    return console.debug('asked')
  }
  append(frame)
  render()
}

function append({ type, id, parent_id: parentId, content = {} }: Frame): void {
  if (type === 'system_response_message' && content.text) lastAnswer().text += content.text
  if (type === 'error_message') lastAnswer().errors.push(`${content.message ?? ''} ${content.details ?? ''}`)
  if (type === 'system_intermediate_message')
    putStep(lastAnswer().steps, { id, name: content.name ?? '', payload: content.payload ?? '', steps: [] }, parentId)
}

/** Ids are not looked at: what comes belongs to the last answer, or begins one. */
function lastAnswer(): Message {
  const last = messages.at(-1)
  if (last?.role === 'assistant') return last
  const begun: Message = { role: 'assistant', text: '', steps: [], errors: [] }
  messages.push(begun)
  return begun
}

/** The same id and name take the older one's place, and what was below it is lost; else it goes below its parent, or to the end. */
function putStep(steps: Step[], step: Step, parentId: string | undefined): void {
  const every = (list: Step[]): Step[][] => [list, ...list.flatMap((each) => every(each.steps))]
  for (const list of every(steps)) {
    const at = list.findIndex(({ id, name }) => id === step.id && name === step.name)
    if (at >= 0) return void list.splice(at, 1, step)
  }
  const parent = every(steps)
    .flat()
    .find(({ id }) => id === parentId)
  ;(parent?.steps ?? steps).push(step)
}

function endTurn(): void {
  isStreaming = false
  activeMessageId = null
  sessionStorage.removeItem(activeKey)
  render()
}

function ask(frame: Frame): void {
  const { input_type: kind, text } = frame.content ?? {}
  if (kind === 'notification') return toast(text ?? '')
  if (kind !== 'oauth_consent') return openModal(frame)
  if (!isAddress(text ?? '')) return toast('Invalid OAuth URL received. Please contact support.')
  // Without a click or a key within the last seconds, browsers open nothing, and with "noopener" the UI is not told.
  if (navigator.userActivation.isActive) window.open(text ?? '', '_blank', 'noopener,noreferrer')
}

function isAddress(text: string): boolean {
  if (/\s/.test(text) || text.length > 8_192 || !URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}

let stopCountdown = (): void => undefined

/** A prompt takes the place of the one before without a trace, and cannot be dismissed. Two kinds have a title and no controls. */
function openModal(frame: Frame): void {
  const { content = {} } = frame
  const modal = find('#modal')
  const title = Object.assign(document.createElement('h2'), { textContent: content.text ?? '' })
  const remaining = document.createElement('output')
  modal.replaceChildren(title, remaining, ...controls(frame))
  modal.hidden = false
  stopCountdown()
  if (typeof content.timeout !== 'number') return
  let seconds = content.timeout
  const show = (): void => void (remaining.textContent = `Time remaining: ${seconds}`)
  show()
  const timer = setInterval(() => {
    seconds -= 1
    show()
    if (seconds <= 0) {
      toast(content.error ?? 'This prompt is no longer available.')
      closeModal()
    }
  }, 1_000)
  stopCountdown = () => clearInterval(timer)
}

function controls(frame: Frame): readonly HTMLElement[] {
  const { input_type: kind, options = [] } = frame.content ?? {}
  if (kind === 'text') {
    const input = document.createElement('textarea')
    return [input, button('Submit', () => answer(frame, input.value))]
  }
  if (kind === 'binary_choice') return options.map(({ label, value }) => button(label, () => answer(frame, value)))
  if (kind !== 'radio') return []
  const labels = options.map(({ label, value }) => {
    const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'option', value })
    const shown = document.createElement('label')
    shown.append(input, label)
    return shown
  })
  return [...labels, button('Submit', () => answer(frame, find<HTMLInputElement>('#modal input:checked').value))]
}

function answer({ thread_id: thread, parent_id: parent }: Frame, text: string): void {
  send({ type: 'user_interaction_message', id: crypto.randomUUID(), thread_id: thread, parent_id: parent }, text)
  closeModal()
}

function closeModal(): void {
  stopCountdown()
  find('#modal').hidden = true
}

function say(text: string): void {
  if (isStreaming || text.trim() === '') return
  const id = crypto.randomUUID()
  activeMessageId = id
  sessionStorage.setItem(activeKey, id)
  isStreaming = true
  messages.push({ role: 'user', text, steps: [], errors: [] })
  send({ type: 'user_message', schema_type: 'chat_stream', id }, text)
  render()
}

function send(frame: object, text: string): void {
  const content = { messages: [{ role: 'user', content: [{ type: 'text', text }] }] }
  socket?.send(JSON.stringify({ ...frame, conversation_id: conversationId, content, timestamp: new Date().toISOString() }))
}

/** Tells the server nothing: from now on the page only does not look. */
function stop(): void {
  activeMessageId = null
  sessionStorage.removeItem(activeKey)
  isStreaming = false
  render()
}

function toast(text: string): void {
  find('#toasts').append(Object.assign(document.createElement('p'), { textContent: text }))
}

function button(label: string, onClick: () => void): HTMLButtonElement {
  const made = Object.assign(document.createElement('button'), { textContent: label })
  made.addEventListener('click', onClick)
  return made
}

function render(): void {
  sessionStorage['messages'] = JSON.stringify(messages)
  find('#messages').replaceChildren(...messages.map(shownMessage))
  find('#stop').hidden = !isStreaming
}

/** An answer that has neither text nor steps is not shown, and its errors with it. */
function shownMessage({ role, text, steps, errors }: Message): HTMLElement {
  const shown = Object.assign(document.createElement('article'), { className: role })
  if (role === 'assistant' && text.trim() === '' && steps.length === 0) return shown
  const said = Object.assign(document.createElement('p'), { textContent: text })
  const boxes = errors.map((error) => Object.assign(document.createElement('strong'), { textContent: error }))
  shown.append(...steps.map(shownStep), said, ...boxes)
  return shown
}

function shownStep({ name, payload, steps }: Step): HTMLElement {
  const shown = document.createElement('section')
  const body = document.createElement('p')
  // Of its markdown, what can be clicked.
  for (const [index, part] of payload.split(/\[([^\]]*)\]\(([^)]*)\)/).entries())
    if (index % 3 === 0) body.append(part)
    else if (index % 3 === 1) body.append(Object.assign(document.createElement('a'), { textContent: part, target: '_blank' }))
    else body.lastElementChild?.setAttribute('href', part)
  shown.append(Object.assign(document.createElement('h3'), { textContent: name }), body, ...steps.map(shownStep))
  return shown
}

find('#composer').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.target instanceof HTMLTextAreaElement)) return
  event.preventDefault()
  say(event.target.value)
  if (isStreaming) event.target.value = ''
})
find('#stop').addEventListener('click', stop)
render()
connect()
