import { isCountersignError } from '../errors.ts'
import type { Store, Transaction } from '../store/store.ts'
import { all, outcome, receipt, stream } from './store-contract-rows.ts'
import { type Promised, type TestApi, changes, questions, rows } from './store-contract-verbs.ts'

/** A fresh, empty store and how to get rid of it. */
export interface OpenedStore {
  readonly store: Store
  close(): Promise<void>
}

/**
 * What every store promises, as tests.
 * @param name what the store is called in the report
 * @param open gives an empty store
 * @param api the test runner's functions: this package does not depend on one
 */
export function storeContract(name: string, open: () => Promise<OpenedStore>, api: TestApi): void {
  api.describe(name, () => {
    const promise: Promised = (sentence, body) =>
      api.test(sentence, async () => {
        const opened = await open()
        try {
          await body(opened.store)
        } finally {
          await opened.close()
        }
      })
    units(promise, api)
    effects(promise, api)
    changes(promise, api)
    questions(promise, api)
    rows(promise, api)
  })
}

function units(promise: Promised, { expect }: TestApi): void {
  promise('a unit that ends is seen by the next one, with all it wrote', async (store) => {
    const value = await store.transact('write', async (transaction) => {
      await transaction.insert('streams', stream('a'), stream('b'))
      await transaction.update('streams', { id: 'a' }, { number: 7 })
      return 'done'
    })
    expect([value, await all(store)]).toEqual(['done', [stream('a', 7), stream('b')]])
  })
  promise('a unit that throws after it wrote leaves no trace, and the next one works', async (store) => {
    await store.transact('first', (transaction) => transaction.insert('streams', stream('a', 1)))
    const failure = new Error('on purpose')
    const failed = await outcome(
      store.transact('broken', async (transaction) => {
        await transaction.insert('streams', stream('b'))
        await transaction.update('streams', { id: 'a' }, { number: { add: 5 } })
        await transaction.remove('streams', { id: 'a' })
        throw failure
      }),
    )
    expect([failed === failure, await all(store)]).toEqual([true, [stream('a', 1)]])
    await store.transact('next', (transaction) => transaction.insert('streams', stream('b', 2)))
    expect(await all(store)).toEqual([stream('a', 1), stream('b', 2)])
  })
  promise('of units that run side by side only the one that throws is undone', async (store) => {
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd'].map((id) =>
        outcome(
          store.transact(id, async (transaction) => {
            await transaction.insert('streams', stream(id))
            if (id === 'b') throw new Error('on purpose')
            return id
          }),
        ),
      ),
    )
    expect(outcomes.map(String)).toEqual(['a', 'Error: on purpose', 'c', 'd'])
    expect((await all(store)).map((row) => row.id)).toEqual(['a', 'c', 'd'])
  })
  promise('a unit that does not mind a verb that failed is undone all the same', async (store) => {
    await store.transact('first', (transaction) => transaction.insert('receipts', receipt('a')))
    const careless = await outcome(
      store.transact('careless', async (transaction) => {
        await transaction.insert('streams', stream('b'))
        await transaction.insert('receipts', receipt('a')).catch(() => undefined)
        await transaction.insert('streams', stream('c')).catch(() => undefined)
        return 'done'
      }),
    )
    expect([isCountersignError(careless, 'conflict'), await all(store)]).toEqual([true, []])
  })
  promise('units that lock the same conversation run one after another, whatever they read first', async (store) => {
    await store.transact('open', (transaction) => transaction.insert('streams', stream('c')))
    const raise = (): Promise<number> =>
      store.transact('raise', async (transaction) => {
        await transaction.get('streams', { id: 'other' })
        await transaction.lock('a conversation')
        await transaction.lock('a conversation')
        const found = await transaction.get('streams', { id: 'c' })
        return transaction.update('streams', { id: 'c' }, { number: (found?.number ?? 0) + 1 })
      })
    await Promise.all(Array.from({ length: 20 }, raise))
    expect(await all(store)).toEqual([stream('c', 20)])
  })
  promise('work that is taken with locks that are skipped is taken once', async (store) => {
    const receipts = Array.from({ length: 30 }, (_, index) => receipt(`r${index}`))
    await store.transact('fill', (transaction) => transaction.insert('receipts', ...receipts))
    const take = (): Promise<readonly string[]> =>
      store.transact('take', async (transaction) => {
        const found = await transaction.find('receipts', { usedAt: null }, { limit: 4, skipLocked: true })
        const ids = found.map(({ id }) => id)
        await transaction.update('receipts', { id: { oneOf: ids } }, { usedAt: 1 })
        return ids
      })
    const taken = (await Promise.all(Array.from({ length: 8 }, take))).flat()
    expect([taken.length, new Set(taken).size]).toEqual([30, 30])
  })
  promise('a transaction throws once its unit has ended', async (store) => {
    const kept: Transaction[] = []
    await store.transact('keep', async (transaction) => void kept.push(transaction))
    await outcome(
      store.transact('keep and fail', async (transaction) => {
        kept.push(transaction)
        throw new Error('on purpose')
      }),
    )
    const late = await Promise.all(kept.map((transaction) => outcome(transaction.insert('streams', stream('late')))))
    expect(late.map((error) => isCountersignError(error, 'storage_unavailable'))).toEqual([true, true])
    expect(await all(store)).toEqual([])
  })
  promise('a counter raised with its rows numbers 200 interleaved units without a gap', async (store) => {
    await store.transact('open', (transaction) => transaction.insert('streams', stream('c')))
    const append = (index: number): Promise<number> =>
      store.transact('append', async (transaction) => {
        const raised = await transaction.updateOne('streams', { id: 'c' }, { number: { add: 1 } })
        const number = raised?.number ?? 0
        await transaction.insert('steps', { callId: 'c', name: String(number).padStart(4, '0'), value: index })
        if (index % 10 === 9) throw new Error('on purpose')
        return number
      })
    const outcomes = await Promise.all(Array.from({ length: 200 }, (_, index) => outcome(append(index))))
    // Side by side they may come in any order; each knows its own number.
    const numbers = outcomes.filter((each) => typeof each === 'number').toSorted((left, right) => left - right)
    const kept = await store.transact('read', (transaction) => transaction.find('steps', { callId: 'c' }, { orderBy: 'name' }))
    expect(kept.map((step) => Number(step.name))).toEqual(Array.from({ length: 180 }, (_, index) => index + 1))
    expect(numbers).toEqual(kept.map((step) => Number(step.name)))
  })
  promise('units, statements and commits are counted; reading is no commit', async (store) => {
    const before = store.stats()
    await store.transact('write', (transaction) => transaction.insert('streams', stream('a')))
    await store.transact('read', async (transaction) => [
      await transaction.get('streams', { id: 'a' }),
      await transaction.find('streams', {}),
    ])
    await store.transact('miss', (transaction) => transaction.update('streams', { id: 'z' }, { number: 1 }))
    const { units: count, commits, statements } = store.stats()
    expect([count - before.units, commits - before.commits, statements - before.statements]).toEqual([3, 1, 4])
  })
  promise('a closed store does nothing more', async (store) => {
    await store.close()
    const late = await outcome(store.transact('late', async () => 'done'))
    expect(isCountersignError(late, 'storage_unavailable')).toEqual(true)
  })
}

function effects(promise: Promised, { expect }: TestApi): void {
  promise('effects run once, after the commit and before the unit is reported done', async (store) => {
    const seen: string[] = []
    store.subscribe('run', (id) => seen.push(`run ${id}`))
    const done = store.transact('write', async (transaction) => {
      transaction.after(() => seen.push('after'))
      transaction.notify('run', 'r1')
      await transaction.insert('streams', stream('a'))
      seen.push('end of unit')
    })
    await done.then(() => seen.push('done'))
    expect(seen).toEqual(['end of unit', 'after', 'run r1', 'done'])
  })
  promise('effects of a unit that throws are dropped', async (store) => {
    const seen: string[] = []
    store.subscribe('run', (id) => seen.push(id))
    await outcome(
      store.transact('broken', async (transaction) => {
        transaction.after(() => seen.push('after'))
        transaction.notify('run', 'r1')
        throw new Error('on purpose')
      }),
    )
    expect(seen).toEqual([])
  })
  promise('who listens to one id is told of that one only, until they stop listening', async (store) => {
    const seen: string[] = []
    const stop = store.subscribe('run', (id) => seen.push(`first ${id}`), 'x')
    store.subscribe('run', (id) => seen.push(`second ${id}`), 'x')
    store.subscribe('conversation', (id) => seen.push(`conversation ${id}`), 'x')
    const tell = (): Promise<void> =>
      store.transact('tell', async (transaction) => {
        for (const id of ['x', 'y']) transaction.notify('run', id)
      })
    await tell()
    stop()
    stop()
    await tell()
    expect(seen).toEqual(['first x', 'second x', 'second x'])
  })
  promise('a unit tells each id once, to the listeners of its channel, until they stop listening', async (store) => {
    const seen: string[] = []
    const stop = store.subscribe('run', (id) => seen.push(`run ${id}`))
    store.subscribe('conversation', (id) => seen.push(`conversation ${id}`))
    const tell = (): Promise<void> =>
      store.transact('tell', async (transaction) => {
        for (const id of ['x', 'y z', 'x']) transaction.notify('run', id)
        transaction.notify('conversation', 'x')
      })
    await tell()
    stop()
    await tell()
    expect(seen).toEqual(['run x', 'run y z', 'conversation x', 'conversation x'])
  })
}
