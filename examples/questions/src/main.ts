import { runExample } from '@countersign/example-stage'
import { check } from './check.ts'
import { demo } from './demo.ts'

await runExample({ demo, check })
