// What is called and with what. What comes back is in types.d.ts, which the build makes from the schemas of the JSON documents.
import type { Catalog, Check, History } from "./types.d.ts";

export type * from "./types.d.ts";

/** The content of a file: at once, or in chunks. */
export type Content = string | ArrayBuffer | ArrayBufferView | Blob | AsyncIterable<string | ArrayBuffer | ArrayBufferView>;

/** A file with its name; `/` stands between folders. */
export interface NamedFile {
  name: string;
  content: Content;
}

/** One file or several. SQL or bytes alone count as a file called `schema.sql`. */
export type Files =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | Iterable<NamedFile | readonly [name: string, content: Content] | Blob>
  | { readonly [name: string]: Content };

/** What is decided about the analysis. */
export interface AnalyzeOptions {
  /** Major version of the PostgreSQL server; otherwise a dump's header says it, or the newest known one is taken. */
  serverVersion?: number;
  /** The layout of every migration history: "flyway", "prisma" …; otherwise names and contents say it. */
  layout?: string;
  /** The dialect of every file; otherwise names and contents say it. */
  dialect?: "postgresql" | "mysql" | "sqlite";
  /** What placeholders of templates stand for. */
  defines?: Record<string, string>;
  /** "name" (default): as the files of a folder, in the order of their tool. "given": as they are given. */
  order?: "name" | "given";
  /** Rules that run only when asked for, by name. */
  rules?: string[];
}

export interface ReportOptions {
  /** "markdown" where nothing is said. */
  format?: "markdown" | "html" | "json" | "sarif" | "github" | "text";
  /** HTML alone: put the sources in, so that the page holds the whole analysis. */
  sources?: boolean;
}

export interface DiagramOptions {
  /** "svg" where nothing is said. */
  format?: "svg" | "mermaid" | "dbml" | "plantuml" | "text";
  /** The target, by its id; needed where there are several. */
  target?: string;
  /** How much of each table; "columns", which may be called "all", where nothing is said. */
  show?: "names" | "keys" | "columns" | "all";
  /** Only these tables and their neighbours: `orders`, `shop.orders` or `shop.*`, without quotes and in any case. */
  focus?: string;
  /** How many references away a neighbour may be; 1 where nothing is said. */
  hops?: number;
  /** Show views too. */
  views?: boolean;
  /** For SVG; "auto" (default) follows the reader's system. */
  theme?: "auto" | "light" | "dark";
}

export interface CatalogOptions {
  /** The target, by its id; needed where there are several. */
  target?: string;
}

/**
 * Loads the engine. Whoever does not call it has it called by the first question.
 * @param source the engine's program, where it is not beside the module: its address, a response, its bytes or its module
 */
export function init(source?: string | URL | Request | Response | BufferSource | WebAssembly.Module): Promise<void>;

/** What was found: targets with score and coverage, findings, problems. */
export function analyze(files: Files, options?: AnalyzeOptions): Promise<Check>;
/** A report as text. */
export function report(files: Files, options?: AnalyzeOptions & ReportOptions): Promise<string>;
/** A diagram as text. */
export function diagram(files: Files, options?: AnalyzeOptions & DiagramOptions): Promise<string>;
/** The schema that the files lead to, as PostgreSQL's own catalogues would have it. */
export function catalog(files: Files, options?: AnalyzeOptions & CatalogOptions): Promise<Catalog>;
/** The migrations in order, with what each changes. */
export function history(files: Files, options?: AnalyzeOptions): Promise<History>;

/** One analysis: takes files in chunks of any size, then answers as often as asked. */
export class Session {
  /** Only once `init` has resolved; `Session.open` waits by itself. */
  constructor(options?: AnalyzeOptions);
  static open(options?: AnalyzeOptions): Promise<Session>;
  /** Takes the next bytes of a file. Another name starts the next one. */
  push(name: string, chunk: string | ArrayBuffer | ArrayBufferView): void;
  /** Ends the current file, so that the next bytes start another one, even of the same name. */
  endFile(): void;
  /** A file could not be had: noted among the problems. */
  unreadable(name: string, reason: string): void;
  /** Takes all of a file. */
  add(name: string, content: Content): Promise<void>;
  /** Analyses everything that was given. */
  finish(progress?: (stage: "replay" | "check") => void): this;
  check(): Check;
  report(options?: ReportOptions): string;
  diagram(options?: DiagramOptions): string;
  catalog(options?: CatalogOptions): Catalog;
  history(): History;
  /** Gives the engine's memory back. */
  free(): void;
}
