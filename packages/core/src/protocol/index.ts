export type { JsonObject, JsonValue } from './json.ts'
export type {
  AnswerByKind,
  ApprovalDetails,
  Asking,
  AskingByKind,
  BackchannelDetails,
  ConsentDetails,
  DeviceCodeDetails,
  InteractionKind,
  InteractionResponse,
  InteractionState,
  InteractionView,
  Offer,
  Option,
  Question,
  WaitProgress,
} from './interaction.ts'
export type { CallResult, Message, RequestedCall } from './message.ts'
export type { Presence, Principal } from './principal.ts'
export type { CallStatus, LoggedEvent, RunEnd, RunEvent } from './run-event.ts'
export type {
  AuthResponseMessage,
  ErrorMessage,
  FrameErrorCode,
  NatFrame,
  SystemInteractionMessage,
  SystemIntermediateMessage,
  SystemResponseMessage,
} from './nat-frames.ts'
export type {
  CancelMessage,
  CaughtUpMessage,
  ClientFrame,
  DrainingMessage,
  EventMessage,
  ResumeMessage,
  ServerFrame,
  SnapshotMessage,
  Subprotocol,
  UserInteractionMessage,
  UserMessage,
} from './frames.ts'
export type { Connection, Me } from './me.ts'
export type { AccountProblem, Disconnected, SessionList, SessionOverCode, SessionsEnded, SessionView, SignOutRequest } from './accounts.ts'
