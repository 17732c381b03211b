import { AgentCard } from '@a2a-js/sdk'
import { A2A_ERROR_CODE, A2AError, RequestMalformedError, toJsonRpcError } from '@a2a-js/sdk/errors'
import { JsonRpcTransportHandler, ServerCallContext, validateVersion } from '@a2a-js/sdk/server'
import { errorFacts } from '@countersign/core'
import type { A2aSection } from '../../config/a2a-schema.ts'
import { BearerTokens } from '../../identity/bearer-tokens.ts'
import type { RouteDeps } from '../../routes/route-deps.ts'
import { agentCard } from './agent-card.ts'
import { type AgentDeps, AgentTasks, type Caller } from './agent-tasks.ts'
import { A2A_PATH } from './paths.ts'
import { TakenMessages } from './taken-messages.ts'

/** One request as it came in. */
export interface AgentRequest {
  readonly body: unknown
  /** What the client says it speaks (A2A §3.6): an empty word means 0.3. */
  readonly version: string
}

/** An answer of JSON-RPC, or many of them as they come. */
export type AgentAnswer = object | AsyncGenerator<object, void, undefined>

/** The workflow as an agent of the A2A protocol: its card, and what it answers to each request. */
export class Agent {
  /** Whose tokens let somebody in; undefined where everybody on this computer may ask. */
  readonly tokens: BearerTokens | undefined
  readonly #deps: RouteDeps
  readonly #section: A2aSection
  readonly #messages: TakenMessages

  constructor(deps: RouteDeps, section: A2aSection) {
    this.#deps = deps
    this.#section = section
    this.tokens = section.server_auth && new BearerTokens(section.server_auth, deps.runtime)
    this.#messages = new TakenMessages(deps)
  }

  /** @throws CountersignError `upstream_failed` when the authorization server does not say where its tokens are */
  async card(): Promise<object> {
    // The SDK writes plain JSON.
    return AgentCard.toJSON(await this.#card()) as object
  }

  /** Answers one request. A failure is an answer, too; of ours it tells nothing. */
  async answer({ body, version }: AgentRequest, caller: Caller): Promise<AgentAnswer> {
    const id = requestId(body)
    try {
      validateVersion(majorMinor(version), await this.#card(), 'JSONRPC')
      const deps: AgentDeps = {
        ...this.#deps,
        messages: this.#messages,
        card: () => this.#card(),
        reported: (error) => this.#reported(error),
      }
      const transport = new JsonRpcTransportHandler(new AgentTasks(deps, caller))
      // What is no object is refused there.
      const answer = await transport.handle(body as Record<string, unknown>, new ServerCallContext({ requestedVersion: version }))
      return Symbol.asyncIterator in answer ? await this.#begun(id, answer) : this.#withoutInsides(id, answer)
    } catch (error) {
      return this.#failure(id, error)
    }
  }

  async #card(): Promise<AgentCard> {
    const { publicOrigin, built } = this.#deps
    const tokenUrl = await this.tokens?.tokenEndpoint()
    return agentCard({ section: this.#section, built, url: `${publicOrigin}${A2A_PATH}`, tokenUrl })
  }

  /** A stream that cannot begin is an answer like any other. */
  async #begun(id: RequestId, stream: AsyncGenerator<object, void, undefined>): Promise<AgentAnswer> {
    const first = await stream.next()
    return first.done === true ? this.#failure(id, undefined) : this.#continued(id, first.value, stream)
  }

  async *#continued(id: RequestId, first: object, rest: AsyncGenerator<object, void, undefined>): AsyncGenerator<object, void, undefined> {
    try {
      yield first
      yield* rest
    } catch (error) {
      yield this.#failure(id, error)
    }
  }

  /** What the library itself stumbles over is what was sent: failures of ours are reported before it sees them. */
  #withoutInsides(id: RequestId, answer: object): object {
    const { error } = answer as { readonly error?: { readonly code: number; readonly data?: unknown } }
    if (error?.code !== A2A_ERROR_CODE.INTERNAL_ERROR || error.data !== undefined) return answer
    return this.#failure(id, new RequestMalformedError('The parameters are not those of the method.'))
  }

  #failure(id: RequestId, error: unknown): object {
    return { jsonrpc: '2.0', id, error: toJsonRpcError(this.#reported(error)) }
  }

  /** What went wrong is for the operator; whoever asked gets the name under which it stands in the log. */
  #reported(error: unknown): A2AError {
    if (error instanceof A2AError) return error
    const request = this.#deps.runtime.id()
    this.#deps.runtime.log.error('request failed', { request, path: A2A_PATH, ...errorFacts(error) })
    return new A2AError(`The agent could not do this now. If it goes on, tell its operator the number ${request}.`)
  }
}

type RequestId = string | number | null

/** By which a client tells answers apart (JSON-RPC 2.0 §4). */
function requestId(body: unknown): RequestId {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body.id : null
  return typeof id === 'string' || typeof id === 'number' ? id : null
}

/** Patch numbers are not considered (A2A §3.6). */
function majorMinor(version: string): string {
  return /^(\d+\.\d+)\.\d+$/.exec(version)?.[1] ?? (version === '' ? '0.3' : version)
}
