import type { InteractionKind, Question } from '@countersign/core/protocol'
import { signIn } from '../src/testing/canned-events.ts'

/** One question of every kind, as a person would meet it; of a choice of two also the approval. */
export const questions: Readonly<Record<InteractionKind | 'approval' | 'unknown', Question>> = {
  text: { kind: 'text', text: 'Which city do you want the weather for?', placeholder: 'For example: Lisbon', required: true },
  notification: { kind: 'notification', text: 'The export will be kept for 30 days.' },
  binary_choice: {
    kind: 'binary_choice',
    text: 'Shall I go on with the second half?',
    options: [
      { id: 'y', label: 'Go on', value: 'yes' },
      { id: 'n', label: 'Stop here', value: 'no' },
    ],
  },
  approval: {
    kind: 'binary_choice',
    text: 'The assistant wants to transfer money from your account.',
    options: [
      { id: 'y', label: 'Transfer 50 EUR', value: 'approve' },
      { id: 'n', label: 'Do not transfer', value: 'decline' },
    ],
    approval: {
      tool: 'transfer_money',
      arguments: { to: 'DE02 1203 0000 0000 2020 51', amount: 50, currency: 'EUR', tags: ['rent', 'may'] },
      risk: 'high',
    },
  },
  radio: {
    kind: 'radio',
    text: 'Which calendar shall the meeting go to?',
    options: [
      { id: 'a', label: 'Work', value: 'work', description: 'Shared with your team' },
      { id: 'b', label: 'Private', value: 'private' },
      { id: 'c', label: 'Family', value: 'family', description: 'Seen by four people' },
    ],
  },
  checkbox: {
    kind: 'checkbox',
    text: 'Which reports shall be sent?',
    options: [
      { id: 'a', label: 'Sales', value: 'sales' },
      { id: 'b', label: 'Costs', value: 'costs', description: 'Contains salaries' },
    ],
  },
  dropdown: {
    kind: 'dropdown',
    text: 'Which region?',
    options: [
      { id: 'a', label: 'Europe', value: 'eu' },
      { id: 'b', label: 'Asia', value: 'as' },
    ],
  },
  oauth_consent: signIn,
  backchannel: {
    kind: 'backchannel',
    text: '"is_active_employee" needs an approval, which was asked for on another device by login.example.com. It says: “HR check 4711”',
    backchannel: {
      provider: 'hr',
      host: 'login.example.com',
      scopes: ['openid', 'read:employee'],
      tool: 'is_active_employee',
      bindingMessage: 'HR check 4711',
    },
  },
  device_code: {
    kind: 'device_code',
    text: '"who_am_i" needs you to sign in at login.example.com: enter the code WDJB-MJHT at https://login.example.com/device.',
    device: {
      provider: 'demo',
      host: 'login.example.com',
      scopes: ['openid', 'profile'],
      tool: 'who_am_i',
      userCode: 'WDJB-MJHT',
      verificationUri: 'https://login.example.com/device',
      verificationUriComplete: 'https://login.example.com/device?user_code=WDJB-MJHT',
    },
  },
  // A kind that only a newer server knows.
  unknown: { kind: 'signature', text: 'Please sign here.', pad: { width: 300 } } as unknown as Question,
}
