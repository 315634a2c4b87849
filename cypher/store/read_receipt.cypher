// The answer of an earlier try of a write whose namespace is gone.
MATCH (receipt:WriteReceipt {write_id: $write_id})
RETURN receipt.answer AS answer;
