import { CountersignError, defineFunction, defineTool, z } from '@countersign/server'

const me = z.looseObject({ name: z.string() })

/** Acts in the person's own name, so it needs their sign-in; the token goes where `fetch` goes, and nowhere else. */
export const inviteTeam = defineFunction({
  type: 'invite_team',
  config: z.strictObject({
    auth_provider: z.string().min(1).describe('An entry of authentication.'),
    api_url: z.url().describe('Where the calendar says whose it is.'),
  }),
  references: [{ key: 'auth_provider', to: 'authentication' }],
  create: ({ auth_provider, api_url }, name) =>
    defineTool({
      name,
      description: 'Invites the team to lunch, in the name of whoever asks.',
      input: z.strictObject({}),
      auth: { provider: auth_provider, scopes: [] },
      examples: ['Invite the team'],
      async execute(_input, { fetch }) {
        const response = await fetch(api_url, { headers: { accept: 'application/json' } })
        if (!response.ok) throw new CountersignError('upstream_failed', `the calendar answered with HTTP ${response.status}`)
        const { name: host } = me.parse(await response.json())
        return { sentence: `The team is invited, and the invitation is from ${host}.` }
      },
    }),
})
