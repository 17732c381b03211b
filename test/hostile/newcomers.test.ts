import { expect, test } from 'vitest'
import { openChat } from './chat-client.ts'
import { hostileStage, type Stage } from './hostile-stage.ts'

test('who keeps no cookies gets so many sessions in a minute, and those who were here before go on', async () => {
  const stage = await hostileStage({ limits: { max_new_sessions_per_minute_and_address: 3 } })
  const cookie = await stage.newCookie()
  const known = (): Promise<Response> => fetch(`${stage.origin}/api/me`, { headers: { cookie } })
  const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(`${stage.origin}/api/me`)))
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(3)
  expect(answers.filter(({ ok }) => ok)).toHaveLength(2)
  const refused = answers.find(({ status }) => status === 429)
  expect(refused?.headers.get('retry-after')).toBe('60')
  expect(await refused?.json()).toMatchObject({ error: 'too_many_sessions' })
  await expect(openChat(stage, { cookie: '', conversationId: 'c' })).rejects.toThrow('429')
  expect(await sessionCount(stage)).toBe(3)
  expect((await known()).status).toBe(200)
  const chat = await openChat(stage, { cookie, conversationId: 'c' })
  expect(await chat.turn('hello', 'm1')).toBe('You said: hello')
  expect(stage.lines.filter((line) => line.includes('failed'))).toEqual([])
})

async function sessionCount({ server }: Stage): Promise<number> {
  const rows = await server.store.transact('count', (transaction) => transaction.find('sessions', {}))
  return rows.length
}
