import { showUntilStopped } from '@countersign/example-stage'
import { openDatabase } from './database.ts'
import { type All, startAll } from './start-all.ts'

/** The demo: starts all, says what to do, and stops all on Ctrl-C. @returns the exit code */
export function demo(): Promise<number> {
  return showUntilStopped(start, ({ origin, instances, provider }) => [
    `Open the chat    ${origin}`,
    'and ask          Who am I logged in as?',
    '',
    ...instances.map(({ name, port, pid }) => `${name}         http://localhost:${port}, process ${pid}`),
    '',
    'A proxy sends each request to the server that comes next, and knows no sessions. End one of them with "kill -9" at any',
    'moment, with a question open, or in the middle of a sign-in: the chat goes on with the other.',
    `The demo provider is ${provider.issuer}: sign in there with any name, no password.`,
    'Ctrl-C stops all.',
  ])
}

async function start(): Promise<All> {
  const database = await openDatabase()
  try {
    const all = await startAll({ proxyPort: 8000, providerPort: 5001, instancePorts: [8001, 8002], databaseUrl: database.url })
    return {
      ...all,
      async stop() {
        await all.stop()
        await database.stop()
      },
    }
  } catch (error) {
    await database.stop()
    throw error
  }
}
