import { definePlugin } from '@countersign/server'
import { bookTable } from './book-table.ts'
import { inviteTeam } from './invite-team.ts'
import { planLunch } from './plan-lunch.ts'

/** The functions that config.yml names. */
export const plugin = definePlugin({ functions: [planLunch, bookTable, inviteTeam] })
