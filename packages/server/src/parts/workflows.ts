import { Registry } from '@countersign/core'
import { z } from 'zod'
import type { ComponentDefinition } from '../config/component.ts'

/** A tool-calling agent, with NAT's names; NAT's `react_agent` means the same here, since models call tools natively. */
const agentConfig = z.strictObject({
  llm_name: z.string().min(1),
  tool_names: z.array(z.string().min(1)).default([]),
  description: z.string().optional(),
  system_prompt: z.string().optional(),
  additional_instructions: z.string().optional(),
  /** How many messages of the conversation the model sees. */
  max_history: z.int().min(2).max(1000).default(30),
  /** How many replies one question may take. */
  max_tool_calls: z.int().min(1).max(100).default(15),
  /** What the chat suggests to ask first. */
  examples: z.array(z.string().min(1).max(200)).max(8).default([]),
  /** Shown as the chat's heading. */
  title: z.string().min(1).max(80).optional(),
})

export type AgentConfig = z.output<typeof agentConfig>

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

function agent(type: string): ComponentDefinition {
  return {
    type,
    config: agentConfig,
    references: [
      { key: 'tool_names', to: 'functions' },
      { key: 'llm_name', to: 'llms' },
    ],
    aliases: { max_iterations: 'max_tool_calls' },
    ignored,
  }
}

/** The workflows that come with the server, by the `_type` of the entry. */
export const workflows = new Registry<ComponentDefinition>('workflow type', {
  tool_calling_agent: agent('tool_calling_agent'),
  react_agent: agent('react_agent'),
})
