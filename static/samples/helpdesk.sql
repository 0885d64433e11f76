-- Helpdesk: a multi-tenant service with row-level security.
-- Written to be audited: a dozen defects are planted, of the kind that reviews overlook.
-- PostgreSQL 15. Load it with: psql -f helpdesk.sql

CREATE EXTENSION IF NOT EXISTS pgcrypto;

CREATE SCHEMA app;
CREATE SCHEMA billing;

CREATE TYPE app.ticket_state AS ENUM ('open', 'waiting', 'solved', 'closed');

CREATE FUNCTION app.current_tenant() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;

-- Tenants and people -------------------------------------------------------------------------------------------------

CREATE TABLE app.tenant (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name       text NOT NULL,
    slug       text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE app.member (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id     uuid NOT NULL REFERENCES app.tenant (id) ON DELETE CASCADE,
    email         text NOT NULL,
    full_name     text NOT NULL,
    password      varchar(64),
    role          varchar(20) NOT NULL DEFAULT 'agent',
    last_seen_at  timestamp,
    created_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, email)
);
CREATE INDEX member_tenant_id_idx ON app.member (tenant_id);

CREATE TABLE app.team (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id  uuid NOT NULL REFERENCES app.tenant (id) ON DELETE CASCADE,
    name       text NOT NULL,
    lead_id    uuid REFERENCES app.member (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, name)
);

CREATE TABLE app.team_member (
    tenant_id uuid NOT NULL REFERENCES app.tenant (id) ON DELETE CASCADE,
    team_id   uuid NOT NULL REFERENCES app.team (id) ON DELETE CASCADE,
    member_id uuid NOT NULL REFERENCES app.member (id) ON DELETE CASCADE
);
CREATE INDEX team_member_team_id_idx ON app.team_member (team_id);

-- Tickets --------------------------------------------------------------------------------------------------------------

CREATE TABLE app.requester (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id  uuid NOT NULL REFERENCES app.tenant (id) ON DELETE CASCADE,
    email      text NOT NULL,
    full_name  text,
    attributes json,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, email)
);

CREATE TABLE app.ticket (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id    uuid NOT NULL REFERENCES app.tenant (id) ON DELETE CASCADE,
    number       integer NOT NULL,
    requester_id uuid NOT NULL REFERENCES app.requester (id),
    assignee_id  uuid REFERENCES app.member (id) ON DELETE SET NULL,
    team_id      uuid REFERENCES app.team (id) ON DELETE SET NULL,
    subject      text NOT NULL,
    state        app.ticket_state NOT NULL DEFAULT 'open',
    priority     integer NOT NULL DEFAULT 3 CHECK (priority BETWEEN 1 AND 5),
    opened_at    timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz,
    UNIQUE (tenant_id, number)
);
CREATE INDEX ticket_tenant_id_idx ON app.ticket (tenant_id);
CREATE INDEX ticket_tenant_id_state_idx ON app.ticket (tenant_id, state);
CREATE INDEX ticket_assignee_id_idx ON app.ticket (assignee_id);

CREATE TABLE app.ticket_message (
    id         bigserial PRIMARY KEY,
    tenant_id  uuid NOT NULL REFERENCES app.tenant (id) ON DELETE CASCADE,
    ticket_id  uuid NOT NULL REFERENCES app.ticket (id) ON DELETE CASCADE,
    author_id  uuid REFERENCES app.member (id) ON DELETE SET NULL,
    body       text NOT NULL,
    internal   boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ticket_message_ticket_id_created_at_idx ON app.ticket_message (ticket_id, created_at);

CREATE TABLE app.attachment (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    message_id integer NOT NULL,
    tenant_id  uuid NOT NULL REFERENCES app.tenant (id) ON DELETE CASCADE,
    file_name  varchar(255) NOT NULL,
    bytes      integer NOT NULL CHECK (bytes >= 0),
    sha256     char(64) NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (message_id) REFERENCES app.ticket_message (id) ON DELETE CASCADE
);

CREATE TABLE app.tag (
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES app.tenant (id) ON DELETE CASCADE,
    label     text NOT NULL,
    colour    char(7),
    UNIQUE (tenant_id, label)
);

CREATE TABLE app.ticket_tag (
    tenant_id uuid NOT NULL REFERENCES app.tenant (id) ON DELETE CASCADE,
    ticket_id uuid NOT NULL REFERENCES app.ticket (id) ON DELETE CASCADE,
    tag_id    uuid NOT NULL REFERENCES app.tag (id) ON DELETE CASCADE,
    PRIMARY KEY (ticket_id, tag_id)
);

CREATE TABLE app.macro (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name       text NOT NULL,
    body       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE app.audit_event (
    tenant_id   uuid NOT NULL,
    occurred_at timestamp NOT NULL DEFAULT now(),
    actor_id    uuid,
    action      text NOT NULL,
    payload     jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_event_tenant_id_occurred_at_idx ON app.audit_event (tenant_id, occurred_at);

-- Billing --------------------------------------------------------------------------------------------------------------

CREATE TABLE billing.plan (
    id            serial PRIMARY KEY,
    code          text NOT NULL UNIQUE,
    monthly_price double precision NOT NULL
);

CREATE TABLE billing.subscription (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id  uuid NOT NULL REFERENCES app.tenant (id),
    plan_id    integer NOT NULL REFERENCES billing.plan (id),
    starts_on  date NOT NULL,
    ends_on    date,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX subscription_tenant_id_idx ON billing.subscription (tenant_id);
CREATE INDEX subscription_tenant_idx ON billing.subscription (tenant_id);

CREATE TABLE billing.invoice (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id       uuid NOT NULL REFERENCES app.tenant (id),
    subscription_id uuid NOT NULL REFERENCES billing.subscription (id),
    number          text NOT NULL,
    amount          money NOT NULL,
    issued_on       date NOT NULL,
    paid_at         timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX invoice_tenant_id_idx ON billing.invoice (tenant_id);

-- Row-level security ---------------------------------------------------------------------------------------------------

ALTER TABLE app.member ENABLE ROW LEVEL SECURITY;
CREATE POLICY member_tenant ON app.member
    USING (tenant_id = app.current_tenant()) WITH CHECK (tenant_id = app.current_tenant());

ALTER TABLE app.team ENABLE ROW LEVEL SECURITY;
CREATE POLICY team_tenant ON app.team
    USING (tenant_id = app.current_tenant()) WITH CHECK (tenant_id = app.current_tenant());

ALTER TABLE app.team_member ENABLE ROW LEVEL SECURITY;
CREATE POLICY team_member_tenant ON app.team_member
    USING (tenant_id = app.current_tenant()) WITH CHECK (tenant_id = app.current_tenant());

ALTER TABLE app.requester ENABLE ROW LEVEL SECURITY;
CREATE POLICY requester_tenant ON app.requester
    USING (tenant_id = app.current_tenant()) WITH CHECK (tenant_id = app.current_tenant());

ALTER TABLE app.ticket ENABLE ROW LEVEL SECURITY;
CREATE POLICY ticket_tenant ON app.ticket
    USING (tenant_id = app.current_tenant()) WITH CHECK (tenant_id = app.current_tenant());

-- Enabled, and then forgotten: no policy.
ALTER TABLE app.ticket_message ENABLE ROW LEVEL SECURITY;

-- A policy without the switch.
CREATE POLICY tag_tenant ON app.tag
    USING (tenant_id = app.current_tenant()) WITH CHECK (tenant_id = app.current_tenant());

ALTER TABLE app.ticket_tag ENABLE ROW LEVEL SECURITY;
CREATE POLICY ticket_tag_tenant ON app.ticket_tag
    USING (true) WITH CHECK (tenant_id = app.current_tenant());

-- Reporting and triggers -----------------------------------------------------------------------------------------------

CREATE FUNCTION app.close_ticket(ticket uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    AS $$
BEGIN
    UPDATE app.ticket SET state = 'closed', closed_at = now() WHERE id = ticket;
END
$$;

CREATE FUNCTION app.log_ticket() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO app.audit_event (tenant_id, action, payload)
    VALUES (NEW.tenant_id, TG_OP, to_jsonb(NEW));
    RETURN NEW;
END
$$;

CREATE TRIGGER ticket_log AFTER INSERT OR UPDATE ON app.ticket
    FOR EACH ROW EXECUTE FUNCTION app.log_ticket();

CREATE VIEW app.open_ticket AS
SELECT t.tenant_id, t.number, t.subject, t.priority, m.full_name AS assignee
FROM app.ticket AS t
LEFT JOIN app.member AS m ON m.id = t.assignee_id
WHERE t.state <> 'closed';
