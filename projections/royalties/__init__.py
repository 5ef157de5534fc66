"""Royalties: double entry over accruals and payouts, balances, statements, holds.

Amounts are integers of micro units. A credit is positive: what is owed to a party, what was
earned as commission. A debit is negative: what a payer owes. So the postings of an entry sum to
zero in each currency, and so does the whole book.
"""

from projections.royalties.projection import Royalties as Royalties
