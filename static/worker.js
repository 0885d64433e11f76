// The worker: loads the engine, feeds it, answers the page. Messages are those of web/protocol; web/engine/README.md shows the wiring.
//
// One text, two lives. As a script of its own (module or classic) it imports the engine from the neighbouring folder. Behind the engine's
// `no-modules` glue in a Blob, where nothing can be fetched, the page hands it the compiled module as its first message: `{ module }`.
(() => {
  "use strict";

  /** When the warm-up begins, in milliseconds after the engine is there, and how many tables its schemas have. */
  const WARM_UP = { after: 200, rounds: [5, 20, 40, 40, 40, 40] };

  const bundled = typeof wasm_bindgen === "function";
  let handOver;
  const loading = bundled ? new Promise((resolve) => (handOver = resolve)).then(start) : load();

  /** The page's number for the analysis. */
  let session = null;
  /** The analysis under way or finished: the engine's session, and how far reading is. */
  let current = null;
  /** The file being read, by name: the one to blame when the engine breaks. */
  let file = null;
  let broken = false;
  /** Whether the page has sent anything yet. */
  let asked = false;

  // Messages wait for the engine and keep their order: each handler runs when the promise, settled or not, lets it.
  self.addEventListener("message", ({ data }) => {
    if (bundled && data.module) handOver(data.module);
    else if (data.message !== undefined) loading.then((engine) => handle(engine, data.message, data.buffer), () => {});
  });

  loading.then(
    (engine) => {
      post({ hello: { protocol: engine.protocolVersion(), engine: engine.engineVersion() } });
      return warmUp(engine);
    },
    (error) => fail(`The engine could not be loaded: ${text(error)}`),
  );

  async function load() {
    const engine = await import("../engine/relata_engine.js");
    await engine.default();
    return engine;
  }

  async function start(module) {
    await wasm_bindgen({ module_or_path: module });
    return wasm_bindgen;
  }

  /**
   * Browsers run a program as they compiled it in haste until it has run for a while: of two equal dumps the first takes twice as long as the second. While
   * the page waits for its user, a few made-up schemas take that on themselves. Whatever the page sends comes first, and ends it.
   */
  async function warmUp(engine) {
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    await pause(WARM_UP.after);
    for (const tables of WARM_UP.rounds) {
      if (asked) return;
      const analysis = new engine.Session();
      analysis.push("schema.sql", new TextEncoder().encode(madeUp(tables)));
      analysis.endFile();
      analysis.finish(() => {});
      analysis.query({ diagram: { target: 0, options: {} } });
      analysis.free();
      await pause(0);
    }
  }

  function handle(engine, message, buffer) {
    asked = true;
    if (broken) return;
    try {
      if (message.start) begin(engine, message.start);
      else if (message.query) answer(message.query);
      else if (!current) return;
      else if (message.addFile) addFile(message.addFile);
      else if (message === "chunk") chunk(new Uint8Array(buffer));
      else if (message === "finish") finish();
    } catch (error) {
      fail(`The engine broke down: ${engine.lastPanic() ?? text(error)}`);
    }
  }

  function begin(engine, { session: number, bytes, options }) {
    session = number;
    file = null;
    current?.analysis.free();
    current = null;
    current = { analysis: new engine.Session(options), done: 0, total: bytes };
  }

  function addFile({ name }) {
    current.analysis.endFile();
    file = name;
    // Said before the first byte: a file without bytes is a file too.
    current.analysis.push(name, new Uint8Array());
  }

  function chunk(bytes) {
    current.analysis.push(file, bytes);
    current.done += bytes.length;
    progress({ stage: "read", done: current.done, total: current.total, file });
  }

  function finish() {
    // The last file is still the one to blame while it ends: an archive is unpacked here.
    current.analysis.endFile();
    file = null;
    const overview = current.analysis.finish(progress);
    post({ ready: { session, overview } });
  }

  function progress(progress) {
    post({ progress: { session, progress } });
  }

  function answer({ id, query }) {
    let reply;
    try {
      if (!current) throw new Error("Nothing has been given to analyse.");
      reply = current.analysis.query(query);
    } catch (error) {
      // A breakdown of the wasm itself goes up; all else is a question that makes no sense.
      if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) throw error;
      reply = { answer: { refused: { message: text(error) } } };
    }
    post({ answer: { session: session ?? 0, id, answer: reply.answer } }, reply.buffer);
  }

  /** A dump of so many tables with a bit of everything that dumps are made of. */
  function madeUp(tables) {
    const each = (write) => Array.from({ length: tables }, (_, n) => write(`public.item_${n}`, n)).join("");
    const created = (table, n) => `CREATE TABLE ${table} (
      id bigint NOT NULL,
      account_id bigint NOT NULL,
      name character varying(255) NOT NULL,
      email text,
      status public.state DEFAULT 'new'::public.state NOT NULL,
      kind text DEFAULT 'a'::text,
      amount numeric(12,2) DEFAULT 0 NOT NULL,
      payload jsonb DEFAULT '{}'::jsonb NOT NULL,
      created_at timestamp with time zone DEFAULT now() NOT NULL,
      CONSTRAINT item_${n}_kind CHECK (((amount >= (0)::numeric) AND (kind = ANY (ARRAY['a'::text, 'b'::text]))))
    );
    CREATE SEQUENCE ${table}_id_seq START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
    ALTER SEQUENCE ${table}_id_seq OWNED BY ${table}.id;
    ALTER TABLE ONLY ${table} ALTER COLUMN id SET DEFAULT nextval('${table}_id_seq'::regclass);
    COMMENT ON TABLE ${table} IS 'made up';
    `;
    const joined = (table, n) => `ALTER TABLE ONLY ${table} ADD CONSTRAINT item_${n}_pkey PRIMARY KEY (id);
    CREATE INDEX item_${n}_account ON ${table} USING btree (account_id, created_at DESC) WHERE (email IS NOT NULL);
    CREATE UNIQUE INDEX item_${n}_email ON ${table} USING btree (lower(email));
    CREATE TRIGGER touch BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION public.touch();
    ${n ? `ALTER TABLE ONLY ${table} ADD CONSTRAINT item_${n}_fkey FOREIGN KEY (account_id) REFERENCES public.item_${n >> 1}(id);` : ""}
    `;
    // What is code is read by other parts of the engine than what is a table.
    const coded = (table, n) => `CREATE FUNCTION public.count_${n}(state text, since timestamp with time zone) RETURNS integer LANGUAGE plpgsql AS $$
    DECLARE found integer;
    BEGIN
      IF TG_OP = 'DELETE' THEN UPDATE ${table} SET amount = amount - 1 WHERE id = OLD.id; RETURN OLD; END IF;
      INSERT INTO ${table} (name, kind) SELECT i.name, 'b' FROM ${table} i WHERE i.created_at > since ON CONFLICT DO NOTHING;
      SELECT count(*) INTO found FROM ${table} WHERE kind = state;
      RETURN found;
    END; $$;
    CREATE VIEW public.summary_${n} AS SELECT i.account_id, count(*) AS items, sum(i.amount) AS total, max(i.created_at) AS latest,
      CASE WHEN (i.kind = 'a'::text) THEN 1 ELSE 0 END AS first, COALESCE(i.email, ''::text) AS email
      FROM (${table} i LEFT JOIN public.item_${n >> 1} o ON ((o.id = i.account_id)))
      WHERE ((i.status <> 'done'::public.state) AND (EXISTS (SELECT 1 FROM ${table} x WHERE (x.id = i.account_id))))
      GROUP BY i.account_id, i.kind, i.email ORDER BY i.account_id;
    ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own_${n} ON ${table} USING ((account_id = (current_setting('app.account'::text))::bigint));
    GRANT SELECT, INSERT ON TABLE ${table} TO reader;
    `;
    return `CREATE TYPE public.state AS ENUM ('new', 'done');
    CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.created_at = now(); RETURN NEW; END $$;
    ${each(created)}${each(joined)}${each(coded)}
    CREATE VIEW public.open_items AS SELECT i.id, i.name FROM public.item_0 i WHERE (i.status = 'new'::public.state);
    `;
  }

  function fail(message) {
    broken = true;
    post({ failed: { session, file, message } });
  }

  function post(message, buffer) {
    self.postMessage({ message, buffer }, buffer ? [buffer] : []);
  }

  function text(error) {
    return error instanceof Error ? error.message : String(error);
  }
})();
