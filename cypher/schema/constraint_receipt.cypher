// A write leaves one receipt, by which a repeated try knows that the first one was committed.
CREATE CONSTRAINT write_id IF NOT EXISTS
FOR (r:WriteReceipt) REQUIRE r.write_id IS UNIQUE;
