import {
  Consents,
  DEFAULT_RUN_LIMITS,
  Receipts,
  Runs,
  type Runtime,
  type Store,
  TokenVault,
  type Transaction,
  type Visitor,
  createSealer,
  defineTool,
  defineWorkflow,
  providerOf,
} from '@countersign/core'
import { authorizationCode } from '@countersign/core/providers'
import { nodeRuntime, openSqliteStore, pinoLog } from '@countersign/server'
import { z } from 'zod'

/** A sign-in whose person has just been sent back by the authorization server. */
export interface Returned {
  readonly callback: URL
  readonly flow: string
  readonly conversationId: string
  readonly person: string
}

/** The part of a server that leads people to an authorization server and takes them back, on a store in a file. */
export class SignIns {
  readonly #store: Store
  readonly #runs: Runs
  readonly #consents: Consents
  #count = 0
  readonly #clock: Clock

  constructor({ store, base, clock }: { store: Store; base: Runtime; clock: Clock }, issuer: string) {
    this.#clock = clock
    const runtime: Runtime = {
      ...base,
      // The API answers at once: what is measured is the way to it.
      fetch: (input, init) =>
        String(input instanceof Request ? input.url : input).startsWith(API) ? Promise.resolve(Response.json({})) : base.fetch(input, init),
    }
    const keys = [{ id: 'bench', bytes: Uint8Array.from(runtime.randomBytes(32)) }] as const
    const sealer = createSealer(keys, runtime)
    const provider = authorizationCode.create(authorizationCode.config.parse({ issuer, client_id: 'bench', scopes: ['openid'] }), {
      name: 'demo',
    })
    const providers = new Map([['demo', provider]])
    const workflow = defineWorkflow({ name: 'workflow', model, tools: [ask], providers }, runtime)
    const redirectUri = 'http://127.0.0.1/auth/redirect'
    const shared = { store, runtime, sealer, vault: new TokenVault({ store, runtime, sealer }), owner: runtime.id(), redirectUri }
    this.#store = store
    this.#runs = new Runs({
      ...shared,
      receipts: new Receipts(() => keys, runtime),
      workflow: () => workflow,
      startUrl: (id) => `http://127.0.0.1/auth/start/${id}`,
      limits: DEFAULT_RUN_LIMITS,
    })
    this.#consents = new Consents({
      ...shared,
      provider: (name) => providerOf(providers, name),
      exchangeDeadlineMs: DEFAULT_RUN_LIMITS.exchangeDeadlineMs,
    })
  }

  /** Somebody asks, is asked to sign in, opens it and is sent back. */
  async prepare(person = `user-${this.#count + 1}`): Promise<Returned> {
    const conversationId = await this.#ask(person)
    const question = await this.#until(conversationId, async (transaction) => {
      const [open] = await transaction.find('interactions', { conversationId, state: 'pending' })
      return open
    })
    const opened = await this.#consents.open(question.id, [visitor(person)], undefined)
    if (opened.outcome !== 'redirect') throw new Error(`the sign-in could not be opened: ${opened.outcome}`)
    const sent = new URL(opened.url).searchParams
    const answer = new URLSearchParams({ code: sent.get('nonce') ?? '', state: sent.get('state') ?? '' })
    return { callback: new URL(`http://127.0.0.1/auth/redirect?${answer.toString()}`), flow: opened.flow, conversationId, person }
  }

  /** What is measured: from the callback to a token that lies sealed in the database. @returns how long it took, milliseconds */
  async finish({ callback, flow, conversationId, person }: Returned): Promise<number> {
    const startedAt = performance.now()
    const { outcome } = await this.#consents.finish(callback, [flow], [visitor(person)])
    const elapsedMs = performance.now() - startedAt
    if (outcome !== 'granted') throw new Error(`the sign-in was not granted: ${outcome}`)
    await this.#ended(conversationId)
    return elapsedMs
  }

  /** Two hours pass. */
  letTokensExpire(): void {
    this.#clock.aheadMs += 2 * 60 * 60_000
  }

  /** Asks the API in a conversation of its own; the person is signed in. */
  async askApi(person: string): Promise<void> {
    await this.#ended(await this.#ask(person))
  }

  async #ask(person: string): Promise<string> {
    this.#count += 1
    const conversationId = `conversation-${this.#count}`
    await this.#runs.start({ workflow: 'workflow', conversationId, messageId: 'm1', text: 'Ask', visitor: visitor(person) })
    return conversationId
  }

  async #ended(conversationId: string): Promise<void> {
    const ended = await this.#until(conversationId, async (transaction) => {
      const [run] = await transaction.find('runs', { conversationId })
      return run?.endedAt == null ? undefined : run
    })
    if (ended.state !== 'done') throw new Error(`the run of "${conversationId}" ended as ${ended.state}`)
  }

  /** Looks now and whenever the conversation has grown, until there is something to see. */
  async #until<T>(conversationId: string, look: (transaction: Transaction) => Promise<T | undefined>): Promise<T> {
    let hasGrown = (): void => undefined
    const stop = this.#store.subscribe('conversation', (id) => {
      if (id === conversationId) hasGrown()
    })
    try {
      while (true) {
        const grown = new Promise<void>((resolve) => {
          hasGrown = resolve
        })
        const seen = await this.#store.transact('look', look)
        if (seen !== undefined) return seen
        await grown
      }
    } finally {
      stop()
    }
  }
}

/** Opens a store in a file and lets `work` use it. */
export async function withSignIns<T>(options: { file: string; issuer: string }, work: (signIns: SignIns) => Promise<T>): Promise<T> {
  const clock: Clock = { aheadMs: 0 }
  const base = { ...nodeRuntime(pinoLog('error')), now: () => Date.now() + clock.aheadMs }
  const store = await openSqliteStore({ file: options.file, runtime: base })
  try {
    return await work(new SignIns({ store, base, clock }, options.issuer))
  } finally {
    await store.close()
  }
}

/** How far the sign-ins' clock is ahead of the computer's. */
interface Clock {
  aheadMs: number
}

const API = 'http://127.0.0.1:1/api'

const ask = defineTool({
  name: 'ask_api',
  description: 'Asks the API.',
  input: z.strictObject({}),
  auth: { provider: 'demo' },
  execute: async (_input, { fetch }) => (await fetch(API)).status,
})

const model: Parameters<typeof defineWorkflow>[0]['model'] = {
  name: 'instant',
  async *stream({ messages }) {
    if (messages.at(-1)?.role === 'user') yield { type: 'call', tool: 'ask_api', input: {} }
    else yield { type: 'text', text: 'Done.' }
  },
}

function visitor(person: string): Visitor {
  return { principal: { id: `user:${person}`, kind: 'user', roles: [] }, sessionId: null }
}
