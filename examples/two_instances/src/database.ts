import { repositoryTool } from '@countersign/example-stage'

/** A PostgreSQL database. */
export interface Database {
  readonly url: string
  stop(): Promise<void>
}

/** As much of the repository's tool as is needed here. */
interface ClusterTool {
  startCluster(options: { readonly isDetached: boolean }): Promise<{ createDatabase(): Promise<string>; stop(): Promise<void> }>
}

/** The database that `DATABASE_URL` names; else one in a PostgreSQL of our own, which is gone afterwards. */
export async function openDatabase(): Promise<Database> {
  const { DATABASE_URL: url } = process.env
  if (url !== undefined && url !== '') return { url, stop: async () => undefined }
  const tool = await repositoryTool<ClusterTool>('postgres-cluster')
  const cluster = await tool.startCluster({ isDetached: true })
  return { url: await cluster.createDatabase(), stop: () => cluster.stop() }
}
