"""Small words with a meaning of their own: negations, number words, months, other spellings, words of change."""

#: Words that deny what they stand with.
NEGATORS = frozenset(
    """not n't nt no never nobody nothing none nowhere neither nor without cannot cant dont doesnt didnt isnt arent
    wasnt werent wont hardly barely scarcely rarely seldom unable lack refuse deny except excluding""".split()
)

#: Words that say how sure or how far along something is. Statements of different classes are different facts.
MODALITIES = {
    "planned": frozenset("will 'll wo shall gonna plan intend".split()),
    "possible": frozenset("might may maybe perhaps possibly probably".split()),
    "wished": frozenset("want wish hope wanna".split()),
    "required": frozenset("must should ought need".split()),
    "conditional": frozenset("if unless".split()),
    "nearly": frozenset("almost nearly".split()),
    "nobody else": frozenset("only solely exclusively".split()),
}

NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
} | {
    word: 10 * tens
    for tens, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)
}
SCALES = {
    "hundred": 100.0,
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
    "dozen": 12.0,
}
FRACTIONS = {"half": 0.5, "quarter": 0.25, "½": 0.5, "¼": 0.25, "¾": 0.75, "⅓": 1 / 3, "⅔": 2 / 3}
ORDINAL_WORDS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=1
    )
}

MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct|"
        "november nov|december dec".split("|"),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        "monday mon mondays|tuesday tue tues tuesdays|wednesday wed wednesdays|thursday thu thurs thursdays|"
        "friday fri fridays|saturday sat saturdays|sunday sun sundays".split("|"),
        start=1,
    )
    for name in names.split()
}

#: Other spellings and other words for the same, each mapped to one of them.
ALIASES = {
    word: words.split()[0]
    for words in """us u.s. u.s usa america american united-states
uk u.k. u.k britain british
eu e.u. europe european
tv television
mom mum mommy mummy
grey gray
colour color
centre center
okay ok
bike bicycle
photo photograph
phone telephone
plane airplane aeroplane aircraft
someone somebody person people human
everyone everybody
nobody no-one
kid child
lady woman
guy gentleman man
couch sofa
movie film
greece greek
china chinese
france french
germany german
spain spanish
netherlands dutch holland
switzerland swiss
denmark danish
sweden swedish
finland finnish
norway norwegian
poland polish
ireland irish
scotland scottish
england english
portugal portuguese
turkey turkish
thailand thai
philippines filipino philippine
iceland icelandic
wales welsh
israel israeli
iraq iraqi
pakistan pakistani
yemen yemeni
afghanistan afghan
kazakhstan kazakh
lebanon lebanese
monaco monegasque
cyprus cypriot
peru peruvian
autumn fall""".splitlines()
    for word in words.split()
}

#: What makes another word of a noun that stands behind or before it: an ex-wife is no wife.
COMPOUND_PREFIXES = frozenset("ex step half great vice co".split())
IN_LAW = "-in-law"

#: What somebody has one of at a time: the verbs that state or change it, and where its value stands.
ATTRIBUTES = {
    "home": (frozenset("live reside move relocate settle base".split()), frozenset("in to at".split())),
    "work": (frozenset("work join employ".split()), frozenset("at for with as to object".split())),
    "study": (frozenset("study major enroll".split()), frozenset("at in".split())),
    "preference": (frozenset({"prefer"}), frozenset({"object"})),
    "partner": (frozenset("marry date engage".split()), frozenset("to object with".split())),
    "car": (frozenset({"drive"}), frozenset({"object"})),
    "tool": (frozenset("use switch migrate".split()), frozenset("object to".split())),
}

#: Attributes of which one may well have several, so that only words of change make the newer outdate the older.
SHARED_ATTRIBUTES = frozenset({"car", "tool"})

#: Words by which a statement says that something is no longer as it was.
CHANGES = frozenset(
    """now anymore longer instead nowadays change switch move relocate replace quit stop cancel postpone reschedule
    delay update rename correct correction actually become new former formerly ex since again meanwhile
    migrate""".split()
)

#: Attributes whose verbs tell of something else where they have an object: who moves a meeting stays where they are.
WITHOUT_OBJECT = frozenset({"home"})

#: Verbs that say with more or less warmth that somebody likes something.
LIKING = frozenset("like love enjoy adore".split())

#: Verbs after which what somebody had, did or was is over.
ENDINGS = frozenset("quit stop leave sell cancel end divorce abandon drop discard resign retire".split())

#: Verbs that say how something stands; two of them can speak of the same.
STATES = frozenset(
    """be cost start begin end leave depart arrive open close last take happen schedule reschedule move postpone
    delay change shift book plan set remain become weigh measure contain call name""".split()
)
