import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { ADA, signIn } from './person.ts'
import { type Stage, theatre } from './stage.ts'

const openStage = theatre()
const command = fileURLToPath(new URL('../../packages/server/bin/countersign.js', import.meta.url))

test('the audit of a served sign-in: read and verified while the server runs, signed as it stops, and whoever changes it is named', async () => {
  const stage = await openStage()
  expect(await audit(stage, 'verify')).toMatchObject({ code: 1, err: expect.stringContaining('there is no database') })
  const server = await stage.serve()
  const answered = once(follow(stage, '--type', 'answer', 'sign-out', '--json'), 'line')
  const person = await stage.person()
  await person.openChat()
  await signIn(await person.askAndOpen())
  await person.hears(ADA)
  const [line] = await answered
  expect(JSON.parse(String(line))).toMatchObject({
    stream: expect.stringContaining('conversation:'),
    record: { type: 'answer', state: 'answered' },
  })
  const running = await audit(stage, 'verify')
  expect(running).toMatchObject({ code: 0, err: '', out: expect.stringContaining('The audit is whole') })
  const tail = await audit(stage, 'tail', '--lines', '100')
  const types = tail.out.split('\n').map((entry) => entry.split('  ')[2])
  for (const type of ['server-start', 'checkpoint', 'request', 'policy-decision', 'authorization-end', 'grant', 'tool-result', 'run-end'])
    expect(types).toContain(type)
  await server.stop()
  const stopped = await audit(stage, 'verify')
  expect(stopped).toMatchObject({ code: 0, out: expect.stringContaining('No record is younger than it.') })
  const hash = /The last checkpoint is .*: (\S{43})\n/.exec(stopped.out)?.[1] ?? ''
  const again = await stage.serve()
  await again.store.transact('tamper', (transaction) => transaction.update('audits', { stream: 'instance', number: 1 }, { at: 0 }))
  expect(await audit(stage, 'verify', '--checkpoint', hash)).toMatchObject({
    code: 1,
    out: expect.stringContaining('instance, record 1: changed: it is not what its hash was made of\nThe audit is BROKEN: 1 finding in '),
  })
  expect(await audit(stage, 'verify', '--checkpoint', 'another')).toMatchObject({
    out: expect.stringContaining('kept outside is not among them'),
  })
}, 90_000)

/** What the built command says about the audit of the stage. */
async function audit(stage: Stage, ...words: readonly string[]) {
  const child = start(stage, words)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, out, err }
}

/** The lines of what is followed, until the test ends. */
function follow(stage: Stage, ...words: readonly string[]) {
  const child = start(stage, ['tail', '--lines', '100', '--follow', ...words])
  onTestFinished(async () => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  })
  return createInterface(child.stdout)
}

function start({ workflowFile }: Stage, [name = '', ...words]: readonly string[]) {
  return spawn(process.execPath, [command, 'audit', name, '--config_file', workflowFile, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
}
