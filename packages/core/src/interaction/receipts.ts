import type { InteractionResponse, Question } from '../protocol/interaction.ts'
import { toBase64url } from '../runtime/base64url.ts'
import { canonicalJson } from '../runtime/canonical-json.ts'
import { hmacSha256 } from '../runtime/hmac.ts'
import { keyNamed, type KeySource, type SealingKey } from '../runtime/key-source.ts'
import { areEqualTexts } from '../runtime/equal-texts.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { InteractionRow } from '../store/rows.ts'
import { questionDigest } from './interactions.ts'

/** An answer as it is written down. */
export interface GivenAnswer {
  readonly response: InteractionResponse | null
  readonly settledBy: string | null
  readonly settledAt: number | null
}

/** What in a question's row an answer is bound to. */
type Asked = Pick<InteractionRow, 'id' | 'runId' | 'callId' | 'place' | 'digest'>

/**
 * Receipts for people's answers: made where a person's answer arrives, checked before it permits anything. Who can write to the database, but has not
 * the keys, cannot make up an answer, change one, or use it for another question. Only servers with the same keys check them, so a MAC is enough,
 * and it is made within the tick.
 */
export class Receipts {
  readonly #keys: KeySource
  readonly #runtime: Pick<Runtime, 'sha256'>

  constructor(keys: KeySource, runtime: Pick<Runtime, 'sha256'>) {
    this.#keys = keys
    this.#runtime = runtime
  }

  /** `v1.<key id>.<HMAC-SHA-256>` under the newest key. */
  sign(asked: Asked & { readonly question: Question }, answer: GivenAnswer): string {
    const [newest] = this.#keys()
    return this.#receipt(newest, asked, answer)
  }

  /**
   * Whether a person gave this answer to this question.
   * @param question what would be asked now: the stored one may be another than was answered
   */
  hold(row: InteractionRow, question: Question): boolean {
    const [version, id] = row.receipt?.split('.') ?? []
    if (version !== 'v1' || id === undefined) return false
    const key = keyNamed(this.#keys, id)
    return key !== undefined && areEqualTexts(row.receipt ?? '', this.#receipt(key, { ...row, question }, row))
  }

  #receipt(key: SealingKey, { question, ...asked }: Asked & { readonly question: Question }, answer: GivenAnswer): string {
    const { id, runId, callId, place, digest } = asked
    const { response, settledBy, settledAt } = answer
    // An answer is plain data; its optional members are why TypeScript does not see that it is JSON.
    const given = response as unknown as Parameters<typeof canonicalJson>[0]
    const said = canonicalJson([
      'answer',
      id,
      runId,
      callId,
      place,
      digest,
      questionDigest(this.#runtime, question),
      given,
      settledBy,
      settledAt,
    ])
    return ['v1', key.id, toBase64url(hmacSha256(this.#runtime, key.bytes, new TextEncoder().encode(said)))].join('.')
  }
}
