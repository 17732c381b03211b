import { z } from 'zod'
import type { AuthProvider } from '../auth/auth-provider.ts'
import { CountersignError } from '../errors.ts'
import type { Presence } from '../protocol/principal.ts'
import { defineProvider } from './define-provider.ts'
import { scopeSet } from './oauth-scopes.ts'

/** Who may be there, and whom to ask then. What asks on a device of the person's own reaches them anywhere, so it is tried before another front. */
const order: Readonly<Record<Presence, readonly Presence[]>> = {
  browser: ['browser', 'nobody', 'terminal'],
  terminal: ['terminal', 'nobody', 'browser'],
  // What needs a browser or a terminal would ask where nobody looks.
  nobody: ['nobody'],
}

const inChain = 'one chain cannot stand in another: name its entries here'
const unseen = 'it asks in front of somebody, and nobody is there'
const name = z.string().min(1).optional()

const chainConfig = z
  .strictObject({
    browser: name.describe('The entry of "authentication" to ask with where a chat page is open. Default: nobody, then terminal.'),
    terminal: name.describe('The one to ask with where the agent runs in a terminal. Default: nobody, then browser.'),
    nobody: name.describe('The one to ask with where no front is: it must reach the person, or need none.'),
  })
  .refine(
    ({ browser, terminal, nobody }) => [browser, terminal, nobody].some((entry) => entry !== undefined),
    'give at least one of "browser", "terminal", "nobody"',
  )

/** Stands for other providers: which of them is asked depends on who is there. */
export const providerChain = defineProvider({
  type: 'chain',
  config: chainConfig,
  references: [
    { key: 'browser', to: 'authentication', refuses: { chain: inChain } },
    { key: 'terminal', to: 'authentication', refuses: { chain: inChain } },
    { key: 'nobody', to: 'authentication', refuses: { chain: inChain, oauth2_auth_code_flow: unseen, oauth2_device_code: unseen } },
  ],
  create: createChain,
})

function createChain(config: z.output<typeof chainConfig>, { name: entry }: { readonly name: string }): AuthProvider {
  return {
    type: 'chain',
    notifies: false,
    reuse: 'principal',
    host: entry,
    clientId: '',
    scopesOf: ({ scopes }) => scopeSet(scopes),
    choose(presence) {
      const chosen = order[presence].map((each) => config[each]).find((named) => named !== undefined)
      if (chosen !== undefined) return chosen
      throw new CountersignError(
        'invalid_config',
        `auth provider "${entry}" has nobody to ask where ${places[presence]}: give "${presence}"`,
      )
    },
    async begin() {
      throw new CountersignError('invalid_config', `auth provider "${entry}" only stands for others: the one it chooses is asked`)
    },
  }
}

const places: Readonly<Record<Presence, string>> = {
  browser: 'a chat page is open',
  terminal: 'the agent runs in a terminal',
  nobody: 'no front is',
}
