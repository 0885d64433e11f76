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

/** The element's own events, by name. */
export interface RelataSchemaEventMap {
  ready: CustomEvent<ReadyDetail>;
  select: CustomEvent<SelectDetail>;
  problem: CustomEvent<ProblemDetail>;
}

/** `<relata-schema>`. What it shows, and how, is said by its attributes; docs/embedding.md lists them. */
export class RelataSchema extends HTMLElement {
  static readonly version: string;
  static readonly observedAttributes: readonly string[];
  /** SQL to show, in place of `src` and of what stands inside; `undefined` gives way to them again. */
  get sql(): string | undefined;
  set sql(text: string | null | undefined);
  /** The path of the table that is selected (`public.orders`); setting it goes there. */
  get selected(): string | undefined;
  set selected(path: string | null | undefined);
  /** Reads `src` again. Resolves when what it has now is shown. */
  reload(): Promise<void> | undefined;
  /** Begins at once, where it would wait until it is near the viewport. */
  wake(): Promise<void> | undefined;
  /** Looks again at what stands behind it, where a site's switch of themes changes neither class nor attribute. */
  themeMayHaveChanged(): void;

  addEventListener<Name extends keyof RelataSchemaEventMap>(
    type: Name,
    listener: (this: RelataSchema, event: RelataSchemaEventMap[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "relata-schema": RelataSchema;
  }
}
