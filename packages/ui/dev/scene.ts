import type { RunEvent } from '@countersign/core/protocol'
import type { CountersignChat } from '../src/elements/countersign-chat.ts'
import type { VirtualBrowser } from '../src/testing/virtual-browser.ts'

/** One state of the chat: what the outside world is like, what was logged before, what happens live, and what the person then does. */
export interface Scene {
  readonly browser?: (browser: VirtualBrowser) => void
  readonly log?: readonly RunEvent[]
  readonly live?: readonly RunEvent[]
  readonly act?: (chat: CountersignChat, browser: VirtualBrowser) => Promise<void> | void
}

/** The scenes of one subject, by name. */
export type Scenes = Readonly<Record<string, Scene>>
