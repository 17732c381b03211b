/** What tests that need PostgreSQL find under `DATABASE_URL`: the server that is named there already, or one cluster for the whole run. */
import { startCluster } from './postgres-cluster.mjs'

export async function setup() {
  if (process.env.DATABASE_URL) return undefined
  const cluster = await startCluster()
  process.env.DATABASE_URL = cluster.url
  return async () => {
    delete process.env.DATABASE_URL
    await cluster.stop()
  }
}
