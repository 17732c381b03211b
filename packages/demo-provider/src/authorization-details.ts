import type { AuthorizationDetail } from 'oidc-provider'
import { isPrintable } from './printable.ts'

/** One thing that a request asks to be allowed beyond scopes (RFC 9396), as a person reads it. */
export interface DetailWords {
  readonly title: string
  readonly lines: readonly { readonly name: string; readonly value: string }[]
}

/** How a type is checked and told. */
interface DetailType {
  /** What is wrong with it, for the client's developer. */
  faultOf(detail: Fields): string | undefined
  wordsOf(detail: Fields): DetailWords
}

type Fields = Readonly<Record<string, unknown>>

/** A payment, as in RFC 9396 §2; its amount and receiver are what the person has to see. */
const PAYMENT: DetailType = {
  faultOf(detail) {
    const { currency, amount } = fieldsOf(detail['instructedAmount'])
    if (!/^[A-Z]{3}$/.test(textOf(currency)) || !/^\d{1,12}(\.\d{1,2})?$/.test(textOf(amount)))
      return 'instructedAmount needs a currency such as "EUR" and an amount such as "123.50"'
    if (!isPrintable(textOf(detail['creditorName']), 70)) return 'creditorName must be 1 to 70 printable characters'
    const account = textOf(fieldsOf(detail['creditorAccount'])['iban'])
    return account === '' || /^[A-Z]{2}[A-Z0-9]{13,32}$/.test(account) ? undefined : 'creditorAccount.iban is not an IBAN'
  },
  wordsOf(detail) {
    const { currency, amount } = fieldsOf(detail['instructedAmount'])
    const account = textOf(fieldsOf(detail['creditorAccount'])['iban'])
    return {
      title: 'Make a payment',
      lines: [
        { name: 'Amount', value: `${textOf(amount)} ${textOf(currency)}` },
        { name: 'To', value: textOf(detail['creditorName']) },
        ...(account === '' ? [] : [{ name: 'Account', value: account.replace(/.{4}(?=.)/g, '$& ') }]),
      ],
    }
  },
}

/** Access to named reports. */
const REPORT_ACCESS: DetailType = {
  faultOf(detail) {
    const reports = textsOf(detail['identifiers'])
    const actions = textsOf(detail['actions'])
    if (reports.length === 0 || !reports.every((name) => isPrintable(name, 70))) return 'identifiers must name at least one report'
    const isKnown = actions.length > 0 && actions.every((action) => action === 'read' || action === 'write')
    return isKnown ? undefined : 'actions must be "read", "write" or both'
  },
  wordsOf(detail) {
    return {
      title: 'Use reports',
      lines: [
        { name: 'Reports', value: textsOf(detail['identifiers']).join(', ') },
        { name: 'To', value: textsOf(detail['actions']).join(' and ') },
      ],
    }
  },
}

const TYPES: ReadonlyMap<string, DetailType> = new Map([
  ['payment_initiation', PAYMENT],
  ['report_access', REPORT_ACCESS],
])

/** The types this provider knows. */
export const AUTHORIZATION_DETAILS_TYPES: readonly string[] = [...TYPES.keys()]

/** What is wrong with a detail of a known type; `undefined` when nothing is. */
export function detailFault(detail: AuthorizationDetail): string | undefined {
  return TYPES.get(detail.type)?.faultOf({ ...detail })
}

/** The details of a request that was checked, in words. */
export function detailWords(details: readonly AuthorizationDetail[]): readonly DetailWords[] {
  return details.flatMap((detail) => TYPES.get(detail.type)?.wordsOf({ ...detail }) ?? [])
}

/** The parameter as oidc-provider let it pass; empty when there is none. */
export function parseDetails(parameter: unknown): AuthorizationDetail[] {
  // The library has checked that it is an array of objects with known types.
  return typeof parameter === 'string' ? (JSON.parse(parameter) as AuthorizationDetail[]) : []
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
