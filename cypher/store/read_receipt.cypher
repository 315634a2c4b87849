// The answer of an earlier try of a write whose namespace is gone.
MATCH (receipt:WriteReceipt {write_id: $p.write_id})
RETURN receipt.answer AS answer;
