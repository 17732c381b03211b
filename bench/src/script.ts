/** What people say to the measured servers, and what these say and do; both sides go by it. */
export const SAYINGS = { pay: 'Pay Bob 50', tell: 'Tell me something', stream: 'Tell me much', drip: 'Tell me slowly' } as const

/** A short reply, of as many tokens as the floor's. */
export const TOKENS: readonly string[] = Array.from({ length: 20 }, (_, index) => `token${index} `)

/** A long reply: bursts of ten tokens, between which the event loop has its turn, as between the packets of a provider. */
export async function* longReply(): AsyncGenerator<string> {
  for (let burst = 0; burst < 200; burst += 1) {
    for (let index = 0; index < 10; index += 1) yield TOKENS[index] ?? ''
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** A reply whose tokens come one by one, so that none can be joined with the next. */
export async function* dripReply(): AsyncGenerator<string> {
  for (let index = 0; index < 200; index += 1) {
    yield TOKENS[index % TOKENS.length] ?? ''
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** The arguments of the one call. */
export const TRANSFER = { amount: 50, to: 'Bob' } as const
