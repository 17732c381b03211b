import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Chance } from './chance.ts'

/** The longest that a connection lives, bytes in one direction: a few events, so that it is cut in the middle of most things. */
const MAX_BYTES = 4_000

/** A line between clients and a server that is cut again and again, also in the middle of a frame, in either direction. */
export interface CuttingProxy {
  readonly port: number
  /** How often it was cut so far. */
  readonly cuts: number
  /** From now on it holds. */
  calm(): void
  stop(): Promise<void>
}

/** @param chance draws after how many bytes each connection is cut */
export async function openCuttingProxy(serverPort: number, chance: Chance): Promise<CuttingProxy> {
  const open = new Set<Socket>()
  let cuts = 0
  let isCalm = false
  const server = createServer((client) => {
    const upstream = connect(serverPort, 'localhost')
    const sockets = [client, upstream]
    const close = (): void => {
      for (const socket of sockets) socket.destroy()
    }
    for (const socket of sockets) {
      open.add(socket)
      socket.on('error', close).once('close', () => (open.delete(socket), close()))
    }
    const cut = (): void => {
      cuts += 1
      close()
    }
    const isHolding = (): boolean => isCalm
    carry(client, upstream, { bytes: chance.below(MAX_BYTES), isHolding, cut })
    carry(upstream, client, { bytes: chance.below(MAX_BYTES), isHolding, cut })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    port,
    get cuts() {
      return cuts
    },
    calm: () => {
      isCalm = true
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

/** Carries so many bytes on, the last of them as a piece of what came, and cuts. */
function carry(
  from: Socket,
  to: Socket,
  { bytes, isHolding, cut }: { readonly bytes: number; readonly isHolding: () => boolean; readonly cut: () => void },
): void {
  let left = bytes
  from.on('data', (data: Buffer) => {
    if (isHolding() || data.length <= left) {
      left -= data.length
      to.write(data)
      return
    }
    from.removeAllListeners('data')
    to.write(data.subarray(0, Math.max(left, 0)), cut)
  })
  from.once('end', () => to.end())
}
