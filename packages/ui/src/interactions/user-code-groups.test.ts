import { expect, test } from 'vitest'
import { userCodeGroups } from './user-code-groups.ts'

test.each([
  ['WDJB-MJHT', ['WDJB-MJHT']],
  ['WDJBMJHT', ['WDJB', 'MJHT']],
  ['019450730', ['019', '450', '730']],
  ['123456', ['123', '456']],
  ['1234567', ['1234', '567']],
  ['12 34 56', ['12 34 56']],
  ['AB12', ['AB12']],
  ['', ['']],
])('"%s" is read as %j', (code, groups) => {
  expect(userCodeGroups(code)).toEqual(groups)
  expect(groups.join('')).toBe(code)
})
