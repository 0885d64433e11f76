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

/** The tools whose migrations are known, by name. */
export type Layout =
  | "atlas" | "dbmate" | "diesel" | "drizzle" | "flyway" | "golang-migrate" | "goose" | "hasura" | "liquibase"
  | "node-pg-migrate" | "numbered" | "prisma" | "refinery" | "sql-migrate" | "sqlx" | "sqitch" | "supabase" | "files";

/** Whose SQL it is. */
export type Dialect = "postgresql" | "mysql" | "sqlite";

/** How bad a finding is, worst first. */
export type Severity = "critical" | "high" | "medium" | "low" | "info";

/** The chapters of a report, in their order. */
export type Section =
  | "summary" | "changes" | "read" | "history" | "glance" | "diagram" | "compliance" | "column-types" | "indexes"
  | "references" | "constraints" | "nulls" | "tenancy" | "row-security" | "performance" | "storage" | "integrity"
  | "findings" | "strengths" | "risks" | "plan" | "monitoring" | "tables" | "views" | "types" | "functions" | "checked"
  | "limits";

/** What is decided about the analysis. */
export interface AnalyzeOptions {
  /** Major version of the PostgreSQL server; otherwise a dump's header says it, or the newest known one is taken. */
  serverVersion?: number;
  /** The layout of every migration history: "flyway", "prisma" …; otherwise names and contents say it. */
  layout?: Layout;
  /** The dialect of every file; otherwise names and contents say it. */
  dialect?: Dialect;
  /** Whether the files change a database that is there already: what they do not make is taken for there. */
  partial?: boolean;
  /** What placeholders of templates stand for. */
  defines?: Record<string, string>;
  /** "name" (default): as the files of a folder, in the order of their tool. "given": as they are given. */
  order?: "name" | "given";
  /** Rules that run only when asked for, by name. */
  rules?: string[];
}

/** What a report is to be, and how it is to look. What follows `sources` is for what people read, not for "json", "sarif" and "github". */
export interface ReportOptions {
  /** "markdown" where nothing is said. "pr" is short Markdown for a pull request, "summary" that for a job of GitHub Actions. */
  format?: "markdown" | "html" | "text" | "pr" | "summary" | "json" | "sarif" | "github";
  /** HTML alone: put the sources in, so that the page holds the whole analysis. */
  sources?: boolean;
  /** A title in place of the project's name. */
  title?: string;
  /** Words for the cover. */
  note?: string;
  /** An image for the cover, as a `data:image/…;base64,` URL. */
  logo?: string;
  /** The chapters to show; all where nothing is said. */
  sections?: readonly Section[];
  /** The least severity of findings that are listed one by one; counts tell all. */
  severity?: Severity;
  /** Where the files are shown on the web, for links: `https://github.com/OWNER/REPOSITORY/blob/COMMIT/`. `{path}` and `{line}` may stand in it. */
  sourceUrl?: string;
}

/** What a report is compared with. */
export interface BaseOptions {
  /** The files of an older state, read with the same options: the report tells what changed since. */
  base?: Files;
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
export function report(files: Files, options?: AnalyzeOptions & ReportOptions & BaseOptions): Promise<string>;
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
  /** A report of what changed since `base`, an older state. It ends both sessions. */
  reportSince(base: Session, options?: ReportOptions): string;
  diagram(options?: DiagramOptions): string;
  catalog(options?: CatalogOptions): Catalog;
  history(): History;
  /** Gives the engine's memory back. */
  free(): void;
}
