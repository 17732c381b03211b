import type { Channel } from '@countersign/core'
import type { ClientBase } from 'pg'

/** That something happened, and to what. */
export type Notice = readonly [Channel, string]

/** The ids to which somebody listens. */
export interface Followed {
  readonly conversations: readonly string[]
  readonly sessions: readonly string[]
}

/** Finds by the rows what nobody was told: the notice was lost, or its sender died before it left. */
export class Unheard {
  /** Where conversations stood at the last look. */
  #seqs: ReadonlyMap<string, number> = new Map()
  /** Sessions that were alive at the last look. */
  #living: ReadonlySet<string> = new Set()

  /** @returns what may have happened since the last look; too much is harmless */
  async look(client: ClientBase, { conversations, sessions }: Followed): Promise<readonly Notice[]> {
    return [...(await this.#grown(client, conversations)), ...(await this.#over(client, sessions))]
  }

  async #grown(client: ClientBase, ids: readonly string[]): Promise<readonly Notice[]> {
    if (ids.length === 0) return []
    const { rows } = await client.query<{ id: string; seq: number }>('select id, seq from conversations where id = any($1)', [ids])
    const before = this.#seqs
    this.#seqs = new Map(rows.map(({ id, seq }) => [id, seq]))
    return rows.flatMap(({ id, seq }) => (before.get(id) === seq ? [] : [['conversation', id] as const]))
  }

  /** What is left of an ended session is soon gone, too; one that never had a row is none of ours. */
  async #over(client: ClientBase, ids: readonly string[]): Promise<readonly Notice[]> {
    if (ids.length === 0) return []
    const { rows } = await client.query<{ id: string; owner: string }>(
      'select id, principal_id as owner from sessions where id = any($1)',
      [ids],
    )
    const before = this.#living
    const owners = new Map(rows.map(({ id, owner }) => [id, owner]))
    this.#living = new Set(ids.filter((id) => owners.get(id)))
    const isOver = (id: string): boolean => owners.get(id) === '' || (before.has(id) && !owners.has(id))
    return ids.filter(isOver).map((id) => ['session', id] as const)
  }
}
