import pg from 'pg'

const INTERVAL_MS = 20

/** Looks at PostgreSQL from the outside while others work on it. */
export interface LockWatch {
  /** @returns how many statements were found waiting for a lock that another held, on average of all looks */
  end(): Promise<number>
}

/** Begins to look, fifty times a second. */
export async function watchLocks(url: string): Promise<LockWatch> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const over = new AbortController()
  let [looks, waiting] = [0, 0]
  const look = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const { rows } = await client.query<{ count: string }>({ name: 'look', text: LOOK })
      looks += 1
      waiting += Number(rows[0]?.count)
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS))
    }
  }
  const looking = look()
  return {
    async end() {
      over.abort()
      await looking
      await client.end()
      return waiting / looks
    },
  }
}

/** `Lock` are those that a transaction holds to its end; those within the server are of other types. */
const LOOK = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
