import { type AuthProvider, CountersignError, Registry, type Runtime, type Tool, type Workflow, defineWorkflow } from '@countersign/core'
import type { FunctionDefinition } from '../parts/function-definition.ts'
import { llms } from '../parts/llms.ts'
import { whoAmI } from '../parts/who-am-i.ts'
import { type AgentConfig, workflows } from '../parts/workflows.ts'
import type { ComponentDefinition, ConfiguredComponent } from './component.ts'
import type { Config } from './load-config.ts'
import { type ConfigSchema, buildConfigSchema } from './schema.ts'

const functions = new Registry<FunctionDefinition>('function type', { who_am_i: whoAmI })

/** What a configuration comes to: one workflow and the providers its tools need. */
export interface Built {
  readonly workflow: Workflow
  readonly agent: AgentConfig
  readonly providers: ReadonlyMap<string, AuthProvider>
}

/** The schema of the parts that come with the server. */
export async function serverSchema(): Promise<ConfigSchema> {
  const { providers } = await import('@countersign/core/providers')
  const definitions = providers.names().map((type): [string, ComponentDefinition] => [type, providers.get(type)])
  return buildConfigSchema({ functions, llms, workflows, authentication: new Registry('auth provider', Object.fromEntries(definitions)) })
}

/** The composition root: entries become parts. Nothing is connected to, and no model or protocol library is loaded yet. */
export async function build(config: Config, runtime: Runtime): Promise<Built> {
  const providers = await buildProviders(config)
  // The workflow's schema has read it.
  const agent = config.workflow.config as AgentConfig
  const tools = agent.tool_names.map((name): Tool => toolOf(entry(config.functions, name)))
  const { config: llmConfig, name: llmName, type: llmType } = entry(config.llms, agent.llm_name)
  const systemPrompt = [agent.system_prompt, agent.additional_instructions].filter((text) => text !== undefined).join('\n\n')
  const workflow = defineWorkflow(
    {
      name: 'workflow',
      model: llms.get(llmType).create(llmConfig, llmName),
      tools,
      providers,
      maxHistory: agent.max_history,
      maxTurns: agent.max_tool_calls + 1,
      ...(systemPrompt !== '' && { systemPrompt }),
    },
    runtime,
  )
  return { workflow, agent, providers }
}

async function buildProviders({ authentication }: Config): Promise<ReadonlyMap<string, AuthProvider>> {
  const { providers } = await import('@countersign/core/providers')
  return new Map([...authentication.values()].map(({ name, type, config }) => [name, providers.get(type).create(config, { name })]))
}

function toolOf({ name, type, config }: ConfiguredComponent): Tool {
  return functions.get(type).create(config, name)
}

function entry(entries: ReadonlyMap<string, ConfiguredComponent>, name: string): ConfiguredComponent {
  const found = entries.get(name)
  if (!found) throw new CountersignError('invalid_config', `"${name}" is not configured`)
  return found
}
