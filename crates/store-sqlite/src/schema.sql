-- Version 1. What each table is for and what `verify` compares it with: docs/formats/log.md.

-- One row: the log's own key and its head, written in the transaction that moves it.
CREATE TABLE log (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    format INTEGER NOT NULL,
    identity_key BLOB NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL
) STRICT;

-- Small numbers for what recurs in every row.
CREATE TABLE sources (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE kinds (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- The facts. `content` and `salt` are what is hashed; the other columns repeat it for queries.
CREATE TABLE facts (
    position INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    source INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    identity BLOB NOT NULL,
    revision INTEGER NOT NULL,
    thread BLOB,
    span_begin INTEGER,
    span_end INTEGER,
    entity BLOB,
    version INTEGER,
    live INTEGER NOT NULL,
    salt BLOB NOT NULL,
    leaf BLOB NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (identity, revision)
) STRICT;
-- Timelines: by time, then position; the rest so that a window is counted from the index alone.
CREATE INDEX facts_timeline ON facts (occurred_at, position, source, kind, live, revision)
    WHERE entity IS NULL;
-- One quiet source within a loud window.
CREATE INDEX facts_source_timeline ON facts (source, occurred_at, position, kind, live, revision)
    WHERE entity IS NULL;
CREATE INDEX facts_source ON facts (source, position);
-- Live facts that came more than a minute off: in a window also by when they were recorded.
CREATE INDEX facts_late ON facts (position, occurred_at, recorded_at, live, source, kind, revision)
    WHERE entity IS NULL AND live AND abs(recorded_at - occurred_at) > 60000000;
CREATE INDEX facts_state ON facts (position) WHERE entity IS NOT NULL;
-- What tells an interval; the rest so that a window finds what happened outside of it without rows.
CREATE INDEX facts_span ON facts (thread, span_begin, position, occurred_at, revision)
    WHERE span_begin IS NOT NULL;
CREATE UNIQUE INDEX facts_version ON facts (entity, version) WHERE entity IS NOT NULL;

-- Threads' intervals: derived from the facts that assert them. An interval without an end of its
-- own lasts until the next one of its thread begins; `reach` is at least as long as it lasts, one of
-- few lengths, so that those which overlap a window are found without looking at all before it.
CREATE TABLE spans (
    source INTEGER NOT NULL,
    thread BLOB NOT NULL,
    begin INTEGER NOT NULL,
    ended INTEGER,
    until INTEGER,
    reach INTEGER NOT NULL,
    begun_by INTEGER NOT NULL,
    ended_by INTEGER,
    PRIMARY KEY (source, thread, begin)
) STRICT, WITHOUT ROWID;
CREATE INDEX spans_reach ON spans (reach, begin);
CREATE INDEX spans_open ON spans (begin) WHERE until IS NULL;

-- Which facts quote which: derived from `about`, so that a redaction finds the copies.
CREATE TABLE quotes (quoted BLOB NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (quoted, position))
    STRICT, WITHOUT ROWID;
CREATE INDEX quotes_position ON quotes (position);

-- Roots of whole tiles, and the leaves of what was erased from them.
CREATE TABLE tiles (tile INTEGER PRIMARY KEY, root BLOB NOT NULL) STRICT;
CREATE TABLE stubs (
    position INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    erasure INTEGER NOT NULL,
    leaf BLOB NOT NULL
) STRICT;
-- What a redaction leaves of a fact besides its stub.
CREATE TABLE redacted (
    position INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    identity BLOB NOT NULL,
    revision INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    entity BLOB,
    UNIQUE (identity, revision)
) STRICT;
CREATE INDEX redacted_timeline ON redacted (occurred_at, position);
-- Tiles whose 256 facts have all expired: their root is in `tiles`, and here who took how many.
CREATE TABLE expired (
    tile INTEGER NOT NULL,
    erasure INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (tile, erasure)
) STRICT, WITHOUT ROWID;

-- Digests of people's and sources' secrets; no part of the log.
CREATE TABLE invites (hash BLOB PRIMARY KEY, person BLOB NOT NULL, expires_at INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    person BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_person ON sessions (person);
CREATE TABLE tokens (
    id BLOB PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    label TEXT NOT NULL,
    scope TEXT NOT NULL,
    person BLOB,
    source BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used INTEGER
) STRICT, WITHOUT ROWID;
