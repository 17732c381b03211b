import { describe, expect, test } from 'vitest'
import { exceptions, fileRules, staleExceptions } from './house/file-rules.ts'
import { graphRules } from './house/graph-rules.ts'
import { openHouse, readFiles, type Finding } from './house/house.ts'
import { layerRules } from './house/layer-rules.ts'

const rules = [...layerRules, ...graphRules, ...fileRules]
const house = openHouse(readFiles())

describe('our code', () => {
  for (const { name, check } of rules) {
    test(name, () => {
      expect(check(house).map(sentence)).toEqual([])
    })
  }

  test('no exception to the rules has outlived its reason', () => {
    expect(staleExceptions(house.sources)).toEqual([])
    expect(Object.values(exceptions).filter((reason) => reason.length < 20)).toEqual([])
  })
})

describe('a house that breaks a rule is found out', () => {
  for (const { name, check, planted, bites } of rules) {
    test(name, () => {
      expect(check(openHouse(planted)).map(({ path, line }) => `${path}:${line}`)).toEqual(bites)
    })
  }
})

function sentence({ path, line, message }: Finding): string {
  return `${path}:${line} ${message}`
}
