import { CountersignError, defineFunction, defineTool, z } from '@countersign/server'

const answer = z.looseObject({ users: z.array(z.looseObject({ id: z.string(), name: z.string() })).max(1) })

/** Looks somebody up in the directory, with the agent's own authority: nobody is asked. */
export const getEmployeeIdByEmail = defineFunction({
  type: 'get_employee_id_by_email',
  config: z.strictObject({
    auth_provider: z.string().min(1).describe('An entry of authentication: the agent at the directory.'),
    api_url: z.url().describe('Where the directory is.'),
    resource: z.url().describe('What the directory is called at the authorization server.'),
  }),
  references: [{ key: 'auth_provider', to: 'authentication' }],
  create: ({ auth_provider, api_url, resource }, name) =>
    defineTool({
      name,
      description: 'Gives the employee id and the name of the person with this work email; both are null when there is no such person.',
      input: z.strictObject({ work_email: z.email() }),
      auth: { provider: auth_provider, scopes: ['read:users'], resource, origins: [new URL(api_url).origin] },
      idempotent: true,
      async execute({ work_email }, { fetch }) {
        const url = new URL('/users', api_url)
        url.searchParams.set('email', work_email)
        const response = await fetch(url, { headers: { accept: 'application/json' } })
        if (!response.ok) throw new CountersignError('upstream_failed', `the directory answered with HTTP ${response.status}`)
        const [user] = answer.parse(await response.json()).users
        return { employee_id: user?.id ?? null, name: user?.name ?? null }
      },
    }),
})
