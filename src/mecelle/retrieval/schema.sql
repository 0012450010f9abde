-- The tables of an index. A unit is a file of the user or a shard of an artifact: what is read again when it changes.
CREATE TABLE units (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  size INTEGER NOT NULL,
  modified INTEGER NOT NULL
);
CREATE TABLE failures (
  unit INTEGER NOT NULL REFERENCES units ON DELETE CASCADE,
  path TEXT NOT NULL,
  position TEXT NOT NULL,
  reason TEXT NOT NULL,
  error TEXT NOT NULL
);
CREATE TABLE documents (
  number INTEGER PRIMARY KEY,
  unit INTEGER NOT NULL REFERENCES units ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,           -- place in the unit
  id TEXT NOT NULL,
  live INTEGER NOT NULL DEFAULT 0,    -- 0 for the second document of one id
  kind TEXT NOT NULL,
  court TEXT,                         -- folded, as filters compare it; chamber also cut
  chamber TEXT,
  year INTEGER,
  law_number TEXT,
  case_number TEXT,
  decision_number TEXT,
  metadata TEXT NOT NULL,             -- JSON
  sections TEXT NOT NULL,             -- JSON: label, start, end of each
  body BLOB NOT NULL                  -- the whole text, zstd
);
CREATE TABLE passages (
  number INTEGER PRIMARY KEY,
  document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,           -- place in the document
  position INTEGER,                   -- place in the BM25 counts; NULL if the document is not live
  article TEXT,                       -- as the documents floor writes it: 6098:m264
  reference TEXT,                     -- the same folded, as look-ups compare it
  heading TEXT,
  section TEXT,                       -- of a decision
  start INTEGER NOT NULL,             -- characters of the document, half-open
  end INTEGER NOT NULL,
  text TEXT NOT NULL,
  terms TEXT NOT NULL,                -- search terms, joined by spaces
  point INTEGER NOT NULL              -- id of its vector: hash of what is embedded and of what filters compare
);
CREATE TABLE citations (
  document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  start INTEGER NOT NULL,             -- characters of the document, half-open
  end INTEGER NOT NULL,
  kind TEXT NOT NULL,                 -- article, law or decision
  key TEXT NOT NULL,                  -- 6098:m49/2, as mecelle.text.citations writes it
  article TEXT,                       -- the article that it lies in: 6098:m49
  law TEXT                            -- 6098
);
CREATE INDEX failures_unit ON failures (unit);
CREATE INDEX documents_unit ON documents (unit);
CREATE INDEX documents_id ON documents (id);
CREATE INDEX documents_case ON documents (case_number);
CREATE INDEX documents_decision ON documents (decision_number);
CREATE INDEX documents_law ON documents (law_number);
CREATE INDEX passages_document ON passages (document);
CREATE INDEX passages_reference ON passages (reference);
-- These two hold all that a search asks of its hundreds of candidates, so that their texts are not read for it.
CREATE INDEX passages_position ON passages (position, document, reference);
CREATE INDEX passages_point ON passages (point, position);
CREATE INDEX citations_document ON citations (document);
CREATE INDEX citations_key ON citations (key);
CREATE INDEX citations_article ON citations (article);
CREATE INDEX citations_law ON citations (law);
