/** A free port below the range that outgoing connections take theirs from, so that it stays free until it is used. */
export declare function freePort(): Promise<number>
