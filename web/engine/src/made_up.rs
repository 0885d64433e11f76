//! Made-up dumps, on which a worker warms the engine up.
//!
//! Browsers run a program as they compiled it in haste until it has run for a while: of two equal dumps the first takes twice as long as the second. While a page
//! waits for its user, dumps of nobody's take that on themselves. They have a bit of everything that dumps are made of and that rules look at, for what has not
//! run is not compiled either. `cargo xtask bench` measures behind the same ones.

/// How many tables the dumps have, one after another: few first, so that a page that is in a hurry waits for little.
const ROUNDS: [usize; 14] = [5, 20, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40];

/// The dump of a round, from 0 on; none when the engine has run for long enough.
pub(crate) fn made_up(round: usize) -> Option<String> {
    let tables = *ROUNDS.get(round)?;
    let mut dump = String::from(FIRST);
    for part in [table as fn(usize) -> String, keys, code] {
        dump.extend((0..tables).map(part));
    }
    dump.push_str(LAST);
    Some(dump)
}

const FIRST: &str = "SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE TYPE public.state AS ENUM ('new', 'done');
CREATE DOMAIN public.label AS text CONSTRAINT short CHECK ((length(VALUE) < 50));
CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.created_at = now(); RETURN NEW; END $$;
";

/// A column that each table has one of: names that rules have a word on, types in all their spellings.
const COLUMNS: [&str; 15] = [
    "deleted_at uuid",
    "price date",
    "parent_id boolean DEFAULT false NOT NULL",
    "password double precision",
    "\"isActive\" text[]",
    "owner_type timestamp without time zone",
    "updated_at integer DEFAULT 0",
    "tags bytea",
    "url character varying(64)",
    "\"position\" public.label",
    "tenant_id inet",
    "currency interval",
    "expires_at numeric",
    "count json",
    "state smallint",
];

fn table(n: usize) -> String {
    let column = COLUMNS[n % COLUMNS.len()];
    let (id, default) = match n % 3 {
        0 => ("uuid DEFAULT gen_random_uuid()", String::new()),
        _ => (
            "bigint",
            format!(
                "ALTER TABLE ONLY public.item_{n} ALTER COLUMN id SET DEFAULT nextval('public.item_{n}_id_seq'::regclass);"
            ),
        ),
    };
    let (half, reference) = (n / 2, if n.is_multiple_of(4) { "integer" } else { "bigint" });
    format!(
        "
--
-- Name: item_{n}; Type: TABLE; Schema: public; Owner: keeper
--

CREATE TABLE public.item_{n} (
    id {id} NOT NULL,
    account_id bigint NOT NULL,
    name character varying(255) NOT NULL,
    email text,
    status public.state DEFAULT 'new'::public.state NOT NULL,
    kind text DEFAULT 'a'::text,
    {column},
    item_{half}_id {reference},
    amount numeric(12,2) DEFAULT 0 NOT NULL,
    payload jsonb DEFAULT '{{}}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT item_{n}_kind CHECK (((amount >= (0)::numeric) AND (kind = ANY (ARRAY['a'::text, 'b'::text])))),
    CONSTRAINT item_{n}_name CHECK (((char_length((name)::text) > 0) OR (email IS NULL) OR (email ~~ '%@%'::text)))
);
ALTER TABLE public.item_{n} OWNER TO keeper;
COMMENT ON TABLE public.item_{n} IS 'made up';
COMMENT ON COLUMN public.item_{n}.kind IS 'a or b';
CREATE SEQUENCE public.item_{n}_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.item_{n}_id_seq OWNER TO keeper;
ALTER SEQUENCE public.item_{n}_id_seq OWNED BY public.item_{n}.id;
{default}
"
    )
}

fn keys(n: usize) -> String {
    let key = if n % 5 == 4 { "account_id, id" } else { "id" };
    let (included, action) = (
        if n % 2 == 1 { ", account_id) INCLUDE (name" } else { "" },
        ["", " ON DELETE CASCADE", " ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED", " NOT VALID"][n % 4],
    );
    let mut keys = format!(
        "ALTER TABLE ONLY public.item_{n}
    ADD CONSTRAINT item_{n}_pkey PRIMARY KEY ({key});
CREATE INDEX item_{n}_account ON public.item_{n} USING btree (account_id, created_at DESC) WHERE (email IS NOT NULL);
CREATE UNIQUE INDEX item_{n}_email ON public.item_{n} USING btree (lower(email));
CREATE INDEX item_{n}_payload ON public.item_{n} USING gin (payload jsonb_path_ops);
CREATE INDEX item_{n}_kind ON public.item_{n} USING btree (kind{included});
CREATE TRIGGER touch BEFORE UPDATE ON public.item_{n} FOR EACH ROW EXECUTE FUNCTION public.touch();
CREATE TRIGGER counted AFTER INSERT OR DELETE ON public.item_{n} FOR EACH ROW WHEN ((pg_trigger_depth() < 1)) EXECUTE FUNCTION public.touch();
"
    );
    if n % 5 == 1 {
        keys += &format!(
            "ALTER TABLE ONLY public.item_{n} ADD CONSTRAINT item_{n}_unique UNIQUE (account_id, name) DEFERRABLE;\n"
        );
    }
    if !n.is_multiple_of(3) && n % 5 != 4 {
        keys += &format!(
            "ALTER TABLE ONLY public.item_{n} ADD CONSTRAINT item_{n}_fkey FOREIGN KEY (account_id) REFERENCES public.item_1(id){action};\n"
        );
    }
    keys
}

fn code(n: usize) -> String {
    let half = n / 2;
    format!(
        "CREATE FUNCTION public.count_{n}(state text, since timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    AS $$
    DECLARE found integer; r record;
    BEGIN
      IF TG_OP = 'DELETE' THEN UPDATE public.item_{n} SET amount = amount - 1 WHERE id = OLD.id; RETURN OLD; END IF;
      FOR r IN SELECT * FROM public.item_{n} WHERE status = 'new' LOOP
        PERFORM pg_notify('made', r.id::text);
      END LOOP;
      INSERT INTO public.item_{n} (name, kind) SELECT i.name, 'b' FROM public.item_{n} i WHERE i.created_at > since ON CONFLICT DO NOTHING;
      EXECUTE format('DELETE FROM %I WHERE id = $1', 'item_{n}') USING state;
      IF found IS NULL THEN RAISE EXCEPTION 'none of %', state; END IF;
      SELECT count(*) INTO found FROM public.item_{n} WHERE kind = state;
      RETURN found;
    EXCEPTION WHEN unique_violation THEN RETURN 0;
    END; $$;
CREATE FUNCTION public.sum_{n}(a bigint) RETURNS numeric LANGUAGE sql STABLE AS $_$
    WITH recent AS (SELECT amount FROM public.item_{n} WHERE account_id = $1 ORDER BY created_at DESC LIMIT 10)
    SELECT sum(amount) FROM recent;
$_$;
CREATE VIEW public.summary_{n} AS
 WITH latest AS (
         SELECT DISTINCT ON (item.account_id) item.account_id,
            item.id,
            row_number() OVER (PARTITION BY item.account_id ORDER BY item.created_at DESC) AS rank
           FROM public.item_{n} item
        )
 SELECT i.account_id,
    count(*) AS items,
    sum(i.amount) AS total,
    max(i.created_at) AS latest,
        CASE WHEN (i.kind = 'a'::text) THEN 1 ELSE 0 END AS first,
    COALESCE(i.email, ''::text) AS email,
    (i.payload ->> 'name'::text) AS label,
    array_agg(DISTINCT i.name) AS names,
    date_trunc('day'::text, i.created_at) AS day,
    (i.created_at + '1 day'::interval) AS next,
    ( SELECT min(x.amount) AS min FROM public.item_{n} x WHERE (x.account_id = i.account_id)) AS least
   FROM ((public.item_{n} i
     LEFT JOIN public.item_{half} o ON ((o.account_id = i.account_id)))
     JOIN latest l ON ((l.account_id = i.account_id)))
  WHERE ((i.status <> 'done'::public.state)
    AND (NOT (EXISTS ( SELECT 1 FROM public.item_{n} x WHERE (x.account_id = i.account_id))))
    AND ((i.name)::text = ANY (ARRAY['a'::text, 'b'::text])))
  GROUP BY i.account_id, i.kind, i.email, i.payload, i.created_at
UNION ALL
 SELECT o.account_id, 0, 0, now(), 0, NULL::text, lower((o.name)::text), '{{}}'::character varying[], now(), now(), 1.5
   FROM public.item_{half} o
  WHERE ((o.amount >= (0)::numeric) AND (o.email IS NOT NULL));
COMMENT ON VIEW public.summary_{n} IS 'made up';
ALTER TABLE public.item_{n} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_{n} ON public.item_{n} USING ((account_id = (current_setting('app.account'::text))::bigint));
GRANT SELECT, INSERT ON TABLE public.item_{n} TO reader;
"
    )
}

const LAST: &str = "CREATE VIEW public.open_items AS SELECT i.id, i.name FROM public.item_0 i WHERE (i.status = 'new'::public.state);
CREATE MATERIALIZED VIEW public.all_items AS SELECT i.id, i.name FROM public.item_0 i WITH NO DATA;
CREATE TABLE public.events (id bigint GENERATED ALWAYS AS IDENTITY, at timestamp with time zone NOT NULL, item bigint) PARTITION BY RANGE (at);
CREATE TABLE public.events_1 PARTITION OF public.events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
ALTER TABLE ONLY public.events ADD CONSTRAINT events_pkey PRIMARY KEY (id, at);
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO reader;
";
