import type { Provider } from 'oidc-provider'
import { detailWords, parseDetails } from '../authorization-details.ts'
import type { DetailWords } from '../authorization-details.ts'
import type { DemoResources } from '../demo-resources.ts'
import type { DemoRuntime } from '../runtime.ts'
import { saveGrant } from '../save-grant.ts'
import { askedScopes, splitScope, textsOf } from '../scope-words.ts'
import type { AskedScope } from '../scope-words.ts'

/** Why a code is not taken. */
export type CodeProblem = 'unknown' | 'expired' | 'used' | 'too_many'

/** A device that waits for its person. */
export interface WaitingDevice {
  readonly problem?: undefined
  /** As the device shows it. */
  readonly userCode: string
  readonly clientId: string
  readonly clientName: string
  readonly scopes: readonly AskedScope[]
  readonly details: readonly DetailWords[]
}

/** What the codes are looked up in. */
export interface DeviceCodesDeps {
  readonly provider: Provider
  readonly resources: DemoResources
  readonly runtime: Pick<DemoRuntime, 'now'>
}

/** The codes that devices show: each is decided once, and nobody may guess on and on (RFC 8628 §5.1). */
export class DeviceCodes {
  readonly #deps: DeviceCodesDeps
  readonly #decided = new Set<string>()
  readonly #wrongGuesses = new Map<string, number>()

  constructor(deps: DeviceCodesDeps) {
    this.#deps = deps
  }

  /**
   * The device behind a typed code, whose case and punctuation do not matter.
   * @param guesser counts the wrong codes of one session
   */
  async find(typed: string, guesser: string): Promise<WaitingDevice | { readonly problem: CodeProblem }> {
    if ((this.#wrongGuesses.get(guesser) ?? 0) >= GUESSES) return { problem: 'too_many' }
    const found = await this.#codeOf(typed)
    if (found === undefined) return this.#wrong(guesser)
    const { code, client } = found
    if (code.isExpired) return { problem: 'expired' }
    if (code.error !== undefined || code.accountId !== undefined || this.#decided.has(code.jti)) return { problem: 'used' }
    const { params = {} } = code
    return {
      userCode: shown(code.userCode),
      clientId: client.clientId,
      clientName: client.clientName ?? client.clientId,
      scopes: askedScopes(splitScope(params['scope']), this.#deps.resources, textsOf(params['resource'])),
      details: detailWords(parseDetails(params['authorization_details'])),
    }
  }

  /** Writes down the decision, if it is the first; whether it was. */
  async decide(userCode: string, { accountId, isAllowed }: { readonly accountId: string; readonly isAllowed: boolean }): Promise<boolean> {
    const found = await this.#codeOf(userCode)
    if (found === undefined || found.code.isExpired || this.#decided.has(found.code.jti)) return false
    const { code, client } = found
    this.#decided.add(code.jti)
    const [oldest] = this.#decided
    if (this.#decided.size > LIMIT && oldest !== undefined) this.#decided.delete(oldest)
    if (!isAllowed) {
      code.error = 'access_denied'
      await code.save()
      return true
    }
    const { params = {} } = code
    const resources = textsOf(params['resource'])
    const scopes = askedScopes(splitScope(params['scope']), this.#deps.resources, resources).map(({ scope }) => scope)
    const details = parseDetails(params['authorization_details'])
    const { provider, resources: known, runtime } = this.#deps
    const grant = await saveGrant(provider, known, { accountId, clientId: client.clientId, scopes, resources })
    Object.assign(code, {
      accountId,
      grantId: grant.jti,
      scope: scopes.join(' '),
      authTime: Math.floor(runtime.now() / 1000),
      ...(resources.length > 0 && { resource: resources.length === 1 ? resources[0] : resources }),
      ...(details.length > 0 && { rar: details }),
    })
    await code.save()
    return true
  }

  clear(): void {
    this.#decided.clear()
    this.#wrongGuesses.clear()
  }

  async #codeOf(typed: string) {
    const { provider } = this.#deps
    const code = await provider.DeviceCode.findByUserCode(typed.toUpperCase().replace(/\W/g, ''), { ignoreExpiration: true })
    const client = code && (await provider.Client.find(code.clientId ?? ''))
    return code === undefined || client === undefined ? undefined : { code, client }
  }

  #wrong(guesser: string): { readonly problem: CodeProblem } {
    this.#wrongGuesses.set(guesser, (this.#wrongGuesses.get(guesser) ?? 0) + 1)
    const [oldest] = this.#wrongGuesses.keys()
    if (this.#wrongGuesses.size > LIMIT && oldest !== undefined) this.#wrongGuesses.delete(oldest)
    return { problem: 'unknown' }
  }
}

const GUESSES = 10
const LIMIT = 1000

/** oidc-provider keeps codes without their dash. */
function shown(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}
