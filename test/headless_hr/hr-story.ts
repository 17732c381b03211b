import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog, type Store } from '@countersign/core'
import type { DemoProviderOptions } from '@countersign/demo-provider'
import { type RingingRequest, TestPhone } from '@countersign/demo-provider/testing'
import { loadConfig, serve, serverSchema } from '@countersign/server'
import { onTestFinished } from 'vitest'
import { type Agent, connectAgent } from '../../examples/headless_hr/src/connect-agent.ts'
import type { Registration } from '../../examples/headless_hr/src/agent-token.ts'
import { askAgent, type Outcome } from '../../examples/headless_hr/src/ask-agent.ts'
import { plugin } from '../../examples/headless_hr/src/plugin.ts'
import { CLIENTS, RESOURCES } from '../../examples/headless_hr/src/registrations.ts'
import { type Staff0, startStaff0 } from '../../examples/headless_hr/src/start-staff0.ts'
import { workflowFile } from '../../examples/headless_hr/src/workflow-file.ts'

/** The client of the example, as the authorization server knows it. */
export const QUESTIONER: Omit<Registration, 'issuer'> = { ...CLIENTS.questioner, resource: RESOURCES.agent.id }

/** Staff0 with its agent, each a real server on a port of its own, for the length of a test. */
export interface HrStory {
  readonly staff0: Staff0
  readonly agentUrl: string
  /** Each state of the task, as the client was told it, but `submitted`: an agent that begins at once may never say it. */
  readonly states: readonly string[]
  /** The agent's. */
  readonly store: Store
  /** How often a phone was made to ring. */
  readonly rings: () => number
  readonly connect: (registration?: Omit<Registration, 'issuer'>) => Promise<Agent>
  /** @param onState is told the task's id with each of its states */
  readonly ask: (question: string, onState?: (state: string, taskId: string) => void) => Promise<Outcome>
  /** Somebody approves the next request on their phone. */
  readonly approve: (login: string) => Promise<void>
  readonly deny: (login: string) => Promise<void>
}

/** What a test has otherwise than the example. */
export interface StoryOptions {
  readonly provider?: Omit<DemoProviderOptions, 'port'>
  readonly overrides?: Readonly<Record<string, string>>
}

/** Starts all of it; only the agent is in this process, so that it runs from its sources. */
export async function openStory({ provider, overrides = {} }: StoryOptions = {}): Promise<HrStory> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-hr-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  let rings = 0
  const intercept = ({ url }: { readonly url?: string | undefined }): boolean => {
    if (url === '/oauth/bc-authorize') rings += 1
    return false
  }
  const staff0 = await startStaff0({ provider: 0, hrApi: 0, directory: 0 }, { pollIntervalSeconds: 1, intercept, ...provider })
  onTestFinished(() => staff0.stop())
  const own = {
    plugins: '',
    'general.front_end.port': '0',
    'store.url': `sqlite:${join(folder, 'hr.db')}`,
    'keys.file': join(folder, 'keys'),
  }
  const { config } = await loadConfig({
    file: workflowFile,
    schema: serverSchema([plugin]),
    overrides: [...staff0.overrides, ...Object.entries({ ...own, ...overrides }).map(([path, value]) => ({ path, value }))],
    environment: staff0.environment,
  })
  const agent = await serve(config, { log: silentLog, lookEveryMs: 50, front: 'a2a' })
  onTestFinished(() => agent.stop())
  const states: string[] = []
  const { issuer } = staff0.provider
  const connect = (registration: Omit<Registration, 'issuer'> = QUESTIONER): Promise<Agent> =>
    connectAgent(agent.publicOrigin, { ...registration, issuer })
  const rung = async (login: string): Promise<RingingRequest> => (await TestPhone.of(staff0.provider.issuer, login)).nextRequest()
  return {
    staff0,
    agentUrl: agent.publicOrigin,
    states,
    store: agent.store,
    rings: () => rings,
    connect,
    approve: async (login) => (await rung(login)).approve(),
    deny: async (login) => (await rung(login)).deny(),
    async ask(question, onState) {
      const { client } = await connect()
      return askAgent(client, question, ({ state }, taskId) => {
        if (state !== 'submitted' || states.length > 0) states.push(state)
        onState?.(state, taskId)
      })
    },
  }
}
