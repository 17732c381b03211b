import { once } from 'node:events'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** A way to a PostgreSQL server that can be cut at the worst moment. */
export interface DatabaseProxy {
  /** The database's address through it. */
  readonly url: string
  /** The next transaction that names this value is committed by the server, and its confirmation never comes back: the connection breaks instead. */
  loseConfirmation(value: string): void
  /** How many confirmations were lost. */
  readonly lost: number
}

/** Opens a proxy to a database; it closes with the test. */
export async function openDatabaseProxy(url: string): Promise<DatabaseProxy> {
  const target = new URL(url.replace('@/', '@localhost/'))
  const folder = target.searchParams.get('host')
  const open = new Set<Socket>()
  let awaited: string | undefined
  let lost = 0
  const server = createServer((client) => {
    const database = folder === null ? connect(Number(target.port || 5432), target.hostname) : connect(`${folder}/.s.PGSQL.5432`)
    let isMarked = false
    let isCommitting = false
    for (const socket of [client, database]) {
      open.add(socket)
      // Either end may break off: that is what this is for.
      socket.on('error', () => undefined).once('close', () => (open.delete(socket), client.destroy(), database.destroy()))
    }
    client.on('data', (bytes) => {
      if (awaited !== undefined && bytes.includes(awaited)) [awaited, isMarked] = [undefined, true]
      if (isMarked && bytes.includes('commit\0')) isCommitting = true
      database.write(bytes)
    })
    database.on('data', (bytes) => {
      if (!isCommitting) return void client.write(bytes)
      if (!bytes.includes('COMMIT\0')) return
      lost += 1
      client.destroy()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  target.searchParams.delete('host')
  // A server that listens on a port has an address of this form.
  target.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: target.href,
    loseConfirmation: (value) => {
      awaited = value
    },
    get lost() {
      return lost
    },
  }
}
