import { A2A_PROTOCOL_VERSION, type AgentCard, type AgentSkill, type SecurityRequirement, type SecurityScheme } from '@a2a-js/sdk'
import type { Built } from '../../config/build.ts'
import type { A2aSection, ServerAuth } from '../../config/a2a-schema.ts'

const TEXT = ['text/plain']
const SCHEME = 'oauth2'

/** What a card is made of. */
export interface CardParts {
  readonly section: A2aSection
  readonly built: Pick<Built, 'agent' | 'workflow'>
  /** Where the agent is asked. */
  readonly url: string
  /** Where its callers get their tokens; undefined where they need none. */
  readonly tokenUrl: string | undefined
}

/** What the agent says of itself to whoever asks (A2A §8): made of the workflow and the configuration, never of a secret. */
export function agentCard({ section, built, url, tokenUrl }: CardParts): AgentCard {
  const { agent } = built
  const name = section.name ?? agent.title ?? 'Countersign'
  const description = section.description ?? agent.description ?? name
  const { skills, server_auth: auth } = section
  return {
    name,
    description,
    version: section.version,
    supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: A2A_PROTOCOL_VERSION, tenant: '' }],
    capabilities: { streaming: true, pushNotifications: false, extendedAgentCard: false, extensions: [] },
    provider: undefined,
    ...securityOf(auth, tokenUrl),
    defaultInputModes: [...TEXT, 'application/json'],
    defaultOutputModes: TEXT,
    skills:
      skills.length > 0
        ? skills.map(skillOf)
        : [skillOf({ id: 'ask', name, description, tags: ['questions'], examples: examplesOf(built) })],
    signatures: [],
  }
}

/** The client credentials grant: callers are programs. */
function securityOf(
  auth: ServerAuth | undefined,
  tokenUrl: string | undefined,
): Pick<AgentCard, 'securitySchemes' | 'securityRequirements'> {
  if (!auth || tokenUrl === undefined) return { securitySchemes: {}, securityRequirements: [] }
  const scopes = Object.fromEntries(auth.scopes.map((scope) => [scope, `Ask this agent (${scope})`]))
  const description = `Access tokens for the audience ${auth.audience}`
  const flow = { $case: 'clientCredentials' as const, value: { tokenUrl, refreshUrl: '', scopes } }
  const scheme: SecurityScheme['scheme'] = {
    $case: 'oauth2SecurityScheme',
    value: { description, flows: { flow }, oauth2MetadataUrl: auth.discovery_url ?? '' },
  }
  const requirement: SecurityRequirement = { schemes: { [SCHEME]: { list: [...auth.scopes] } } }
  return { securitySchemes: { [SCHEME]: { scheme } }, securityRequirements: [requirement] }
}

function skillOf({ id, name, description, tags, examples }: A2aSection['skills'][number]): AgentSkill {
  return { id, name, description, tags: [...tags], examples: [...examples], inputModes: [], outputModes: [], securityRequirements: [] }
}

function examplesOf({ agent, workflow }: CardParts['built']): string[] {
  return agent.examples.length > 0 ? [...agent.examples] : workflow.toolDescriptions.flatMap((tool) => tool.examples?.slice(0, 1) ?? [])
}
