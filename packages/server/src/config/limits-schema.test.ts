import { expect, test } from 'vitest'
import { limitsSchema } from './limits-schema.ts'

test('without a word, each limit has its default', () => {
  const limits = limitsSchema.parse(undefined)
  expect(Object.values(limits).every((limit) => limit > 0)).toBe(true)
  expect(limits).toMatchObject({
    max_frame_bytes: 262_144,
    max_payload_bytes: 1_048_576,
    max_sockets_per_session: 8,
    heartbeat_seconds: 15,
  })
})

test.each([
  [{ max_frame_bytes: 4_096, max_payload_bytes: 2_048 }, 'max_frame_bytes', 'expected no more than max_payload_bytes'],
  [{ header_timeout_seconds: 31 }, 'header_timeout_seconds', 'expected no more than request_timeout_seconds'],
  [{ max_sockets: 0 }, 'max_sockets', ''],
  [{ max_sockets: '5' }, 'max_sockets', ''],
  [{ heartbeat_seconds: 0 }, 'heartbeat_seconds', ''],
])('%j is refused: %s', (given, key, words) => {
  const issues = limitsSchema.safeParse(given).error?.issues ?? []
  expect(issues.map(({ path }) => path.join('.'))).toEqual([key])
  expect(issues[0]?.message).toContain(words)
})
