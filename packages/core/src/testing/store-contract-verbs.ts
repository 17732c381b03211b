import { isCountersignError } from '../errors.ts'
import type { FindOptions, Store, Where } from '../store/store.ts'
import { all, authorization, fill, outcome, receipt, stream } from './store-contract-rows.ts'

/** What of a test runner the suite needs; vitest has all of it. */
export interface TestApi {
  readonly describe: (name: string, body: () => void) => void
  readonly test: (name: string, body: () => Promise<void>) => void
  readonly expect: (value: unknown) => { readonly toEqual: (expected: unknown) => void }
}

/** One promise of the store, as a sentence, and how it is kept on an empty store. */
export type Promised = (sentence: string, body: (store: Store) => Promise<void>) => void

/** What `update`, `updateOne`, `remove` and taken values mean. */
export function changes(promise: Promised, { expect }: TestApi): void {
  promise('of two raced compare-and-sets one wins', async (store) => {
    await store.transact('write', (transaction) => transaction.insert('receipts', receipt('a')))
    const take = (at: number): Promise<number> =>
      store.transact('take', (transaction) => transaction.update('receipts', { id: 'a', usedAt: null }, { usedAt: at }))
    expect((await Promise.all([take(1), take(2)])).toSorted((left, right) => left - right)).toEqual([0, 1])
  })
  promise('update changes all rows that pass and says how many', async (store) => {
    await fill(store)
    const count = await store.transact('change', (transaction) =>
      transaction.update('streams', { number: { above: 1 } }, { head: 'x', number: { add: -1 } }),
    )
    expect([count, await all(store)]).toEqual([3, [stream('a', 1), stream('b', 1, 'x'), stream('c', 2, 'x'), stream('d', 3, 'x')]])
  })
  promise('updateOne gives the row as it is afterwards, or undefined', async (store) => {
    await fill(store)
    const raise = (id: string) =>
      store.transact('raise', (transaction) => transaction.updateOne('streams', { id, number: { atMost: 2 } }, { number: { add: 40 } }))
    expect([await raise('b'), await raise('b'), await raise('z')]).toEqual([stream('b', 42), undefined, undefined])
  })
  promise('updateOne changes one row even if more pass', async (store) => {
    await fill(store)
    const row = await store.transact('change', (transaction) => transaction.updateOne('streams', { number: { above: 1 } }, { head: 'x' }))
    expect((await all(store)).filter(({ head }) => head === 'x')).toEqual([row])
  })
  promise('remove takes the rows that pass and says how many', async (store) => {
    await fill(store)
    const remove = () => store.transact('remove', (transaction) => transaction.remove('streams', { id: { oneOf: ['a', 'c', 'z'] } }))
    expect([await remove(), await remove(), (await all(store)).map(({ id }) => id)]).toEqual([2, 0, ['b', 'd']])
  })
  promise('a key or unique value that is taken is a conflict, on insert and on update', async (store) => {
    await store.transact('write', (transaction) => transaction.insert('receipts', receipt('a'), receipt('b')))
    const key = await outcome(store.transact('key', (transaction) => transaction.insert('receipts', { ...receipt('a'), callId: 'other' })))
    const unique = await outcome(
      store.transact('unique', (transaction) => transaction.insert('receipts', { ...receipt('c'), callId: 'call a' })),
    )
    const change = await outcome(
      store.transact('change', (transaction) => transaction.update('receipts', { id: 'b' }, { callId: 'call a' })),
    )
    expect([key, unique, change].map((error) => isCountersignError(error, 'conflict'))).toEqual([true, true, true])
    const kept = await store.transact('read', (transaction) => transaction.find('receipts', {}, { orderBy: 'id' }))
    expect(kept).toEqual([receipt('a'), receipt('b')])
  })
  promise('what was a conflict once is none the next time, when nothing is taken', async (store) => {
    await store.transact('write', (transaction) => transaction.insert('receipts', receipt('a'), receipt('b')))
    const move = (from: string, callId: string) =>
      store.transact('move', (transaction) => transaction.updateOne('receipts', { callId: from }, { callId }))
    const taken = await outcome(move('call a', 'call b'))
    expect([isCountersignError(taken, 'conflict'), await move('nobody', 'call c'), (await move('call a', 'call c'))?.callId]).toEqual([
      true,
      undefined,
      'call c',
    ])
  })
  promise('null never conflicts with null, and a value given back can be taken again', async (store) => {
    await store.transact('write', (transaction) =>
      transaction.insert('authorizations', authorization('a'), authorization('b'), authorization('c', 's')),
    )
    const give = store.transact('give', async (transaction) => {
      await transaction.update('authorizations', { id: 'c', stateDigest: 's' }, { stateDigest: null })
      return transaction.update('authorizations', { id: 'a' }, { stateDigest: 's' })
    })
    expect(await give).toEqual(1)
  })
}

/** Which rows pass a `Where`, in which order they come. */
export function questions(promise: Promised, { expect }: TestApi): void {
  const tests: readonly (readonly [string, Where<'streams'>, readonly string[]])[] = [
    ['no test finds every row', {}, ['a', 'b', 'c', 'd']],
    ['a value finds its equals', { head: 'h' }, ['a', 'b', 'c', 'd']],
    ['two columns must both pass', { id: 'a', number: 2 }, []],
    ['above excludes its bound', { number: { above: 2 } }, ['c', 'd']],
    ['above orders text, too', { id: { above: 'b' } }, ['c', 'd']],
    ['atMost includes its bound', { number: { atMost: 2 } }, ['a', 'b']],
    ['oneOf finds any of its values, also twice named', { id: { oneOf: ['a', 'z', 'd', 'a'] } }, ['a', 'd']],
    ['oneOf works on numbers', { number: { oneOf: [1, 2, 3] } }, ['a', 'b', 'c']],
    ['oneOf nothing finds nothing', { id: { oneOf: [] } }, []],
    ['not excludes its value', { number: { not: 2 } }, ['a', 'c', 'd']],
  ]
  for (const [sentence, where, expected] of tests)
    promise(sentence, async (store) => {
      await fill(store)
      const found = await store.transact('ask', (transaction) => transaction.find('streams', where, { orderBy: 'id' }))
      expect(found.map(({ id }) => id)).toEqual(expected)
    })
  promise('null is asked for by null; the other tests never find it', async (store) => {
    await store.transact('write', (transaction) => transaction.insert('receipts', receipt('a'), { ...receipt('b'), usedAt: 5 }))
    const asked = [{ usedAt: null }, { usedAt: 5 }, { usedAt: { not: 6 } }, { usedAt: { above: -1 } }, { usedAt: { atMost: 9 } }]
    const found = await store.transact('ask', async (transaction) => Promise.all(asked.map((where) => transaction.find('receipts', where))))
    expect(found.map((each) => each.map(({ id }) => id).join())).toEqual(['a', 'b', 'b', 'b', 'b'])
  })
  promise('rows come in order, both ways, and no more than asked for', async (store) => {
    await fill(store)
    const ids = (options: FindOptions<'streams'>) =>
      store.transact('ask', async (transaction) => (await transaction.find('streams', {}, options)).map(({ id }) => id).join(''))
    expect([await ids({ orderBy: 'id' }), await ids({ orderBy: 'id', descending: true })]).toEqual(['abcd', 'dcba'])
    expect([await ids({ orderBy: 'id', limit: 2 }), await ids({ orderBy: 'id', limit: 0 })]).toEqual(['ab', ''])
    await store.transact('write', (transaction) => transaction.insert('streams', stream('e', 10)))
    expect(
      await store.transact('ask', (transaction) => transaction.find('streams', {}, { orderBy: 'number', descending: true, limit: 1 })),
    ).toEqual([stream('e', 10)])
  })
  promise('get gives a row or undefined', async (store) => {
    await fill(store)
    const get = (id: string) => store.transact('get', (transaction) => transaction.get('streams', { id }))
    expect([await get('a'), await get('z')]).toEqual([stream('a', 1), undefined])
  })
}

/** What is stored is what comes back, and stays what it was. */
export function rows(promise: Promised, { expect }: TestApi): void {
  promise('JSON comes back as it was: nested, in any script, also null and control characters', async (store) => {
    const values = [null, 0, '', 'ü€😀\u0000\ud800', [], {}, { 'a.b"c': [1, 2.5, -1e300, { tief: [null, true, false] }] }, 'null', '{}']
    const steps = values.map((value, index) => ({ callId: 'c', name: String(index), value }))
    await store.transact('write', (transaction) => transaction.insert('steps', ...steps))
    expect(await store.transact('read', (transaction) => transaction.find('steps', { callId: 'c' }, { orderBy: 'name' }))).toEqual(steps)
  })
  promise('text and large integers come back as they were', async (store) => {
    const row = stream(`ü€😀 '";-- \\ \n %_`, Number.MAX_SAFE_INTEGER, '')
    await store.transact('write', (transaction) => transaction.insert('streams', row, stream('negative', -Number.MAX_SAFE_INTEGER)))
    expect(
      await store.transact('read', (transaction) => transaction.get('streams', { id: row.id, number: Number.MAX_SAFE_INTEGER, head: '' })),
    ).toEqual(row)
  })
  promise('a row belongs to whoever has it: changing it changes nothing stored', async (store) => {
    const value = { list: [1] }
    await store.transact('write', async (transaction) => {
      await transaction.insert('steps', { callId: 'c', name: 'n', value })
      value.list.push(2)
    })
    const read = () => store.transact('read', (transaction) => transaction.get('steps', { callId: 'c', name: 'n' }))
    Object.assign((await read()) ?? {}, { value: 'changed' })
    expect(await read()).toEqual({ callId: 'c', name: 'n', value: { list: [1] } })
  })
  promise('many rows go in at once, none is no work', async (store) => {
    const many = Array.from({ length: 100 }, (_, index) => stream(String(index).padStart(3, '0'), index))
    await store.transact('write', async (transaction) => (await transaction.insert('streams'), transaction.insert('streams', ...many)))
    expect(await all(store)).toEqual(many)
  })
}
