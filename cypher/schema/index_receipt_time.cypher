// Finds old receipts of a namespace.
CREATE INDEX write_receipt_time IF NOT EXISTS
FOR (r:WriteReceipt) ON (r.scope, r.written_at);
