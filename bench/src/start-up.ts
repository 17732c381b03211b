import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Claim, type Figure, compared, plain } from './figure.ts'
import { startFakeOpenAi } from './fake-openai.ts'
import { type Measurement, interleave, median } from './measure.ts'
import { countersign, firstPrompt } from './served.ts'
import { writeSignInWorkflow } from './sign-in-workflow.ts'
import { inFolder } from './workspace.ts'

const ROUNDS = 7
/** What may be loaded only when it is first used; each costs more than all of the rest of a start. */
const HEAVY = ['langchain', '@langchain/core', '@langchain/langgraph', '@langchain/openai', 'openai', 'oauth4webapi', 'jose', 'playwright']
const PROMPT = { question: 'Who am I?', frames: ['system_interaction_message'] }
const ANSWER = { question: 'Hello', frames: ['system_response_message'] }

/** From the start of the process to the first question that a person sees, on a database that is there. */
export const startUp: Claim = {
  name: 'start-up',
  measure: (say) =>
    inFolder(async (folder) => {
      const openai = await startFakeOpenAi()
      try {
        const floor = [fileURLToPath(new URL('./floors/bare-server.js', import.meta.url)), join(folder, 'floor.db')]
        const ours = serve(writeSignInWorkflow(join(folder, 'router.yml'), { store: 'sqlite:router/countersign.db' }))
        const langchain = serve(
          writeSignInWorkflow(join(folder, 'openai.yml'), { store: 'sqlite:openai/countersign.db', llm: openaiLlm(openai.baseUrl) }),
        )
        const memory: number[][] = [[], [], []]
        const measurement = (index: number, command: readonly string[], asked: typeof PROMPT): Measurement => {
          return async () => {
            const { elapsedMs, rss } = await firstPrompt(command, asked)
            memory[index]?.push(rss / 1e6)
            return elapsedMs
          }
        }
        const benches = [measurement(0, floor, PROMPT), measurement(1, ours, PROMPT), measurement(2, langchain, ANSWER)] as const
        say('first starts, which make the databases')
        for (const bench of benches) await bench()
        say(`${ROUNDS} rounds each of floor, ours with the keyword router, ours with a LangChain model`)
        const { floor: floorMs, values, ratios } = await interleave(benches[0], benches.slice(1), ROUNDS)
        const [floorMemory = 0, ...oursMemory] = memory.map(median)
        const time = (index: number) => ({ value: values[index] ?? 0, floor: floorMs, ratio: ratios[index] ?? 0 })
        const space = (index: number) => ({ value: oursMemory[index] ?? 0, floor: floorMemory })
        return [
          compared('start to first prompt, keyword router', 'ms', { ...time(0), goal: '≤ 1.6 ×' }),
          compared('start to first prompt, LangChain model', 'ms', time(1)),
          compared('memory after it, keyword router', 'MB', { ...space(0), goal: '≤ 75' }),
          compared('memory after it, LangChain model', 'MB', space(1)),
          ...(await loadedModules(ours, folder, say)),
        ]
      } finally {
        openai.stop()
      }
    }),
}

function openaiLlm(baseUrl: string): string {
  return `{ _type: openai, model_name: fake, base_url: "${baseUrl}" }`
}

function serve(configFile: string): readonly string[] {
  return [countersign, 'serve', '--config_file', configFile, '--host', '127.0.0.1', '--port', '0', '--log_level', 'error']
}

/** A start of its own: watching costs time. */
async function loadedModules(command: readonly string[], folder: string, say: (progress: string) => void): Promise<readonly Figure[]> {
  const file = join(folder, 'modules.txt')
  const watch = new URL('./programs/module-watch.js', import.meta.url).href
  await firstPrompt(['--import', watch, ...command], { ...PROMPT, environment: { BENCH_MODULES_FILE: file } })
  const urls = readFileSync(file, 'utf8').trim().split('\n')
  const heavy = HEAVY.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}/`)))
  say(`loaded before the first prompt: ${urls.length} modules; heavy ones: ${heavy.join(', ') || 'none'}`)
  return [
    plain('modules loaded before the first prompt', 'modules', { value: urls.length }),
    plain('heavy packages among them', 'packages', { value: heavy.length, goal: '≤ 0' }),
  ]
}
