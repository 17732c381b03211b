import { nodeRuntime, pinoLog } from '@countersign/server'
import { approvalWorkflow, instantModel } from './approval-workflow.ts'
import { startBenchServer } from './bench-server.ts'
import { argument, tellParent } from './parent.ts'

const { file, model } = argument() as { file: string; model: 'scripted' | 'langchain' }
const workflow = approvalWorkflow(model === 'scripted' ? instantModel() : await chatModel(), nodeRuntime(pinoLog('error')))
const { address, store } = await startBenchServer(workflow, file)
tellParent(address, { stats: () => ({ ...store.stats() }) })

/** LangChain is loaded only for the measurement with it. */
async function chatModel() {
  const [{ fromChatModel }, { InstantChatModel }] = await Promise.all([
    import('@countersign/core/langchain'),
    import('./instant-chat-model.ts'),
  ])
  return fromChatModel(new InstantChatModel())
}
