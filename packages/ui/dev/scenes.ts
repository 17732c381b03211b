import type { Scenes } from './scene.ts'
import { accounts } from './scenes/account.ts'
import { consenting } from './scenes/consent.ts'
import { conversation } from './scenes/conversation.ts'
import { elsewhere } from './scenes/elsewhere.ts'
import { asking } from './scenes/questions.ts'

/** Every state the chat can be looked at in. */
export const scenes: Scenes = { ...conversation, ...consenting, ...asking, ...elsewhere, ...accounts }
