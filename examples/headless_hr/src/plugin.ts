import { definePlugin } from '@countersign/server'
import { getEmployeeIdByEmail } from './get-employee-id-by-email.ts'
import { isActiveEmployee } from './is-active-employee.ts'

/** The functions that config.yml names. */
export const plugin = definePlugin({ functions: [getEmployeeIdByEmail, isActiveEmployee] })
