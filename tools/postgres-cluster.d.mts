/** A PostgreSQL of our own. */
export interface Cluster {
  /** The address of its first database. */
  readonly url: string
  /** Makes an empty database. @returns its address */
  createDatabase(): Promise<string>
  /** Freezes every process of the cluster: connections stay open and nothing answers. */
  pause(): void
  resume(): void
  /** Ends it as a power cut does. */
  down(): Promise<void>
  /** Starts it again, at the same address, with what was committed. */
  up(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts a cluster. `isDurable` waits for the disk at each commit (default false: tests need not); `isDetached` keeps the terminal's Ctrl-C from it
 * (default false).
 */
export declare function startCluster(options?: { readonly isDurable?: boolean; readonly isDetached?: boolean }): Promise<Cluster>

/** Makes an empty database on a server that runs: that of `DATABASE_URL` when none is named. @returns its address */
export declare function createDatabase(server?: string): Promise<string>
