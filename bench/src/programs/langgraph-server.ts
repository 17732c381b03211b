/** The same conversation on LangGraph, as its guide builds it: a node for the model, a node for the tool that interrupts, a checkpointer. */
import { AIMessageChunk, type BaseMessage, HumanMessage, ToolMessage, isAIMessage } from '@langchain/core/messages'
import { type BaseCheckpointSaver, Command, END, MessagesAnnotation, START, StateGraph, interrupt } from '@langchain/langgraph'
import type { DatabaseAt } from '../floors/append-log.ts'
import { type NatAnswer, serveChat } from '../floors/nat-answer.ts'
import { TRANSFER } from '../script.ts'
import { InstantChatModel } from './instant-chat-model.ts'
import { argument } from './parent.ts'

const model = new InstantChatModel()
const graph = new StateGraph(MessagesAnnotation)
  .addNode('model', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
  .addNode('tool', ({ messages }) => ({ messages: [transfer(messages)] }))
  .addEdge(START, 'model')
  .addConditionalEdges('model', ({ messages }) => (callOf(messages) ? 'tool' : END), ['tool', END])
  .addEdge('tool', 'model')
  .compile({ checkpointer: await openSaver(argument() as object as DatabaseAt) })

serveChat({
  say: (text, answer) => advance({ messages: [new HumanMessage(text)] }, answer),
  approve: (answer) => advance(new Command({ resume: 'approve' }), answer),
})

/** Both commit as durably as ours. */
async function openSaver({ file, url }: DatabaseAt): Promise<BaseCheckpointSaver> {
  if (url !== undefined) {
    const { PostgresSaver } = await import('@langchain/langgraph-checkpoint-postgres')
    const saver = PostgresSaver.fromConnString(url)
    await saver.setup()
    return saver
  }
  const { SqliteSaver } = await import('@langchain/langgraph-checkpoint-sqlite')
  const saver = SqliteSaver.fromConnString(file)
  saver.db.pragma('synchronous = FULL')
  return saver
}

/** Before the tool does anything it asks; the node is run again with the answer. */
function transfer(messages: readonly BaseMessage[]): ToolMessage {
  const call = callOf(messages)
  interrupt(call?.args)
  return new ToolMessage({ tool_call_id: call?.id ?? '', content: JSON.stringify({ paid: TRANSFER.amount, to: TRANSFER.to }) })
}

function callOf(messages: readonly BaseMessage[]) {
  const last = messages.at(-1)
  return last && isAIMessage(last) ? last.tool_calls?.[0] : undefined
}

/** Runs the graph until it asks or ends, and sends what it says on the way. */
async function advance(input: Parameters<typeof graph.stream>[0], answer: NatAnswer): Promise<void> {
  const parts = await graph.stream(input, {
    configurable: { thread_id: answer.conversationId },
    streamMode: ['messages', 'updates'],
  })
  let isAsking = false
  for await (const [mode, part] of parts) {
    if (mode === 'messages') {
      const [message] = part
      if (message instanceof AIMessageChunk && message.text !== '') answer.text(message.text)
    } else if ('__interrupt__' in part) isAsking = true
    else if (part.tool) answer.step({ paid: TRANSFER.amount, to: TRANSFER.to })
  }
  if (!isAsking) return answer.end()
  // Only now is the interrupt kept: an answer to a question that was sent when it came would have been lost.
  answer.step(TRANSFER)
  answer.ask()
}
