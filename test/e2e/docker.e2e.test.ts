import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { freePort } from '../../tools/free-port.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Service {
  readonly build: { readonly dockerfile: string }
  readonly command: readonly [string, ...string[]]
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck: { readonly test: readonly [string, ...string[]] }
  readonly ports?: readonly string[]
  readonly stop_grace_period: string
  readonly init: boolean
  readonly read_only: boolean
  readonly cap_drop: readonly string[]
  readonly security_opt: readonly string[]
}
const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as { services: Readonly<Record<string, Service>> }

/** An image's instructions, without comments; those of its last stage are what runs. */
function lastStage({ build }: Service): readonly string[] {
  const text = readFileSync(join(root, build.dockerfile), 'utf8').replaceAll(/\\\n\s*/g, '')
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))
}

/** Runs a command of a container on this machine: this Node, and ports of its own in place of the container's. */
function natively(
  [, ...words]: readonly string[],
  at: { readonly ports: Readonly<Record<number, number>>; readonly service: Service },
): ChildProcess {
  const args = words.map((word) => word.replaceAll(/\b\d{4,5}\b/g, (port) => String(at.ports[Number(port)] ?? port)))
  const set = lastStage(at.service).flatMap((line) => (/^ENV (\w+)=(\S+)$/.exec(line) ?? []).slice(1, 3))
  const env = { PATH: process.env['PATH'], ...(set[0] !== undefined && { [set[0]]: set[1] }), ...at.service.environment }
  return spawn(process.execPath, args, { cwd: root, env, stdio: 'ignore' })
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  return (await (once(child, 'exit') as Promise<unknown[]>))[0]
}

test('each service starts with its command, is found healthy by its check, reached through the door, and ends with 0 on SIGTERM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign compose '))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [provider, server] = [await freePort(), await freePort()]
  const ports = { 5001: provider, 15001: provider + 10_000, 8000: server, 18000: server + 10_000 }
  const issuer = `http://127.0.0.1:${provider}`
  const elsewhere = {
    'general.front_end.port': String(server),
    'authentication.test_auth_provider.issuer': issuer,
    'functions.who_am_i_function.api_url': `${issuer}/api/me`,
    // What the volume is to the container.
    'store.url': `sqlite:${join(folder, 'countersign.db')}`,
  }
  const further: Readonly<Record<string, readonly string[]>> = { server: ['--override', ...Object.entries(elsewhere).flat()] }
  const running = new Map<string, ChildProcess>()
  for (const [name, service] of Object.entries(services)) {
    const isHealthy = async (): Promise<boolean> => (await exitCode(natively(service.healthcheck.test.slice(1), { ports, service }))) === 0
    expect(await isHealthy(), `${name} before it is started`).toBe(false)
    const child = natively([...service.command, ...(further[name] ?? [])], { ports, service })
    onTestFinished(() => void child.kill('SIGKILL'))
    running.set(name, child)
    let isUp = false
    while (!isUp && child.exitCode === null) isUp = await isHealthy()
    expect(isUp, `${name} is healthy`).toBe(true)
  }
  const metadata = (await (await fetch(`http://127.0.0.1:${ports[15001]}/.well-known/openid-configuration`)).json()) as { issuer: string }
  expect(metadata.issuer).toBe(issuer)
  expect((await fetch(`http://127.0.0.1:${ports[18000]}/health/ready`)).status).toBe(200)
  for (const [name, child] of [...running].toReversed()) {
    const ended = exitCode(child)
    child.kill('SIGTERM')
    expect([name, await ended]).toEqual([name, 0])
  }
})

describe.each(Object.entries(services))('%s', (_name, service) => {
  test('has no right that it does not need', () => {
    expect({
      writes: !service.read_only,
      capabilities: service.cap_drop,
      privileges: service.security_opt,
      user: lastStage(service).findLast((line) => line.startsWith('USER ')),
    }).toEqual({ writes: false, capabilities: ['ALL'], privileges: ['no-new-privileges:true'], user: 'USER node' })
  })

  test('is open to this machine alone', () => {
    expect((service.ports ?? []).filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
  })

  test('hears SIGTERM, and has the time that it takes to stop', () => {
    // With `init`, signals are passed on; the command is a list, so that no shell keeps them.
    expect({ init: service.init, command: service.command[0] }).toEqual({ init: true, command: 'node' })
    expect(Number.parseInt(service.stop_grace_period, 10)).toBeGreaterThanOrEqual(_name === 'server' ? 11 : 5)
  })

  test('has an image on Node 24 that starts and checks itself as the file does', () => {
    const stage = lastStage(service)
    expect(stage[0]).toBe('FROM node:24-slim')
    if (_name === 'door') return
    expect(JSON.parse(stage.find((line) => line.startsWith('CMD '))?.slice(4) ?? '')).toEqual(service.command)
    const check = stage.find((line) => line.startsWith('HEALTHCHECK ')) ?? ''
    expect(JSON.parse(check.slice(check.indexOf('CMD ') + 4))).toEqual(service.healthcheck.test.slice(1))
  })
})
