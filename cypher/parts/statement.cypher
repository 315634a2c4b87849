// Part: a statement by the names of its fields, from the relationship r that keeps it.
r {
    .subject, .subject_key, .attribute, .value, .value_key, .polarity, .valid_from, .valid_until, .confidence
  }
