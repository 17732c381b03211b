/** A PostgreSQL of our own. */
export interface Cluster {
  /** The address of its first database. */
  readonly url: string
  /** Makes an empty database. @returns its address */
  createDatabase(): Promise<string>
  /** Freezes every process of the cluster: connections stay open and nothing answers. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** Starts a cluster. `isDurable` waits for the disk at each commit (default false: tests need not). */
export declare function startCluster(options?: { readonly isDurable?: boolean }): Promise<Cluster>

/** Makes an empty database on a server that runs: that of `DATABASE_URL` when none is named. @returns its address */
export declare function createDatabase(server?: string): Promise<string>
