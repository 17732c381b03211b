import type { Store } from '@countersign/core'
import type { BrowserContext, Page } from 'playwright'
import { signInToServer, withSignIn } from './account.ts'
import { NAT_COOKIE, type NatUi, natUi } from './nat-ui.ts'
import { ADA, type Person, QUESTION } from './person.ts'
import type { Stage, StageOptions } from './stage.ts'
import type { RowName } from './who-is-asked.ts'

/** The browser in which the question was asked. */
export interface Asker {
  readonly context: BrowserContext
  ask(): Promise<void>
}

/** The browser that comes. */
export interface Comer {
  /** From here it opens sockets. */
  readonly page: Page
  /** Under which name of the server it opens pages. */
  readonly origin: string
  readonly socket: (conversationId: string) => { readonly url: string; readonly protocols: string[] }
  /** What it is each time anew. */
  readonly prepare?: () => Promise<void>
}

/** A question was asked, and somebody comes. */
export interface Scene {
  readonly stage: Stage
  readonly store: Store
  readonly asker: Asker
  readonly comer: Comer
}

type OpenStage = (options?: StageOptions) => Promise<Stage>

/** How each row of the table comes about. */
export const scenes: Readonly<Record<RowName, (openStage: OpenStage) => Promise<Scene>>> = {
  'same-tab': async (openStage) => {
    const { person, ...scene } = await askedInChat(openStage)
    return { ...scene, comer: ourComer(scene.stage, person.page) }
  },
  'other-tab': async (openStage) => {
    const { person, ...scene } = await askedInChat(openStage)
    return { ...scene, comer: ourComer(scene.stage, await tabAt(person.context, scene.stage.origin)) }
  },
  reopened: async (openStage) => {
    const { person, ...scene } = await askedInChat(openStage)
    const storageState = await person.context.storageState()
    await person.context.close()
    const again = await openChat(scene.stage, { storageState })
    return { ...scene, asker: askerIn(scene.store, again), comer: ourComer(scene.stage, again.page) }
  },
  'other-host-name': async (openStage) => {
    const { person, ...scene } = await askedInChat(openStage)
    const origin = scene.stage.origin.replace('localhost', '127.0.0.1')
    return { ...scene, comer: { ...ourComer(scene.stage, await tabAt(person.context, origin)), origin } }
  },
  nobody: async (openStage) => {
    const { person, ...scene } = await askedInChat(openStage)
    const { context } = await scene.stage.person({ bypassCSP: true })
    // A page of ours that asks for nothing: its origin may open sockets, and it has no session.
    const page = await tabAt(context, `${scene.stage.origin}/auth/page.css`)
    return { ...scene, comer: { ...ourComer(scene.stage, page), prepare: () => context.clearCookies() } }
  },
  stranger: async (openStage) => {
    const { person, ...scene } = await askedInChat(openStage)
    return { ...scene, comer: ourComer(scene.stage, (await openChat(scene.stage)).page) }
  },
  'same-person': (openStage) => signedInElsewhere(openStage, ADA),
  'other-person': (openStage) => signedInElsewhere(openStage, 'Grace Hopper'),
  'signs-in-meanwhile': async (openStage) => {
    const { person, ...scene } = await askedInChat(openStage, withSignIn)
    await signInHere(scene.stage, person, ADA)
    return { ...scene, comer: ourComer(scene.stage, person.page) }
  },
  'nat-ui': async (openStage) => {
    const { ui, user, ...scene } = await askedInNatUi(openStage, true)
    const { page } = await ui.open(user.page.context())
    return { ...scene, comer: await natComer(scene.stage, ui, page) }
  },
  'nat-ui-stranger': async (openStage) => {
    const { ui, user, ...scene } = await askedInNatUi(openStage, true)
    const { page } = await ui.open((await scene.stage.person()).context)
    return { ...scene, comer: await natComer(scene.stage, ui, page) }
  },
  'nat-ui-copied-cookie': async (openStage) => {
    const { ui, user, ...scene } = await askedInNatUi(openStage, false)
    const { context } = await scene.stage.person()
    await context.addCookies((await user.page.context().cookies()).filter(({ name }) => name === NAT_COOKIE))
    return { ...scene, comer: await natComer(scene.stage, ui, (await ui.open(context)).page) }
  },
}

async function signedInElsewhere(openStage: OpenStage, name: string): Promise<Scene> {
  const { stage, store, person } = await openChatOn(openStage, withSignIn)
  await signInHere(stage, person, ADA)
  const asker = askerIn(store, person)
  await asker.ask()
  const other = await openChat(stage)
  await signInHere(stage, other, name)
  return { stage, store, asker, comer: ourComer(stage, other.page) }
}

async function askedInChat(openStage: OpenStage, options?: StageOptions) {
  const opened = await openChatOn(openStage, options)
  const asker = askerIn(opened.store, opened.person)
  await asker.ask()
  return { ...opened, asker }
}

async function askedInNatUi(openStage: OpenStage, natSession: boolean) {
  const ui = await natUi()
  const stage = await openStage({ frontEnd: { cors: { allow_origins: [ui.origin] }, nat_session: natSession } })
  const { store } = await stage.serve()
  await ui.start(stage.origin)
  const user = await ui.open((await stage.person()).context)
  const asker = askerIn(store, user)
  await asker.ask()
  return { stage, store, asker, ui, user }
}

async function openChatOn(openStage: OpenStage, options?: StageOptions) {
  const stage = await openStage(options)
  const { store } = await stage.serve()
  return { stage, store, person: await openChat(stage) }
}

async function openChat(stage: Stage, options?: Parameters<Stage['person']>[0]): Promise<Person> {
  const person = await stage.person(options)
  await person.openChat()
  return person
}

async function tabAt(context: BrowserContext, address: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(address)
  return page
}

/** Signs in to this server itself. The provider forgets it, so that the next sign-in begins as the first. */
async function signInHere({ origin }: Stage, person: Person, name: string): Promise<void> {
  await signInToServer(person, origin, name)
  await person.context.clearCookies({ domain: '127.0.0.1' })
}

function ourComer({ origin }: Stage, page: Page): Comer {
  const url = (conversationId: string): string => `${origin.replace('http', 'ws')}/websocket?conversation_id=${conversationId}&last_seq=0`
  return { page, origin, socket: (conversationId) => ({ url: url(conversationId), protocols: ['countersign.v1'] }) }
}

async function natComer({ origin }: Stage, ui: NatUi, page: Page): Promise<Comer> {
  const session = (await page.context().cookies()).find(({ name }) => name === NAT_COOKIE)?.value ?? ''
  const base = `${ui.origin.replace('http', 'ws')}/ws?session=${session}`
  return { page, origin, socket: (conversationId) => ({ url: `${base}&conversation_id=${conversationId}`, protocols: [] }) }
}

/** Asks, and waits until the question that this needs is there. */
function askerIn(store: Store, person: { readonly page: Page; ask(question: string): Promise<void> }): Asker {
  return {
    context: person.page.context(),
    async ask() {
      const asked = new Promise<void>((resolve) => {
        const stop = store.subscribe('conversation', (_id, events) => {
          if (!events?.some(({ event }) => event.type === 'interaction-open')) return
          stop()
          resolve()
        })
      })
      await person.ask(QUESTION)
      await asked
    },
  }
}
