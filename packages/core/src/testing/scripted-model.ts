import type { JsonObject } from '../protocol/json.ts'
import type { Message } from '../protocol/message.ts'
import type { Model, ModelEvent, ModelRequest } from '../run/model.ts'

/** One reply of a scripted model: pieces of text and calls, in the order in which they come. */
export type ScriptedReply = readonly (string | { readonly call: string; readonly input?: JsonObject } | { readonly fail: string })[]

/** A model that says what its script says, as a function of what it is asked; `requests` remembers what that was. */
export interface ScriptedModel extends Model {
  readonly requests: readonly (readonly Message[])[]
}

/**
 * @param script the reply to a history, or a list of replies: the n-th answers when the newest user message has n-1 replies behind it,
 * so that asking again after a crash gives the same reply
 */
export function scriptedModel(script: readonly ScriptedReply[] | ((messages: readonly Message[]) => ScriptedReply)): ScriptedModel {
  const requests: (readonly Message[])[] = []
  const replyTo = typeof script === 'function' ? script : (messages: readonly Message[]) => script[repliesSinceUser(messages)] ?? ['…']
  return {
    name: 'scripted',
    requests,
    async *stream({ messages, signal }: ModelRequest): AsyncIterable<ModelEvent> {
      requests.push(messages)
      for (const piece of replyTo(messages)) {
        signal.throwIfAborted()
        if (typeof piece === 'string') yield { type: 'text', text: piece }
        else if ('fail' in piece) throw new Error(piece.fail)
        else yield { type: 'call', tool: piece.call, input: piece.input ?? {} }
      }
    },
  }
}

function repliesSinceUser(messages: readonly Message[]): number {
  const from = messages.findLastIndex((message) => message.role === 'user')
  return messages.slice(from + 1).filter((message) => message.role === 'assistant').length
}
