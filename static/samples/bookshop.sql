-- Bookshop: a small schema that is in good order.
-- PostgreSQL 15. Load it with: psql -f bookshop.sql

CREATE TYPE order_state AS ENUM ('placed', 'paid', 'shipped', 'returned', 'cancelled');

CREATE TABLE publisher (
    publisher_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text NOT NULL UNIQUE,
    country_code text NOT NULL CHECK (country_code ~ '^[A-Z]{2}$')
);
COMMENT ON TABLE publisher IS 'A house that publishes books.';
COMMENT ON COLUMN publisher.country_code IS 'ISO 3166-1 alpha-2.';

CREATE TABLE author (
    author_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    display_name text NOT NULL,
    sort_name    text NOT NULL,
    born_in      integer CHECK (born_in BETWEEN 1000 AND 2100)
);
COMMENT ON TABLE author IS 'A person, or a pen name, that books are sold under.';
CREATE INDEX author_sort_name_idx ON author (sort_name);

CREATE TABLE book (
    book_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    publisher_id bigint NOT NULL REFERENCES publisher ON DELETE RESTRICT,
    isbn         text NOT NULL UNIQUE CHECK (isbn ~ '^97[89][0-9]{10}$'),
    title        text NOT NULL,
    published_on date NOT NULL,
    price        numeric(10, 2) NOT NULL CHECK (price >= 0),
    pages        integer NOT NULL CHECK (pages > 0)
);
COMMENT ON TABLE book IS 'One edition of a work, as sold.';
CREATE INDEX book_publisher_id_idx ON book (publisher_id);
CREATE INDEX book_title_idx ON book (title);

CREATE TABLE book_author (
    book_id   bigint NOT NULL REFERENCES book ON DELETE CASCADE,
    author_id bigint NOT NULL REFERENCES author ON DELETE RESTRICT,
    position  integer NOT NULL CHECK (position > 0),
    PRIMARY KEY (book_id, author_id),
    UNIQUE (book_id, position)
);
COMMENT ON TABLE book_author IS 'Who wrote what, in the order of the title page.';
CREATE INDEX book_author_author_id_idx ON book_author (author_id);

CREATE TABLE shelf (
    shelf_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    label    text NOT NULL UNIQUE
);
COMMENT ON TABLE shelf IS 'A place in the shop.';

CREATE TABLE stock (
    book_id    bigint NOT NULL REFERENCES book ON DELETE CASCADE,
    shelf_id   bigint NOT NULL REFERENCES shelf ON DELETE RESTRICT,
    quantity   integer NOT NULL DEFAULT 0 CHECK (quantity >= 0),
    counted_at timestamp with time zone NOT NULL DEFAULT now(),
    PRIMARY KEY (book_id, shelf_id)
);
COMMENT ON TABLE stock IS 'How many copies stand where.';
CREATE INDEX stock_shelf_id_idx ON stock (shelf_id);

CREATE TABLE customer (
    customer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email       text NOT NULL,
    full_name   text NOT NULL,
    created_at  timestamp with time zone NOT NULL DEFAULT now()
);
COMMENT ON TABLE customer IS 'Someone who orders.';
CREATE UNIQUE INDEX customer_email_key ON customer (lower(email));

CREATE TABLE address (
    address_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE,
    lines       text NOT NULL,
    postcode    text NOT NULL,
    city        text NOT NULL,
    UNIQUE (customer_id, address_id)
);
COMMENT ON TABLE address IS 'Where parcels go.';

CREATE TABLE customer_order (
    order_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customer ON DELETE RESTRICT,
    address_id  bigint NOT NULL,
    state       order_state NOT NULL DEFAULT 'placed',
    placed_at   timestamp with time zone NOT NULL DEFAULT now(),
    shipped_at  timestamp with time zone,
    FOREIGN KEY (customer_id, address_id) REFERENCES address (customer_id, address_id) ON DELETE RESTRICT,
    CHECK (shipped_at IS NULL OR shipped_at >= placed_at)
);
COMMENT ON TABLE customer_order IS 'An order; its address must be one of its customer''s.';
CREATE INDEX customer_order_customer_id_address_id_idx ON customer_order (customer_id, address_id);
CREATE INDEX customer_order_open_idx ON customer_order (placed_at) WHERE state IN ('placed', 'paid');

CREATE TABLE order_line (
    order_id   bigint NOT NULL REFERENCES customer_order ON DELETE CASCADE,
    line       integer NOT NULL CHECK (line > 0),
    book_id    bigint NOT NULL REFERENCES book ON DELETE RESTRICT,
    quantity   integer NOT NULL CHECK (quantity > 0),
    unit_price numeric(10, 2) NOT NULL CHECK (unit_price >= 0),
    PRIMARY KEY (order_id, line)
);
COMMENT ON TABLE order_line IS 'A book in an order, at the price of that day.';
CREATE INDEX order_line_book_id_idx ON order_line (book_id);

CREATE TABLE review (
    review_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    book_id     bigint NOT NULL REFERENCES book ON DELETE CASCADE,
    customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE,
    stars       integer NOT NULL CHECK (stars BETWEEN 1 AND 5),
    body        text NOT NULL,
    created_at  timestamp with time zone NOT NULL DEFAULT now(),
    UNIQUE (book_id, customer_id)
);
COMMENT ON TABLE review IS 'What a reader thinks of a book; it goes when the customer does.';
CREATE INDEX review_customer_id_idx ON review (customer_id);

CREATE VIEW best_seller AS
SELECT b.book_id, b.title, sum(l.quantity) AS sold
FROM book AS b
JOIN order_line AS l ON l.book_id = b.book_id
GROUP BY b.book_id, b.title;
COMMENT ON VIEW best_seller IS 'Copies sold of each book.';
