import { AccountButton } from './account/account-button.ts'
import { ChatComposer } from './elements/chat-composer.ts'
import { ChatGate } from './elements/chat-gate.ts'
import { ChatHeader } from './elements/chat-header.ts'
import { ChatNotice } from './elements/chat-notice.ts'
import { ChatTurn } from './elements/chat-turn.ts'
import { ChatWelcome } from './elements/chat-welcome.ts'
import { ConnectionState } from './elements/connection-state.ts'
import { CountersignChat } from './elements/countersign-chat.ts'
import { MessageList } from './elements/message-list.ts'
import { StatusBar } from './elements/status-bar.ts'
import { StepList } from './elements/step-list.ts'
import { ToolStep } from './elements/tool-step.ts'
import { QuestionCard } from './interactions/question-card.ts'
import { define } from './define.ts'
import { allQuestionKinds } from './interactions/question-kinds.ts'
import { MarkdownText } from './markdown/markdown-text.ts'

/** Registers every element of the chat with the page; a second call does nothing. `<countersign-chat>` comes last. */
export function defineElements(): void {
  for (const { tag, element } of allQuestionKinds) define(tag, element)
  for (const [tag, element] of Object.entries(elements)) define(tag, element)
}

const elements: Readonly<Record<string, CustomElementConstructor>> = {
  'countersign-account': AccountButton,
  'countersign-composer': ChatComposer,
  'countersign-connection': ConnectionState,
  'countersign-gate': ChatGate,
  'countersign-header': ChatHeader,
  'countersign-markdown': MarkdownText,
  'countersign-messages': MessageList,
  'countersign-notice': ChatNotice,
  'countersign-question-card': QuestionCard,
  'countersign-status': StatusBar,
  'countersign-step-list': StepList,
  'countersign-tool-step': ToolStep,
  'countersign-turn': ChatTurn,
  'countersign-welcome': ChatWelcome,
  'countersign-chat': CountersignChat,
}
