import { afterEach, expect, test, vi } from 'vitest'
import { HEADLESS_CLIENTS } from './demo-clients.ts'
import { PollPace } from './poll-pace.ts'
import { startDemoProvider } from './start-demo-provider.ts'
import { TestDevice } from './testing/test-device.ts'
import { TestPhone } from './testing/test-phone.ts'
import { TestService } from './testing/clients/test-service.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('whoever polls too early has to be five seconds slower for good', () => {
  let now = 0
  const pace = new PollPace(5, () => now)
  const pollAfter = (seconds: number) => {
    now += seconds * 1000
    return pace.isTooEarly('request')
  }
  expect([pollAfter(0), pollAfter(5), pollAfter(4)]).toEqual([false, false, true])
  expect([pollAfter(6), pollAfter(15), pollAfter(14.5)]).toEqual([true, false, false])
  expect(pace.isTooEarly('another')).toBe(false)
})

test.each(['phone', 'device'] as const)('a client hears the interval and, when it polls a %s too fast, slow_down', async (kind) => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const provider = await startDemoProvider({ port: 0 })
  try {
    const client = await TestService.of(provider.issuer, kind === 'phone' ? HEADLESS_CLIENTS.ciba : HEADLESS_CLIENTS.terminal)
    const { interval, poll, userCode } = kind === 'phone' ? await askedPhone(client) : await shownCode(client)
    expect(interval).toBe(5)
    await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending', status: 400 })
    await expect(poll()).rejects.toMatchObject({ error: 'slow_down', status: 400 })
    vi.setSystemTime(Date.now() + 10_000)
    await expect(poll()).rejects.toMatchObject({ error: 'authorization_pending' })
    if (userCode === undefined) await (await (await TestPhone.of(provider.issuer, 'Ada Lovelace')).nextRequest()).approve()
    else await (await TestDevice.of(provider.issuer, 'Ada Lovelace')).allow(userCode)
    expect((await poll()).token_type).toBe('bearer')
  } finally {
    await provider.stop()
  }
})

test.each([0, -1, 61, Number.NaN])('an interval of %s seconds is refused', async (pollIntervalSeconds) => {
  await expect(startDemoProvider({ port: 0, pollIntervalSeconds })).rejects.toThrow('pollIntervalSeconds must be more than 0')
})

async function askedPhone(client: TestService) {
  const { interval, auth_req_id: id } = await client.ask({ login_hint: 'ada-lovelace' })
  return { interval, userCode: undefined, poll: () => client.poll(id) }
}

async function shownCode(client: TestService) {
  const { interval, user_code: userCode, device_code: code } = await client.showCode({ scope: 'openid' })
  return { interval, userCode, poll: () => client.pollDevice(code) }
}
