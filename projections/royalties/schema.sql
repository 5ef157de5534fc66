-- Double entry. One row a posting; the postings of a position sum to zero in each currency.
-- Accounts: receivable:<payer>, payable:<party>, unclaimed, disputed, commission,
-- payout_clearing:<party>, bank. Credits are positive, debits negative, in micro units.
CREATE TABLE royalties_postings (
  position BIGINT NOT NULL,
  line INTEGER NOT NULL,
  time_us BIGINT NOT NULL,
  -- The month (UTC) of the position's time: accruals are closed by month.
  month TEXT NOT NULL,
  kind TEXT NOT NULL,
  account TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_micro BIGINT NOT NULL,
  generation TEXT,
  output TEXT,
  recording TEXT,
  side TEXT,
  asset TEXT,
  payout TEXT,
  PRIMARY KEY (position, line)
);
-- Those of an account are found by the balances: wherever it was moved it has a row there.
-- Every entry that names a generation says so in its first line: one key an entry, not four.
CREATE INDEX royalties_postings_of_generation ON royalties_postings (generation) WHERE line = 0;

-- What stood on an account after a position. Only ever added to: the balance as of a position is
-- the newest row at or before it.
CREATE TABLE royalties_balances (
  account TEXT NOT NULL,
  currency TEXT NOT NULL,
  position BIGINT NOT NULL,
  amount_micro BIGINT NOT NULL,
  balance_after_micro BIGINT NOT NULL,
  PRIMARY KEY (account, currency, position)
);

-- Closed royalty statements; each is for ever as it was closed.
CREATE TABLE royalties_statements (
  statement TEXT NOT NULL,
  position BIGINT PRIMARY KEY,
  time_us BIGINT NOT NULL,
  party TEXT NOT NULL,
  month TEXT NOT NULL,
  number INTEGER NOT NULL,
  currency TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  through BIGINT NOT NULL,
  accrued_micro BIGINT NOT NULL,
  carried_in_micro BIGINT NOT NULL,
  payable_micro BIGINT NOT NULL,
  carried_out_micro BIGINT NOT NULL,
  line_count BIGINT NOT NULL,
  lines_sha256 TEXT NOT NULL
);
CREATE INDEX royalties_statements_by_id ON royalties_statements (statement);
CREATE INDEX royalties_statements_of_party ON royalties_statements (party, month, number);

-- Each step of a payout: one row, in force from its position until the next step.
CREATE TABLE royalties_payouts (
  payout TEXT NOT NULL,
  step TEXT NOT NULL,
  statement TEXT NOT NULL,
  party TEXT NOT NULL,
  month TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_micro BIGINT NOT NULL,
  idempotency_key TEXT,
  reason TEXT,
  time_us BIGINT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (payout, from_position)
);
CREATE INDEX royalties_payouts_of_party ON royalties_payouts (party, from_position);

-- What holds a party's payouts, and who placed it.
CREATE TABLE royalties_holds (
  party TEXT NOT NULL,
  reason TEXT NOT NULL,
  officer TEXT,
  time_us BIGINT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (party, reason, from_position)
);

-- Whether a party can be paid: its currency and cool-off, its newest screening. No bank details.
CREATE TABLE royalties_payees (
  party TEXT NOT NULL,
  currency TEXT NOT NULL,
  cool_off_until_us BIGINT NOT NULL,
  details_commit TEXT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (party, from_position)
);

CREATE TABLE royalties_screenings (
  party TEXT NOT NULL,
  outcome TEXT NOT NULL,
  expires_at_us BIGINT NOT NULL,
  from_position BIGINT NOT NULL,
  until_position BIGINT,
  PRIMARY KEY (party, from_position)
);
