-- A queue as the first version of its database kept it: one upload done, one that failed once and waits.
CREATE TABLE sites (
  id INTEGER PRIMARY KEY,
  address TEXT NOT NULL UNIQUE,
  pin TEXT
);
CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  position REAL NOT NULL,
  site INTEGER NOT NULL REFERENCES sites,
  uri TEXT NOT NULL,
  name TEXT NOT NULL,
  upload_id TEXT NOT NULL,
  state TEXT NOT NULL,
  size INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  error_domain TEXT,
  error_code INTEGER,
  error_message TEXT,
  hash TEXT,
  verified INTEGER NOT NULL,
  url TEXT,
  finish_time INTEGER NOT NULL,
  seconds REAL NOT NULL
);
CREATE TABLE signals (
  item INTEGER NOT NULL REFERENCES items ON DELETE CASCADE,
  number INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (item, number)
) WITHOUT ROWID;
INSERT INTO sites VALUES (1, 'wss://example.org/upload', 'AA:BB');
INSERT INTO items VALUES (1, 1.0, 1, 'file:///photos/first.jpg', 'first.jpg', 'a', 'done', 10, 1, NULL, NULL, NULL,
  '00ff', 1, NULL, 1790000000000000, 0.5);
INSERT INTO items VALUES (2, 2.0, 1, 'file:///photos/second.jpg', 'second.jpg', 'b', 'waiting', 20, 1, NULL, NULL, NULL,
  NULL, 0, NULL, 0, 0.0);
INSERT INTO signals VALUES (2, 0, '{"error":"busy"}');
PRAGMA user_version = 1;
