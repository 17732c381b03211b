import { CountersignError, defineFunction, defineTool, z } from '@countersign/server'

const record = z.looseObject({ status: z.enum(['active', 'inactive']) })

/** Reads a person's own record, with that person's authority: they are asked on their phone, for each call. */
export const isActiveEmployee = defineFunction({
  type: 'is_active_employee',
  config: z.strictObject({
    auth_provider: z.string().min(1).describe("An entry of authentication: the employee's phone."),
    api_url: z.url().describe('Where the HR API is.'),
    resource: z.url().describe('What the HR API is called at the authorization server.'),
  }),
  references: [{ key: 'auth_provider', to: 'authentication' }],
  create: ({ auth_provider, api_url, resource }, name) =>
    defineTool({
      name,
      description: 'Says whether the person with this employee id is an active employee. The person is asked on their phone first.',
      input: z.strictObject({ employee_id: z.string().regex(/^[\w-]{1,64}$/) }),
      auth: ({ employee_id }) => ({
        provider: auth_provider,
        scopes: ['openid', 'read:employee'],
        resource,
        origins: [new URL(api_url).origin],
        loginHint: employee_id,
        bindingMessage: 'Approve sharing your employment details with an external party.',
      }),
      idempotent: true,
      async execute({ employee_id }, { fetch }) {
        const url = new URL(`/employees/${encodeURIComponent(employee_id)}`, api_url)
        const response = await fetch(url, { headers: { accept: 'application/json' } })
        if (response.status === 404) return said(false)
        if (!response.ok) throw new CountersignError('upstream_failed', `the HR API answered with HTTP ${response.status}`)
        return said(record.parse(await response.json()).status === 'active')
      },
    }),
})

/** Nothing else of the record leaves this function: nobody asked for the position, and nobody approved it. */
function said(isActive: boolean): { active: boolean; answer: string; standing: string } {
  return { active: isActive, answer: isActive ? 'Yes' : 'No', standing: isActive ? 'is an active employee' : 'is not an active employee' }
}
