// Part: whether a condition holds for a memory m, by the steps that compute it (see the package's conditions.py). Each
// adds its result to a list, in which those that join others find theirs; no steps ask for nothing.
// It is no OR, as the server would look up each side of one by itself.
CASE WHEN $p.condition = [] THEN true ELSE last(reduce(results = [], step IN $p.condition | results + [coalesce(
  CASE step.kind
    WHEN 'every' THEN all(part IN step.parts WHERE results[part])
    WHEN 'either' THEN any(part IN step.parts WHERE results[part])
    WHEN 'without' THEN NOT results[step.part]
    WHEN 'held' THEN step.wanted = (
      any(key IN coalesce(m.value_keys, [])
        WHERE key IN step.keys OR any(span IN step.spans WHERE span[0] <= key AND key <= span[1]))
      OR any(start IN step.prefixes WHERE any(text IN coalesce(m.value_texts, []) WHERE text STARTS WITH start
        AND CASE step.sign
          WHEN 'contains' THEN substring(text, size(start)) CONTAINS step.value
          WHEN 'gt' THEN text > start + step.value
          WHEN 'gte' THEN text >= start + step.value
          WHEN 'lt' THEN text < start + step.value
          ELSE text <= start + step.value
        END))
    )
    ELSE any(value IN [coalesce(m[step.name], m[step.other])] WHERE CASE step.sign
      WHEN 'exists' THEN step.wanted = (value IS NOT NULL)
      WHEN 'in' THEN CASE WHEN value IS NULL THEN step.or_null ELSE value IN step.values END
      WHEN 'gt' THEN value > step.value
      WHEN 'gte' THEN value >= step.value
      WHEN 'lt' THEN value < step.value
      ELSE value <= step.value
    END)
  END, false)])) END
