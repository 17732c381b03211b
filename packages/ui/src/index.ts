export {
  browserRuntime,
  type BrowserRuntime,
  type JsonAnswer,
  type OpenSocket,
  type PopupWindow,
  type SocketListener,
  type StorageScope,
} from './client/browser-runtime.ts'
export {
  type AskedQuestion,
  type ChatState,
  type QuestionEnd,
  type Reply,
  type Step,
  type StepStatus,
  type Turn,
  type TurnEnd,
  type TurnItem,
} from './client/chat-state.ts'
export { AccountController, type AccountHost } from './client/account-controller.ts'
export {
  type AccountAction,
  type AccountChange,
  type AccountOutcome,
  type AccountState,
  type KnownSessions,
  reduceAccount,
} from './client/account-state.ts'
export { ChatController, type ChatHost } from './client/chat-controller.ts'
export { reduce, type ChatAction } from './client/reducer.ts'
export { type Admission, ChatSocket, type ConnectionStatus, type Refusal, type SocketOwner } from './client/socket.ts'
export { type ThemeChoice } from './client/theme-choice.ts'
export { defineElements } from './define-elements.ts'
export { CountersignChat } from './elements/countersign-chat.ts'
