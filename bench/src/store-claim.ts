import { type Databases, type StoreKind, withDatabases } from './databases.ts'
import type { Claim, Figure, Say } from './figure.ts'

/** A claim that is measured on each kind of database, or only on some. */
export interface StoreClaim {
  readonly name: string
  readonly kinds?: readonly StoreKind[]
  readonly measureOn: (databases: Databases, say: Say) => Promise<readonly Figure[]>
}

/** The same as one claim, measured on the kinds that were chosen; the names of its figures end in theirs. */
export function onStores({ name, kinds = ['sqlite', 'postgres'], measureOn }: StoreClaim, chosen: readonly StoreKind[]): Claim {
  return {
    name,
    async measure(say) {
      const figures: Figure[] = []
      for (const kind of kinds.filter((each) => chosen.includes(each))) {
        say(`on ${TITLES[kind]}`)
        const measured = await withDatabases(kind, (databases) => measureOn(databases, say))
        figures.push(...measured.map((figure) => ({ ...figure, name: `${figure.name} (${TITLES[kind]})` })))
      }
      return figures
    },
  }
}

const TITLES = { sqlite: 'SQLite', postgres: 'PostgreSQL' } as const
