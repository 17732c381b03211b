import { fileURLToPath } from 'node:url'

/** The workflow file of this example. */
export const workflowFile = fileURLToPath(new URL('../config.yml', import.meta.url))
