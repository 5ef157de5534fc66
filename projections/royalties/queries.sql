-- Folding --------------------------------------------------------------------------------------

-- name: add_posting
INSERT INTO royalties_postings
  (position, line, time_us, month, account, currency, amount_micro, kind,
   generation, output, recording, side, asset, payout)
VALUES
  (:position, :line, :time_us, :month, :account, :currency, :amount_micro, :kind,
   :generation, :output, :recording, :side, :asset, :payout);

-- name: newest_balances
SELECT balance_after_micro FROM royalties_balances
WHERE account = :account AND currency = :currency
ORDER BY position DESC LIMIT 1;

-- name: newest_balances on postgres
SELECT k.number, b.balance_after_micro
FROM unnest(CAST(:account AS TEXT[]), CAST(:currency AS TEXT[]))
  WITH ORDINALITY AS k (account, currency, number)
CROSS JOIN LATERAL (
  SELECT balance_after_micro FROM royalties_balances
  WHERE account = k.account AND currency = k.currency
  ORDER BY position DESC LIMIT 1
) AS b;

-- name: add_balance
INSERT INTO royalties_balances (account, currency, position, amount_micro, balance_after_micro)
VALUES (:account, :currency, :position, :amount_micro, :balance_after_micro);

-- name: add_statement
INSERT INTO royalties_statements
  (statement, position, time_us, party, month, number, currency, from_position, through,
   accrued_micro, carried_in_micro, payable_micro, carried_out_micro, line_count, lines_sha256)
VALUES
  (:statement, :position, :time_us, :party, :month, :number, :currency, :from_position, :through,
   :accrued_micro, :carried_in_micro, :payable_micro, :carried_out_micro, :line_count,
   :lines_sha256);

-- name: close_payout
UPDATE royalties_payouts SET until_position = :position
WHERE payout = :payout AND from_position < :position AND until_position IS NULL;

-- name: open_payout
INSERT INTO royalties_payouts
  (payout, step, statement, party, month, currency, amount_micro, idempotency_key, reason,
   time_us, from_position)
VALUES
  (:payout, :step, :statement, :party, :month, :currency, :amount_micro, :idempotency_key, :reason,
   :time_us, :position);

-- name: open_hold
-- A hold that stands already stays whose it was.
INSERT INTO royalties_holds (party, reason, officer, time_us, from_position)
SELECT :party, :reason, :officer, :time_us, :position
WHERE NOT EXISTS (
  SELECT 1 FROM royalties_holds
  WHERE party = :party AND reason = :reason AND until_position IS NULL
);

-- name: close_hold
UPDATE royalties_holds SET until_position = :position
WHERE party = :party AND reason = :reason AND from_position < :position AND until_position IS NULL;

-- name: close_payee
UPDATE royalties_payees SET until_position = :position
WHERE party = :party AND from_position < :position AND until_position IS NULL;

-- name: open_payee
INSERT INTO royalties_payees (party, currency, cool_off_until_us, details_commit, from_position)
VALUES (:party, :currency, :cool_off_until_us, :details_commit, :position);

-- name: close_screening
UPDATE royalties_screenings SET until_position = :position
WHERE party = :party AND from_position < :position AND until_position IS NULL;

-- name: open_screening
INSERT INTO royalties_screenings (party, outcome, expires_at_us, from_position)
VALUES (:party, :outcome, :expires_at_us, :position);

-- Questions. All that is here takes effect when it is recorded, so :valid_position answers both
-- axes: the last position at or before as_of whose time is not after valid_at. -------------------

-- name: balance_of
SELECT account, currency, position, balance_after_micro FROM royalties_balances
WHERE account = :account AND currency = :currency AND position <= :valid_position
ORDER BY position DESC LIMIT 1;

-- name: balances
SELECT b.account, b.currency, b.position, b.balance_after_micro
FROM royalties_balances b
JOIN (
  SELECT account, currency, MAX(position) AS position FROM royalties_balances
  WHERE position <= :valid_position GROUP BY account, currency
) newest
  ON newest.account = b.account AND newest.currency = b.currency AND newest.position = b.position
ORDER BY b.account, b.currency;

-- name: currencies_of
SELECT DISTINCT currency FROM royalties_balances
WHERE account IN (:payable, :clearing) AND position <= :valid_position ORDER BY currency;

-- name: closed_of
-- What closed statements made payable, and the carry of the newest.
SELECT
  COALESCE(SUM(payable_micro), 0) AS payable_micro,
  COALESCE((
    SELECT carried_out_micro FROM royalties_statements
    WHERE party = :party AND currency = :currency AND position <= :valid_position
    ORDER BY position DESC LIMIT 1
  ), 0) AS carry_micro
FROM royalties_statements
WHERE party = :party AND currency = :currency AND position <= :valid_position;

-- name: paid_of
-- What payouts took and did not give back, and how much of it the bank has paid.
SELECT
  COALESCE(SUM(CASE WHEN step IN ('instructed', 'settled') THEN amount_micro END), 0)
    AS taken_micro,
  COALESCE(SUM(CASE WHEN step = 'settled' THEN amount_micro END), 0) AS paid_micro
FROM royalties_payouts
WHERE party = :party AND currency = :currency AND from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position);

-- name: postings_of_account
SELECT p.*
FROM (
  SELECT DISTINCT position FROM royalties_balances
  WHERE account = :account AND position > :after AND position <= :valid_position
  ORDER BY position LIMIT :limit
) AS moved
JOIN royalties_postings AS p ON p.position = moved.position
WHERE p.account = :account
ORDER BY p.position, p.line LIMIT :limit;

-- name: postings_at
SELECT * FROM royalties_postings
WHERE position = :at AND position <= :valid_position ORDER BY line;

-- name: postings_of_generation
SELECT * FROM royalties_postings
WHERE generation = :generation AND position <= :valid_position
  AND position IN (
    SELECT position FROM royalties_postings WHERE generation = :generation AND line = 0
  )
ORDER BY position, line;

-- name: statement
SELECT * FROM royalties_statements
WHERE statement = :statement AND position <= :valid_position ORDER BY position LIMIT 1;

-- name: statements_of
SELECT * FROM royalties_statements
WHERE party = :party AND position <= :valid_position ORDER BY month, number;

-- name: lines_of_statement
SELECT p.*
FROM royalties_balances AS moved
JOIN royalties_postings AS p ON p.position = moved.position
WHERE moved.account = :account AND moved.currency = :currency
  AND moved.position >= :from_position AND moved.position <= :through
  AND p.account = :account AND p.currency = :currency AND p.kind = 'accrual' AND p.month = :month
ORDER BY p.position, p.line;

-- name: payout
SELECT * FROM royalties_payouts
WHERE payout = :payout AND from_position <= :valid_position ORDER BY from_position;

-- name: payouts_of
SELECT * FROM royalties_payouts
WHERE party = :party AND from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
ORDER BY from_position;

-- name: payouts_at_step
SELECT * FROM royalties_payouts
WHERE step = :step AND from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
ORDER BY from_position;

-- name: holds_of
SELECT * FROM royalties_holds
WHERE party = :party AND from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position)
ORDER BY from_position, reason;

-- name: payee_of
SELECT * FROM royalties_payees
WHERE party = :party AND from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position);

-- name: screening_of
SELECT * FROM royalties_screenings
WHERE party = :party AND from_position <= :valid_position
  AND (until_position IS NULL OR until_position > :valid_position);

-- Digests. A payer is private: its account is masked, and so is what stood on it. ---------------

-- name: digest_postings
SELECT position, line, time_us, month, kind,
  CASE WHEN account LIKE 'receivable:%' THEN 'receivable' ELSE account END AS account,
  currency, amount_micro, generation, output, recording, side, asset, payout
FROM royalties_postings ORDER BY position, line;

-- name: digest_balances
SELECT account, currency, position, amount_micro, balance_after_micro
FROM royalties_balances WHERE account NOT LIKE 'receivable:%'
ORDER BY account, currency, position;

-- name: digest_statements
SELECT statement, position, time_us, party, month, number, currency, from_position, through,
  accrued_micro, carried_in_micro, payable_micro, carried_out_micro, line_count, lines_sha256
FROM royalties_statements ORDER BY position;

-- name: digest_payouts
SELECT payout, step, statement, party, month, currency, amount_micro, idempotency_key, reason,
  time_us, from_position, until_position
FROM royalties_payouts ORDER BY payout, from_position;

-- name: digest_holds
SELECT party, reason, officer, time_us, from_position, until_position
FROM royalties_holds ORDER BY party, reason, from_position;

-- name: digest_payees
SELECT party, currency, cool_off_until_us, details_commit, from_position, until_position
FROM royalties_payees ORDER BY party, from_position;

-- name: digest_screenings
SELECT party, outcome, expires_at_us, from_position, until_position
FROM royalties_screenings ORDER BY party, from_position;
