import { type AddressInfo, type Socket, connect, createServer } from 'node:net'

/** A plain round-robin proxy before the instances: one address, and whoever lives answers. */
export interface Front {
  readonly origin: string
  stop(): Promise<void>
}

/** @param ports of the instances that live now, asked for each connection */
export async function openFront(ports: () => readonly number[]): Promise<Front> {
  const open = new Set<Socket>()
  let turn = 0
  const server = createServer((client) => {
    open.add(client)
    client.on('error', () => undefined).once('close', () => open.delete(client))
    const living = ports()
    const port = living[(turn += 1) % living.length]
    if (port === undefined) return client.destroy()
    const instance = connect(port, '127.0.0.1')
    open.add(instance)
    instance.on('error', () => client.destroy()).once('close', () => (open.delete(instance), client.destroy()))
    client.once('close', () => instance.destroy())
    client.pipe(instance).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://localhost:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}
