import type { JsonValue } from '@countersign/core/protocol'

/** One socket as the client uses it; what arrives and what happens comes through the listener given at opening. */
export interface OpenSocket {
  send(text: string): void
  close(code?: number): void
}

/** What a socket reports; `onClose` is called once, also when it never opened. */
export interface SocketListener {
  onOpen(): void
  onMessage(text: string): void
  onClose(code: number): void
}

/** A window we opened. Whether it is closed is a hint, never an outcome. */
export interface PopupWindow {
  readonly closed: boolean
  focus(): void
  close(): void
}

/** Everything outside the page's own elements that the chat touches: time, chance, network, storage and windows. */
export interface BrowserRuntime {
  /** The page's own origin. */
  readonly origin: string
  /** The page's path and query, to come back to. */
  readonly path: string
  /** Epoch milliseconds. */
  now(): number
  random(): number
  uuid(): string
  /** @returns a function that cancels it */
  setTimer(callback: () => void, delayMs: number): () => void
  /** Calls back before the next paint, or shortly after if the page is hidden. @returns a function that cancels it */
  nextFrame(callback: () => void): () => void
  isOnline(): boolean
  /** @returns a function that stops listening */
  onOnlineChange(callback: (isOnline: boolean) => void): () => void
  openSocket(url: string, subprotocol: string, listener: SocketListener): OpenSocket
  fetchJson(url: string): Promise<unknown>
  /** Asks the server to change something; rejects only when no answer came. */
  postJson(url: string, body: JsonValue): Promise<JsonAnswer>
  recall(scope: StorageScope, key: string): string | null
  remember(scope: StorageScope, key: string, value: string): void
  forget(scope: StorageScope, key: string): void
  /** @returns null when the browser refused it */
  openPopup(url: string, name: string, features: string): PopupWindow | null
  copyText(text: string): Promise<void>
  /** Shows in the page's title how many things wait for the person; 0 shows nothing. */
  showCount(count: number): void
}

/** What the server answered to a request that changes something. */
export interface JsonAnswer {
  /** HTTP status. */
  readonly status: number
  /** Null when the answer had no JSON in it. */
  readonly body: unknown
}

/** `tab`: gone with the tab; `browser`: kept on this device. */
export type StorageScope = 'tab' | 'browser'

/** The runtime of a real browser page. */
export function browserRuntime(): BrowserRuntime {
  return {
    origin: location.origin,
    get path() {
      return location.pathname + location.search
    },
    now: () => Date.now(),
    random: () => Math.random(),
    uuid: randomUuid,
    setTimer(callback, delayMs) {
      const timer = setTimeout(callback, delayMs)
      return () => clearTimeout(timer)
    },
    nextFrame,
    isOnline: () => navigator.onLine,
    onOnlineChange,
    openSocket,
    fetchJson,
    postJson,
    recall: (scope, key) => attempt(() => storage(scope).getItem(key)) ?? null,
    remember(scope, key, value) {
      attempt(() => storage(scope).setItem(key, value))
    },
    forget(scope, key) {
      attempt(() => storage(scope).removeItem(key))
    },
    openPopup: (url, name, features) => window.open(url, name, features),
    copyText: (text) => navigator.clipboard.writeText(text),
    showCount(count) {
      const title = document.title.replace(/^\(\d+\) /, '')
      document.title = count === 0 ? title : `(${count}) ${title}`
    },
  }
}

const HIDDEN_FRAME_MS = 100

/** Hidden pages get no animation frames, but their title must still tell of a question. */
function nextFrame(callback: () => void): () => void {
  if (document.hidden) {
    const timer = setTimeout(callback, HIDDEN_FRAME_MS)
    return () => clearTimeout(timer)
  }
  const frame = requestAnimationFrame(callback)
  return () => cancelAnimationFrame(frame)
}

function onOnlineChange(callback: (isOnline: boolean) => void): () => void {
  const listener = (): void => callback(navigator.onLine)
  window.addEventListener('online', listener)
  window.addEventListener('offline', listener)
  return () => {
    window.removeEventListener('online', listener)
    window.removeEventListener('offline', listener)
  }
}

function openSocket(url: string, subprotocol: string, listener: SocketListener): OpenSocket {
  const socket = new WebSocket(url, subprotocol)
  socket.addEventListener('open', () => listener.onOpen())
  socket.addEventListener('message', (event) => listener.onMessage(String(event.data)))
  socket.addEventListener('close', (event) => listener.onClose(event.code))
  return socket
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { credentials: 'same-origin', headers: { accept: 'application/json' } })
  if (!response.ok) throw new Error(`"${url}" answered ${response.status}`)
  return response.json()
}

/** The header is one that no form and no page of another origin can send unasked. */
async function postJson(url: string, body: JsonValue): Promise<JsonAnswer> {
  const headers = { accept: 'application/json', 'content-type': 'application/json', 'x-countersign': '1' }
  const response = await fetch(url, { method: 'POST', credentials: 'same-origin', headers, body: JSON.stringify(body) })
  return { status: response.status, body: await response.json().catch(() => null) }
}

function storage(scope: StorageScope): Storage {
  return scope === 'tab' ? sessionStorage : localStorage
}

/** Storage may be forbidden by the browser's settings; the chat then simply forgets. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** `crypto.randomUUID` exists on https and loopback only; a plain http address gets the same from random bytes (RFC 9562 §5.4). */
function randomUuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
