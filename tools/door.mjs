/**
 * `node tools/door.mjs PORT…`: lets connections from outside a container reach ports that listen on its loopback only.
 * Each PORT is reached through PORT + 10000. For docker-compose.yml, which publishes these on the host's own loopback.
 */
import { connect, createServer } from 'node:net'

for (const port of process.argv.slice(2).map(Number)) {
  const server = createServer((outside) => {
    const inside = connect(port, '127.0.0.1')
    outside.pipe(inside).pipe(outside)
    outside.on('error', () => inside.destroy()) // one end is gone, so the other has nobody to talk to; that is no fault of the door
    inside.on('error', () => outside.destroy())
  })
  server.listen(port + 10_000, () => console.log(`door: ${port + 10_000} leads to 127.0.0.1:${port}`))
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0))
