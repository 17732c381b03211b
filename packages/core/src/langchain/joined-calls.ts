import { CountersignError } from '../errors.ts'
import type { JsonObject } from '../protocol/json.ts'
import type { ModelEvent } from '../run/model.ts'

/** A piece of a tool call, as LangChain streams it. */
export interface CallPiece {
  readonly index?: number | undefined
  readonly id?: string | undefined
  readonly name?: string | undefined
  readonly args?: string | undefined
}

/** Puts the pieces of streamed tool calls together: pieces of one index belong to one call, unless they bring another id. */
export class JoinedCalls {
  readonly #model: string
  readonly #calls: { index: number | undefined; id: string | undefined; name: string; args: string }[] = []

  constructor(model: string) {
    this.#model = model
  }

  add(piece: CallPiece): void {
    const open = this.#calls.findLast((call) => continues(call, piece))
    if (open === undefined) {
      this.#calls.push({ index: piece.index, id: piece.id || undefined, name: piece.name ?? '', args: piece.args ?? '' })
      return
    }
    open.id ??= piece.id || undefined
    open.name += piece.name ?? ''
    open.args += piece.args ?? ''
  }

  /**
   * The calls, each whole, in the order in which they began.
   * @throws CountersignError `model_failed` when a call has no name or its arguments are no JSON object
   */
  finish(): readonly Extract<ModelEvent, { type: 'call' }>[] {
    return this.#calls.map(({ name, args }) => {
      if (name === '') throw new CountersignError('model_failed', `model "${this.#model}" asked for a call without naming the tool`)
      return { type: 'call', tool: name, input: parseArguments(this.#model, name, args) }
    })
  }
}

function continues(call: { index: number | undefined; id: string | undefined }, piece: CallPiece): boolean {
  const anotherId = Boolean(piece.id) && call.id !== undefined && piece.id !== call.id
  if (anotherId) return false
  if (piece.index !== undefined) return call.index === piece.index
  return Boolean(piece.id) && piece.id === call.id
}

function parseArguments(model: string, tool: string, text: string): JsonObject {
  const value = text.trim() === '' ? {} : parseJson(text)
  if (isObject(value)) return value
  throw new CountersignError('model_failed', `model "${model}" called "${tool}" with arguments that are not a JSON object`, {
    details: { model, tool },
  })
}

/** The parser's message is dropped on purpose: it quotes the arguments. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
