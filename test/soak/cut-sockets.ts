import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { silentLog } from '@countersign/core'
import { type CountersignServer, loadConfig, serve, serverSchema } from '@countersign/server'
import { PlainBrowser } from '../e2e/plain-browser.ts'
import { arrive } from './arrive.ts'
import { Chance } from './chance.ts'
import { ChatPage, type PageAddress } from './chat-page.ts'
import { talkativeParts, words } from './talkative-parts.ts'
import { type CuttingProxy, openCuttingProxy } from './cutting-proxy.ts'

/** How many conversations are under way at once. */
const AT_ONCE = 4
/** How often the person paints in a round; each time a question is answered. */
const PAINTINGS = 2
/** How long a round may take, milliseconds; they take a few seconds. */
const DEADLINE_MS = 30_000

export interface CutOptions {
  readonly rounds: number
  readonly seed: number
  /** The server's `store.url`; default: a file of its own. */
  readonly store?: string
  readonly log: (line: string) => void
}

/** What the rounds came to. `cuts`: how often a line was cut in all of them. */
export interface CutOutcome {
  readonly rounds: number
  readonly lost: number
  readonly doubled: number
  readonly cuts: number
}

/** Plays conversations over lines that are cut at random, in the middle of frames too, and compares what two tabs show in the end with what one on a whole line shows. */
export async function cutSockets({ rounds, seed, store, log }: CutOptions): Promise<CutOutcome> {
  const painted: string[] = []
  const server = await openServer(store, (callId) => painted.push(callId))
  const findings = { lost: 0, doubled: 0, cuts: 0 }
  try {
    const chance = new Chance(seed)
    const todo = Array.from({ length: rounds }, (_, index) => ({ index, chance: chance.branch() }))
    const work = async (): Promise<void> => {
      for (let next = todo.shift(); next; next = todo.shift()) {
        const proxy = await openCuttingProxy(server.port, next.chance)
        const found = await playRound(server, proxy, next.index)
        findings.cuts += proxy.cuts
        await proxy.stop()
        for (const { fault, sentence } of found) {
          findings[fault] += 1
          log(`round ${next.index + 1} (seed ${seed}): ${fault}: ${sentence}`)
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    findings.doubled += painted.length - new Set(painted).size
    findings.lost += Math.max(rounds * PAINTINGS - new Set(painted).size, 0)
    findings.doubled += Math.max(new Set(painted).size - rounds * PAINTINGS, 0)
  } finally {
    await server.stop()
  }
  return { rounds, ...findings }
}

interface Finding {
  readonly fault: 'lost' | 'doubled'
  readonly sentence: string
}

/** One conversation: four tabs of one person, of which two are on a line that does not hold, one is not, and one comes when all is over. */
async function playRound({ origin, port }: Served, proxy: CuttingProxy, index: number): Promise<readonly Finding[]> {
  const browser = new PlainBrowser()
  await arrive(browser, origin)
  const address: PageAddress = { origin, port, cookie: browser.cookiesOf(origin), conversationId: `cut-${index}` }
  const onLine = { ...address, port: proxy.port }
  const witness = new ChatPage(address)
  const tabs = { speaker: new ChatPage(onLine), other: new ChatPage(onLine) }
  const isOver = await within(DEADLINE_MS, converse(witness, tabs))
  const late = new ChatPage(address)
  await within(
    DEADLINE_MS,
    late.until((page) => page.lastSeq >= witness.lastSeq),
  )
  const pages = Object.entries({ ...tabs, late })
  const found = pages.flatMap(([name, page]) => compare(name, page, witness))
  for (const [, page] of pages) page.close()
  witness.close()
  return isOver || found.length > 0 ? found : [{ fault: 'lost', sentence: 'it does not come to its end' }]
}

/** One tab speaks, the other answers; it is over when both know all that the witness knows. */
async function converse(witness: ChatPage, { speaker, other }: Readonly<Record<'speaker' | 'other', ChatPage>>): Promise<void> {
  for (let painting = 0; painting < PAINTINGS; painting += 1) {
    speaker.say(words.tell(40))
    await speaker.until(({ ended }) => ended > painting * 2)
    speaker.say(words.paint)
    await other.until(({ openQuestions }) => openQuestions.length > 0)
    for (const question of other.openQuestions) other.choose(question, 'red')
    await speaker.until(({ ended }) => ended > painting * 2 + 1)
  }
  await witness.until(({ ended }) => ended >= PAINTINGS * 2)
  const { lastSeq } = witness
  await Promise.all([speaker, other].map((page) => page.until((it) => it.lastSeq >= lastSeq)))
}

/** @returns whether the work ended in time */
function within(ms: number, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(false), ms)
    work.then(() => resolve(true), reject).finally(() => clearTimeout(timer))
  })
}

function compare(name: string, page: ChatPage, witness: ChatPage): readonly Finding[] {
  if (isDeepStrictEqual(page.transcript, witness.transcript)) return []
  const ids = page.transcript.flatMap(({ messageId, items }) => [messageId, ...items.map((item) => `${messageId} ${item.kind} ${item.id}`)])
  const fault = new Set(ids).size < ids.length ? 'doubled' : 'lost'
  return [{ fault, sentence: `${name} shows ${JSON.stringify(page.transcript)} and not ${JSON.stringify(witness.transcript)}` }]
}

interface Served extends Pick<CountersignServer, 'port' | 'stop'> {
  readonly origin: string
}

/** A log so short that what is said again goes while it is replayed. */
const limits = { max_log_events: 400, max_messages_per_10_seconds: 1_000 }

async function openServer(store: string | undefined, painted: (callId: string) => void): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-cut-'))
  const file = join(folder, 'workflow.yml')
  const workflow = {
    general: { front_end: { host: 'localhost', port: 0, limits } },
    store: { url: store ?? `sqlite:${join(folder, 'countersign.db')}` },
    functions: { paint: { _type: 'paint' } },
    llms: { demo: { _type: 'talkative' } },
    workflow: { _type: 'tool_calling_agent', tool_names: ['paint'], llm_name: 'demo' },
  }
  writeFileSync(file, JSON.stringify(workflow))
  const { config } = await loadConfig({ file, schema: serverSchema([talkativeParts(painted)]), environment: {} })
  const server = await serve(config, { log: silentLog })
  const { publicOrigin: origin, port } = server
  return {
    origin,
    port,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
