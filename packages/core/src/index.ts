export type { JsonObject, JsonValue } from "./protocol/index.ts"
