/** The workflow server as `countersign serve` puts it together, with a workflow that no configuration can name. */
import { dirname, join } from 'node:path'
import { build, loadConfig, nodeRuntime, openSqliteStore, pinoLog, serverSchema } from '@countersign/server'
import { writeFileSync } from 'node:fs'
import { benchWorkflow, instantModel } from './bench-workflow.ts'
import { argument, tellParent } from './parent.ts'

// The server's own modules, as built: what it exports starts only what a configuration names.
const [{ createApp }, { compose }, { listen }, { startScheduler }, { createSocketServer }] = await Promise.all([
  import(built('app')) as Promise<typeof import('../../../packages/server/src/app.ts')>,
  import(built('compose')) as Promise<typeof import('../../../packages/server/src/compose.ts')>,
  import(built('listen')) as Promise<typeof import('../../../packages/server/src/listen.ts')>,
  import(built('scheduler/scheduler')) as Promise<typeof import('../../../packages/server/src/scheduler/scheduler.ts')>,
  import(built('transports/websocket')) as Promise<typeof import('../../../packages/server/src/transports/websocket.ts')>,
])

const { file, model = 'instant' } = argument() as { file: string; model?: 'instant' | 'langchain' }
const runtime = nodeRuntime(pinoLog('error'))
const configFile = join(dirname(file), 'bench.yml')
writeFileSync(configFile, 'llms: { demo: { _type: keyword_router } }\nworkflow: { _type: tool_calling_agent, llm_name: demo }\n')
const { config } = await loadConfig({ file: configFile, schema: await serverSchema(), environment: {} })
const store = await openSqliteStore({ file, runtime })
const listening = await listen({ host: '127.0.0.1', port: 0 }, createSocketServer())
const publicOrigin = `http://127.0.0.1:${listening.port}`
const workflow = benchWorkflow(model === 'langchain' ? await chatModel() : instantModel, runtime)
const key = { id: 'bench', bytes: Uint8Array.from(runtime.randomBytes(32)) }
const { deps, paths } = compose({
  config,
  built: { ...(await build(config, runtime)), workflow },
  keys: { session: [key], vault: [key] },
  store,
  runtime,
  publicOrigin,
  limits: {},
  isDraining: () => false,
})
startScheduler(deps.runs, runtime)
listening.open(createApp(deps, paths))
tellParent(publicOrigin, { stats: () => ({ ...store.stats() }) })

/** LangChain is loaded only for the measurement with it. */
async function chatModel() {
  const [{ fromChatModel }, { InstantChatModel }] = await Promise.all([
    import('@countersign/core/langchain'),
    import('./instant-chat-model.ts'),
  ])
  return fromChatModel(new InstantChatModel())
}

function built(module: string): string {
  return new URL(`../../../packages/server/dist/${module}.js`, import.meta.url).href
}
