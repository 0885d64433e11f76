// `import "relata/element"` defines <relata-schema>.

/** What `ready` tells. */
export interface ReadyDetail {
  tables: number;
  findings: number;
}

/** What `select` tells. */
export interface SelectDetail {
  /** The table's path: `public.orders`. */
  table: string;
}

/** What `problem` tells. */
export interface ProblemDetail {
  message: string;
}

export class RelataSchema extends HTMLElement {
  static readonly version: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "relata-schema": RelataSchema;
  }
}
