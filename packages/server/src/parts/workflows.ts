import type { Model, Tool, WorkflowParts } from '@countersign/core'
import { z } from 'zod'
import type { ComponentDefinition } from '../config/component.ts'

/** What the workflow entry of a file comes to: what runs, and how the chat presents it. */
export interface Agent extends Omit<WorkflowParts, 'name' | 'providers'> {
  /** Shown as the chat's heading. */
  readonly title?: string
  readonly description?: string
  /** What the chat suggests to ask first. Default: the examples of the tools. */
  readonly examples?: readonly string[]
}

/** Makes the other entries of the file by their names. @throws CountersignError `invalid_config` for a name that is not there */
export interface Entries {
  model(name: string): Model
  tool(name: string): Tool
}

/** A sort of workflow: what its entry in a workflow file looks like, and the agent it makes. */
export interface WorkflowDefinition<Config extends z.ZodType = z.ZodType> extends ComponentDefinition<Config> {
  create(config: z.output<Config>, entries: Entries): Agent
}

/** Lets a definition's `create` know the type of its own configuration. */
export function defineWorkflowType<Config extends z.ZodType>(definition: WorkflowDefinition<Config>): WorkflowDefinition {
  return definition
}

/** A tool-calling agent, with NAT's names; NAT's `react_agent` means the same here, since models call tools natively. */
const agentConfig = z
  .strictObject({
    llm_name: z.string().min(1).describe('The entry of "llms" that answers.'),
    tool_names: z.array(z.string().min(1)).default([]).describe('The entries of "functions" that it may call.'),
    title: z.string().min(1).max(80).optional().describe('The heading of the chat.'),
    description: z.string().optional().describe('What the chat says of it.'),
    examples: z
      .array(z.string().min(1).max(200))
      .max(8)
      .default([])
      .describe('What the chat suggests to ask first. Default: the examples of the tools.'),
    system_prompt: z.string().optional().describe('What the model is told first.'),
    additional_instructions: z.string().optional().describe('What it is told after that.'),
    max_history: z.int().min(2).max(1000).default(30).describe('How many messages of the conversation the model sees.'),
    max_tool_calls: z.int().min(1).max(100).default(15).describe('How many replies with calls one question may take.'),
  })
  .describe('An agent that answers questions and calls tools for it.')

const ignored = [
  'verbose',
  'retry_agent_response_parsing_errors',
  'retry_parsing_errors',
  'parse_agent_response_max_retries',
  'max_retries',
  'tool_call_max_retries',
  'pass_tool_call_errors_to_agent',
  'raise_on_parsing_failure',
  'include_tool_input_schema_in_tool_description',
  'normalize_tool_input_quotes',
  'use_native_tool_calling',
  'workflow_alias',
  'log_response_max_chars',
  'handle_tool_errors',
]

/** The workflows that come with the server. */
export const workflows: readonly WorkflowDefinition[] = [toolCallingAgent('tool_calling_agent'), toolCallingAgent('react_agent')]

function toolCallingAgent(type: string): WorkflowDefinition {
  return defineWorkflowType({
    type,
    config: agentConfig,
    references: [
      { key: 'tool_names', to: 'functions' },
      { key: 'llm_name', to: 'llms' },
    ],
    aliases: { max_iterations: 'max_tool_calls' },
    ignored,
    create(config, entries) {
      const systemPrompt = [config.system_prompt, config.additional_instructions].filter((text) => text !== undefined).join('\n\n')
      return {
        model: entries.model(config.llm_name),
        tools: config.tool_names.map((name) => entries.tool(name)),
        maxHistory: config.max_history,
        maxTurns: config.max_tool_calls + 1,
        ...(systemPrompt !== '' && { systemPrompt }),
        ...(config.title !== undefined && { title: config.title }),
        ...(config.description !== undefined && { description: config.description }),
        ...(config.examples.length > 0 && { examples: config.examples }),
      }
    },
  })
}
