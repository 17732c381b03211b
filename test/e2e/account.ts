import type { Me } from '@countersign/core/protocol'
import type { APIResponse, BrowserContext } from 'playwright'
import { ADA, type Person, signIn } from './person.ts'

/** The workflow of a server that signs people in itself. */
export const withSignIn = { frontEnd: { sign_in: { provider: 'demo' } } } as const

/** Signs in to the server itself, in the tab of the chat, and comes back to it. */
export async function signInToServer(person: Person, origin: string, name = ADA): Promise<void> {
  await person.page.goto(`${origin}/auth/sign-in?return=/`)
  await signIn(person.page, name)
  await person.page.waitForURL(`${origin}/`)
  await person.page.getByRole('textbox').waitFor()
}

/** Who the browser is to the server. */
export async function me(person: Person, origin: string): Promise<Me> {
  const response = await person.context.request.get(`${origin}/api/me`)
  return (await response.json()) as Me
}

/** Asks the server for something about the account, as the chat does. */
export function post(person: Person, address: string, body: object = {}): Promise<APIResponse> {
  const { origin } = new URL(address)
  return person.context.request.post(address, { data: body, headers: { origin, 'x-countersign': '1' } })
}

/** The name and value of the browser's session cookie. */
export async function sessionCookie(context: BrowserContext): Promise<{ readonly name: string; readonly value: string }> {
  const found = (await context.cookies()).find(({ name }) => name.endsWith('-session') && name.startsWith('countersign'))
  if (!found) throw new Error('there is no session cookie')
  return found
}

/** Shows a person's conversation in another browser, as a link to it would. */
export async function openSameConversation(person: Person, other: Person): Promise<void> {
  const key = 'countersign.conversation'
  const id = await person.page.evaluate((name) => sessionStorage.getItem(name), key)
  await other.context.addInitScript(([name, value]) => sessionStorage.setItem(name ?? '', value ?? ''), [key, id] as const)
  await other.openChat()
}

/** Opens a socket beside that of the chat, marks the page once it is open, and waits for the server to close it. @returns the code */
export function closeCode(person: Person): Promise<number> {
  return person.page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const url = `${location.origin.replace('http', 'ws')}/websocket?conversation_id=of-its-own`
        const socket = new WebSocket(url, 'countersign.v1')
        socket.addEventListener('close', ({ code }) => resolve(code))
        socket.addEventListener('open', () => document.documentElement.setAttribute('data-socket', 'open'))
      }),
  )
}
