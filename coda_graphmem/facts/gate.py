"""Whether a text could state anything, by its words alone: most do not, and parsing one costs a few milliseconds."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from coda_graphmem.facts.table import load_table
from coda_graphmem.language.dates import MONTHS
from coda_graphmem.language.passages import Passage
from coda_graphmem.language.roles import is_assistant, is_silent

MOST_SENTENCES = 12
"""Sentences of one text that are parsed at most."""
_LONGEST_SENTENCE = 400
_LONGEST_OF_OTHERS = 160
#: A full stop behind a title or an initial ends nothing.
_SENTENCE = re.compile(
    r"(?:[^.!?\n]|(?:(?<=\b[A-Z])|(?<=\b[DMS][rst])|(?<=\bMrs)|(?<=\bProf))\.|[.!?](?=[^\s.!?]))+[.!?]*"
)


def _any(words: str) -> str:
    """Alternatives, parted by blanks; ``_`` stands for a blank."""
    return "|".join(word.replace("_", r"\ ") for word in words.split())


#: Words between a subject and its verb.
_BETWEEN = (
    "(?:\\ (?:"
    + _any(
        r"""\w+ly also just now still never always both often no_longer so too sort_of kind_of kinda do did
        don['’]?t didn['’]?t can['’]?t cannot have ['’]ve haven['’]?t had would will can am are was been be not
        used_to started got get doesn['’]?t does_not do_not think_I guess_I think ended_up decided_to ['’]d only
        soon already once had_to have_to come_to stopped quit gave_up 'll ’ll be more_of"""
    )
    + "))*"
)
_VERBS = _any(
    r"""liv(?:e|ed|ing|es) resid\w+ mov(?:e|ed|ing|es) relocat\w+ settled rent(?:ing|ed|s)? work(?:s|ed|ing)?
    freelanc\w+ joined quit resign\w* left retire\w* teach\w* stud(?:y|ied|ies|ying) major\w* graduated
    attend\w* enrol\w* marr(?:y|ied) divorc\w+ dating date broke split separated own(?:s|ed)? driv(?:e|es|ing)
    drove ride bought purchased inherited sold adopted lost rid lik(?:e|es|ed|ing)(?!_(?:that|it|this|how|you|your)\b)
    lov(?:e|es|ed|ing)(?!_(?:that|it|this|how|you|your)\b|_to_(?:hear|see|know)\b) enjoy\w*
    ador\w+ hat(?:e|es|ed) dislik\w+ detest\w* loathe\w* prefer\w* stand suffer\w* diagnosed outgrew outgrown
    tak(?:e|es|ing) took speak\w* play(?:s|ed|ing)? grew_up born raised com(?:e|es)_from turn(?:s|ed|ing)?
    stop(?:ped)? smok\w+ drink\w* drank eat(?:s|ing|en)? ate plan(?:s|ned|ning)? intend\w* going_to gonna
    wants?_to_(?:learn|become|visit|travel|move|run|retire|marry|quit|lose|study|save|climb|open|buy)
    wants?_to_(?:publish|adopt|graduate|finish|complete|earn|win|own|master|hike|start) hop(?:e|ing)_to aim\w*
    saving trying_to_(?:lose|quit|learn|stop|cut|become|conceive|save|gain|give)
    cancel\w* call(?:ed)?_off reschedul\w+ postpon\w+ push(?:ed)?
    shift\w+ delay\w* extend\w* chang(?:e|ed) rais(?:e|ed) increas\w+ lower\w* reduc\w+ cut dropped bump\w*
    upgrad\w+ switch\w* updat\w+ set booked scheduled became becom\w+ went_(?:vegan|veggie|vegetarian|keto|back)
    gone hired promoted fired laid_off returned came_off beat call landed accepted found_a took_a keep kept
    passed_away died weigh\w* pay earn\w* scrap\w* consult\w* intern\w* buying
    getting_(?:a|an|the|married|divorced|engaged|rid|our|my|two|new)
    having_(?:an?|the|our|my|two|(?:\w+_)?surgery|(?:\w+_)?operation) putting
    decid\w+
    learn\w* make made_the staying seeing grown_to develop\w* trad(?:e|ed|ing) report flying travel\w* visiting
    start(?:ed|s)? began starting leaving engaged coach\w* put collect(?:s|ed)? volunteer\w*
    run(?:s|ning)? sing(?:s|ing)?
    use[sd]? using named go_by handed(?:_in)? shelved ditched took_up taken_up picked_up terrified obsess\w+ addicted
    rehomed expecting invit(?:e|ed|ing) gave appointed elected migrat\w+ swapped swap dropped_out avoid\w*
    wr(?:ite|iting|ote) giv(?:e|en)_up gotten_into retiring unsubscrib\w+ doing_an? go_\w+ing read transferred
    build(?:ing)? record(?:ing)? understand_[A-Z]\w+ finished reside share_(?:a|an|my|our)
    know_(?:some_|a_little_|a_bit_of_)?[A-Z]\w+"""
)
_HAVING = (
    r"(?:have|has|['’]ve\ got|['’]ve(?=\ an?\ )|had|got|get)\ (?:\w+\ ){0,3}(?:"
    + _any(
        r"""a an the one two three four five six no another my our new \d+ allerg\w+ asthma diabetes arthritis adhd
        anxiety depression migraines? fever eczema epilepsy insomnia promoted married engaged divorced cats? dogs?
        kids?
        children rid"""
    )
    + ")"
)
_BEING = (
    r"(?:am|['’]?m|are|['’]re|is|['’]s|was|were|been|im|(?:are|is|was|were)n['’]t)(?:\ (?:"
    + _any(
        r"\w+ly now not no_longer also still that really very half sort_of kind_of kinda an? the both just"
        r" so back again already never \d+"
    )
    + r")){0,3}\ (?:"
    + _any(
        r"""in at from on off into back down_to up_to based widow widower fluent allergic intolerant lactose gluten
        more_of an?_(?:\w+_){1,2}person
        vegan vegetarian pescatarian keto veggie married engaged single divorced separated widowed retired unemployed
        diabetic asthmatic pregnant epileptic deaf blind celiac coeliac disabled bipolar
        colou?r-?_?blind years \d+ (?:\w+_)?fan
        lover fond keen hooked promoted fired laid hired diagnosed born tall obsessed terrified scared afraid sick
        responsible
        crazy mad passionate addicted redundant freelance self-employed training bored back_to with \d[\d.,]*
        [A-Z][a-z]+(?:an|ish|ese|ch)\b"""
    )
    + f"|{_VERBS})\\b"
)
#: Code, lists of data, tables: no prose.
_CODE = re.compile(r"[{}<>|=\\`]|;\s*$|;\S|^\s*(?:#|//|\$|import |def |class |return )|\w\(\w*\)|::|->")
_ASKS = re.compile(
    r"^\W*(?:what|where|when|who|whom|whose|why|how|which|can|could|would|should|do|does|did|is|are|am|was|were|will|have"
    r"|has)\b",
    re.IGNORECASE,
)
_NUMBER_OR_MONTH = (
    r"\b(?:to|by|until|in|on|from)\ (?:the\ )?(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    + "|".join(month.capitalize() for month in MONTHS if month.isalpha() and len(month) > 2)
    + r")\b"
)
#: Things of which something becomes another.
_CHANGE = re.compile(
    r"\b(?:[Tt]he|[Tt]his|[Mm]y|[Oo]ur)\ [\w'’ -]{2,50}\ (?:"
    + _any(
        """is are was were has moved got changed improved reached hit went dropped increased rose fell grew jumped
        slipped will leaves starts begins ends costs runs uses takes lasts holds expires"""
    )
    + rf")\b[^.!?]*(?:\d|day\b|\bcancel|\boff\b|tomorrow|month|week|version|{_NUMBER_OR_MONTH})"
    + r"|^\W*(?:[Ff]orget|[Ss]crap|[Cc]ancel)\b"
    # "The wedding's off", "rent went up to 940", "they changed the door code to 9026", "it's Friday, not Thursday",
    # "from MySQL to Postgres"
    + r"|\b(?:[Tt]he|[Mm]y|[Oo]ur)\ (?:[\w-]+\ ){1,3}?(?:[\w-]+)?['’]s\ "
    + r"(?:(?:\w+\ )?off\b|cancel|due|on|at|the|\d|been)"
    + r"|\b(?:[Tt]he|[Mm]y|[Oo]ur)\ [\w-]+['’]s\ (?:(?:\w+\ )?off\b|cancel|due|on|at|the|\d|been|now|next|moved|gone)"
    + r"|^\W*[A-Z][\w-]+(?:\ [\w.-]+){0,3}\ "
    + r"(?:is|are|costs?|went|goes|rose|fell|dropped|starts|ships|expires|ends|begins|closes|opens|launches|renews"
    + r"|has)\b"
    + r"[^.!?]*(?:\d|day\b)"
    + r"|\b(?:rais|cut|increas|bump|mov|push|lower|reduc|extend|upgrad|switch|drop|chang|set|postpon|reschedul)\w*"
    + r"\ (?:the|my|our)"
    + r"\ [\w'’ -]{2,40}\ (?:to|from|by)\b"
    + r"|\b[Ii]t(?:['’]s|\ is)\ [^.!?]*(?:\d|day\b)[^.!?]*(?:,\ *not\b|\bnow\b|\binstead\b)"
    + r"|\b[Ii]t(?:['’]s|\ is)\ (?:actually|now)\b[^.!?]*(?:\d|day\b)"
    + r"|\bfrom\ [\w.+#-]+\ to\ [A-Z]"
    + r"|\b[Tt]he\ [\w -]{2,40}\ (?:runs?|uses|requires)\b"
    + r"|\b[Tt]he\ (?:\w+\ )?(?:puppy|kitten|dog|cat|rabbit|hamster|horse|pony|parrot)(?:\ is|['’]s)\ "
    + r"(?:called|named)\b"
    + r"|\b(?:[Mm]y|[Oo]ur)\ [\w\ ]{2,30}\ (?:(?:has|have)\ )?(?:just\ |now\ )?changed\ to\ [A-Z]"
    + r"|\b(?:[Ww]ritten|[Bb]uilt|[Ii]mplemented)\ (?:in|with|on)\ [A-Z]"
    + r"|\b(?:I|[Ww]e)\ (?:won['’]t|will\ not)\ be\ \w+ing\b"
)
#: What begins a sentence with a capital and is nobody's name.
_NOBODY = (
    r"(?!(?:That|It|There|What|Who|How|Here|Let|He|She|Today|Everything|Everyone|Nothing|One|Where|When|This|These|Those|You"
    r"|They|We|I|If|And|But|So|The|A|An|My|Our|Your|Their|His|Her|Its|Which|Why|Some|Any|All|No|Not|As|At|In|On|Of|For|To"
    r"|With|Maybe|Now|Then|Just|Only|Also|Yes|Yeah|Oh|Hey|Hi|Well|Wow|Life|Time|People|Someone|Anyone|Nobody|Nature|Music|Art"
    r"|Each|Every|Both|Most|Many|Such|Sometimes|Being|Having|Doing|Getting|Taking|Making|Reading|Writing|Thanks|Thank|Sounds"
    r"|Looks|Glad|Hope|Family|Friends|Working|Good|Great|Anything|Something|Whatever|While|Since|Because|After|Before|Even)\b)"
)
#: What people by name do and are.
_NAMED = re.compile(
    rf"(?:^|[.!?,:]\s+|\b(?:and|but|so|because|that|where)\ )(?:[A-Z][\w'’-]+\ ){{1,3}}(?:{_BETWEEN}\ )?(?:"
    + _any(
        r"""lives works moved relocated quit left joined does(?:n['’]t|_not) no_longer got_an? loves likes hates prefers
        speaks drives owns bought sold turned became started retired broke plays adopted studies replaced
        took_over died was_born was_diagnosed was_promoted
        (?:has_|hasn['’]?t_)(?:just_|now_|also_)?(?:been|started|stopped|quit|left|moved)
        (?:has_|hasn['’]?t_)(?:just_|now_|also_)?(?:joined|bought|sold|become|got|given)
        isn['’]?t_(?:an?|allergic|vegan|vegetarian|married|single|from|my|in|at|engaged)
        has_(?:a|an|two|three) is_(?:now_|no_longer_|not_)?(?:an?|allergic|vegan|vegetarian|married)
        is_(?:now_|no_longer_|not_)?(?:single|divorced|engaged|retired|from|my|\d+)"""
    )
    + r")\b"
    # "Sven is allergic", "Mia and Jonas are moving", "Petr no longer works"
    + r"|(?:^|[.!?,;:]\s+|\b(?:and|but|so|because|that|where)\ )"
    + rf"{_NOBODY}[A-Z][\w-]+(?:\ [A-Z][\w-]+)?(?:\ and\ [A-Z][\w-]+)?\ "
    + r"(?:(?:is|are|was|were|has|have)(?:\ (?:not|now|no\ longer|just|also|still|been))*\ (?:in\ [A-Z]|at\ [A-Z]|"
    + _any(
        r"""allergic intolerant moving leaving pregnant expecting studying working living getting taking learning
        training off\b on\b back\b based called named retired promoted \w+ian \w+ist born"""
    )
    + r")|(?:is|are|has|have)\ (?:\w+\ )?\w+ed\b|(?:is|was)\ (?:now\ )?(?:the|our|my)\ (?:new|current)\b"
    + r"|used\ to\b|no\ longer|(?:never|also|still|now|only|mostly|usually)\ \w+s\b"
    + r"|has\ (?:\w+\ )?(?:\w+itis|asthma|diabetes|adhd|autism|dementia|cancer|epilepsy|allerg)"
    + r"|(?:got|are)\ (?:married|engaged|divorced)|(?:"
    + _any(
        """live work study own adopted speak drive run teach studies teaches runs owns keeps drives plays sings paints
        sells writes designs attends volunteers coaches manages leads heads earns weighs wears collects breeds grows
        rents commutes comes hails supports practises practices handles edits translates builds repairs wants goes
        flies reports"""
    )
    + r"))\b"
    # "Ana's engaged", "Leila's left Maersk"
    + rf"|\b{_NOBODY}"
    r"[A-Z][\w-]+['’]s\ (?:an?|not|no|engaged|married|allergic|vegan|vegetarian|retired|single|divorced|pregnant|left"
    + r"|quit"
    + r"|been|just|now|moved|joined|back|living|working|got|sold|started|stopped|turned|from|my|\d+)\b"
)
#: What others do to whoever speaks, and what they are to call them.
_TO_ME = (
    r"\b(?:took|put|started|switched|prescribed|promoted|hired|fired|diagnosed|stole|nicked)\ (?:me|us|my|our)\b"
    r"|\b(?:coaches|manages|tutors|mentors)\ (?:me|us)\b"
    r"|\bfor\ a\ living\b|\bbetween\ jobs\b|\ban?\ member\ of\b"
    r"|\bmade\ me\ (?:an?|the|team|head|captain|partner|\w+er)\b"
    r"|\bcalls?\ me\ [A-Z]"
)
_ME = r"(?:\bI|\bi|\b[Ww]e|\b[Uu]ser|\b(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er)\ (?:\w+\ ){1,2}|\b[Ss]?[Hh]e)(?:['’](?:ve|d|ll))?"
#: How somebody says what they are called, and where they can be reached: "I'm Nora,", "mail me at".
_NAMING = (
    r"(?:\bI['’]?m|\bI\ am)\ [A-Z][\w-]+(?:\ [A-Z][\w-]+)?(?=\s*(?:[,.!–-]|$|and\b|from\b|by\b|btw\b))"
    r"|\b(?:mail|e-?mail|reach|text|call|write|message|contact|ring|phone)\ (?:to\ )?(?:me|us)\ (?:at|on|under)\b"
    r"|^\W*(?:[Cc]all|[Tt]ext|[Rr]ing|[Mm]ail|[Ee]mail)\ me\ (?:at|on)\b"
    r"|\band\ I\ (?:are|['’]re|broke|split|got|have)\b|\bup\ with\ [A-Z]"
)
#: Verbs of rules that are in so many sentences that they tell nothing; what they state something with is listed.
_COMMON_VERBS = frozenset(
    """be have get do go come need want know give let find see hope follow watch share lay keep make take call put
    start""".split()
)
#: Of the table's lists, those whose words somebody's things and people are.
_PEOPLE = ("relatives", "acquaintances", "pets")
_THINGS = (
    "ailments",
    "events",
    "once",
    "dated",
    "personal_figures",
    "figures",
    "goods",
    "told_by_rules",
    "people_of_ones_own",
)
_OTHER_THINGS = frozenset(
    """lead hobby pastime passion major degree thesis phd language tongue leader favorite favourite fave allergy phone
    username website number""".split()
)


@cache
def _told() -> re.Pattern[str]:
    """What somebody tells of themselves and of theirs, with the nouns of the table."""
    words = load_table().words
    listed = _OTHER_THINGS.union(*(words[name] for name in (*_PEOPLE, *_THINGS)))
    nouns, people = _alternatives(_written(listed)), _alternatives(_written(words["acquaintances"]))
    events = _alternatives(words["events"])
    jobs = _alternatives(words["occupations"] | words["offices"])
    foods, hobbies = _alternatives(words["foods"]), _alternatives(words["hobbies"])
    is_some = r"(?:\bI['’]m|\bI\ am|\bI['’]ve\ been|\bim|\b[Ss]?[Hh]e(?:['’]s|\ is)|['’]s|\bis|\bbecame|\bas)"
    return re.compile(
        rf"{_ME}{_BETWEEN}\ (?:{_VERBS}|{_HAVING}|{_verbs_of_rules()})\b|{_ME}\ ?{_BEING}"
        rf"|{_ME}\ ?(?:am|['’]?m|are|['’]re|is|['’]s|was|were)\ "
        rf"(?:\w+ly\ |now\ |not\ |still\ )?(?:{_verbs_of_rules()})\b"
        rf"|{_TO_ME}|{_NAMING}"
        rf"|{is_some}(?:\ (?:now|not|also|no\ longer|\w+ly|an?|the))*\ (?:[\w-]+\ ){{0,2}}(?:{jobs}|\w+(?:ist|eer))\b"
        rf"|\b(?:I|[Ww]e)\ (?:\w+\ )?(?:see|saw|have)\ (?:an?|my|our)\ (?:\w+\ )?(?:{people})\b"
        rf"|^\W*(?i:{events})(?:\ (?:with|at|in)\ \w+)?(?:\ (?:is|was|has\ been|got|moved)|['’]s)\ "
        r"(?:cancel|off\b|postponed|moved|to\b|now\b|on\b)"
        rf"|\b(?:[Mm]y|[Oo]ur|[Uu]ser['’]s|[Aa]s\ my|[A-Z]\w+['’]s)\ (?:[\w-]+\ ){{0,3}}(?:{nouns})s?\b"
        r"|\b(?:is|are|aren['’]t|isn['’]t|not)\ (?:my|our)\b|,\ my\ new\b"
        r"|\b(?:[Mm]y|[Oo]ur)\ (?:[\w-]+\ ){0,2}[\w-]+(?:\ (?:is|are)|['’]s)\ "
        r"(?:called|named|now|about|an?|[A-Z]\w*|they|she|he|@\w+)\b"
        r"|^\W*(?:so\ )?(?:[Nn]ot|[Nn]o\ longer)\ (?:an?\ |the\ )?"
        r"(?:vegan|veg\w+|single|married|allergic|pregnant|engaged|work|liv|fan|into|keen|fond)"
        rf"|(?:can['’]?t|cannot|can\ not|don['’]?t|do\ not|only|no\ longer|mostly)\ (?:have|do|eat|drink)\ "
        rf"(?:\w+\ )?(?:{foods})"
        rf"|\b(?:I|[Ww]e|he|she|[A-Z]\w+)\ (?:still\ |also\ |mostly\ )?(?:do|does|did)\ (?:{hobbies})\b"
        rf"|\b(?:was|been|were|got)\ (?:made|named|appointed|elected)\ (?:an?\ |the\ )?(?:\w+\ )?(?:{jobs})\b"
        rf"|\b(?:[Mm]y|[Oo]ur|[Tt]he)\ [\w\ -]{{2,30}}\ (?:has|have|contains?|includes?)\ "
        r"(?:\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
        r"|\b[Tt]here\ are\ (?:\w+\ )?\d|\bat\ \d"
        r"|^(?:Call\ me|Just|Finally|Been|Left|Moved|Started|Quit|Sold|Bought|Got|Adopted|Allergic|Joined"
        r"|Working|Living|Love|Hate)\b"
    )


def _verbs_of_rules() -> str:
    """The verbs of rules that tell of somebody, as they are written with "I" or in the past."""
    table = load_table()
    verbs = {
        verb.partition(" ")[0]
        for rule in table.rules
        if rule.attribute is not None and rule.verb and any(one.owner in ("self", "user") for one in rule.subject)
        for verb in rule.verb
    }
    told = sorted(verb for verb in verbs - _COMMON_VERBS if verb.isalpha())
    return "|".join(
        f"{verb.removesuffix('y')}(?:y|ies|ied|ying)" if verb.endswith("y") else _inflected(verb) for verb in told
    )


def _inflected(verb: str) -> str:
    return f"{verb.removesuffix('e')}(?:e|es|ed|ing)" if verb.endswith("e") else f"{verb}(?:s|es|ed|{verb[-1]}ed|ing)?"


def _written(words: Iterable[str]) -> Iterator[str]:
    """Words, and in capitals those that may be letters: "my GP", "our MRI"."""
    for word in words:
        yield word
        if len(word) < 4:
            yield word.upper()


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


#: What people did, as a sentence begins that does not say who.
_DID = re.compile(
    r"""((?:^|[.!?]\s+|\n\s*)(?:(?:ok|okay|so|well|oh|btw|fyi|update|news|yay|guess\ what)[,:!]?\s+)?)
    ((?:just|finally|recently|also|already)?\s?(?:sold|bought|moved|quit|switched|upgraded|started|joined|stopped|adopted
    |gave\ up|broke\ up|grew\ up|born\ and\ raised|became|went\ (?:vegan|veggie|vegetarian|freelance|back\ to)
    |turned\ (?:vegan|veggie|vegetarian|\d+)
    |got\ (?:an?|my|the|our|two|three|married|engaged|divorced)|had\ (?:a|our|my)\ \w+(?=\ )
    |passed|graduated|enrolled|signed\ up|accepted|traded|swapped|rented|inherited
    |picked\ up|booked|rescheduled
    |postponed|rejoined|transferred|landed\ (?:a|the)|broke\ my|finished|took\ over|stepped\ down|handed\ in
    |named\ (?:the|my|our)
    |relocated|settled|retired|changed|cancelled|canceled|dropped|married|took\ up)\b
    (?!\s(?:by|in\ half|from\ (?:the|a)\ (?:top|bottom)))(?=[^.!?\n]*(?:[.!\n]|$)))""",
    re.IGNORECASE | re.VERBOSE,
)
#: What people are, as a sentence begins that does not say who.
_IS = re.compile(
    r"""((?:^|[.!?]\s+|\n\s*)(?:(?:ok|okay|so|well|oh|btw|fyi|update)[,:!]?\s+)?)
    ((?:(?:still|now|recently|newly|happily)\s)?(?:divorced|married|engaged|vegan|vegetarian|veggie|pescatarian|retired|pregnant
    |widowed|unemployed|(?:deathly\s|very\s)?allergic|lactose\sintolerant|diabetic)\b)
    (?=(?:\s(?:to|since|for|now|again|with|at|and|these)\b[^.!?\n]*)?(?:[.!,\n]|$))""",
    re.IGNORECASE | re.VERBOSE,
)
#: How chats shorten words: "i work @ tesco", "we r moving".
_AT = re.compile(r"(?<=\w) @ (?=[\w])")
_WE_ARE = re.compile(r"\b([Ww]e|[Tt]hey|[Yy]ou) r ")
_TITLE = re.compile(r"\b(dr|mr|mrs|ms|prof)\.?\s([a-z][a-z'\u2019-]+)\b")


def completed(text: str) -> str:
    """A text with what chats leave out: "I" before a sentence that begins with what somebody did, capitals of titles.

    "Sold the bike. My dentist is dr. hale." becomes "I sold the bike. My dentist is Dr. Hale.", and "divorced since
    March" becomes "I am divorced since March".
    """
    text = _TITLE.sub(lambda match: f"{match[1].capitalize()}. {match[2].capitalize()}", text)
    text = _AT.sub(" at ", _WE_ARE.sub(r"\1 are ", text))
    text = _IS.sub(lambda match: f"{match[1]}I am {match[2][0].lower()}{match[2][1:]}", text)
    return _DID.sub(lambda match: f"{match[1]}I {match[2][0].lower()}{match[2][1:]}", text)


def may_state(text: str, speaker: str = "") -> bool:
    """Whether a text could state anything; where not, it need not be read.

    Args:
        text: What is stored.
        speaker: Who says it, where that is known; what assistants and programs say states nothing.
    """
    return may_be_read(speaker) and next(_sentences(completed(text)), None) is not None


def may_be_read(speaker: str) -> bool:
    """Whether what somebody says could state anything: not of assistants and programs."""
    return not speaker or not (is_assistant(speaker) or is_silent(speaker))


def passages_to_read(text: str) -> Iterator[Passage]:
    """The parts of a text that are worth reading, as few as possible."""
    start = end = -1
    for first, last in _sentences(text):
        if start >= 0 and text[end:first].strip() == "" and last - start < 1_500:
            end = last
            continue
        if start >= 0:
            yield Passage(start, text[start:end])
        start, end = first, last
    if start >= 0:
        yield Passage(start, text[start:end])


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    found = 0
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        if len(sentence) > _LONGEST_SENTENCE or not _may_state(sentence):
            continue
        yield match.span()
        found += 1
        if found >= MOST_SENTENCES:
            return


#: What somebody has or is, as far as the next words tell.
_HELD = re.compile(
    r"(?:\b(?:have|has|had|got|with|from|am|is|was)|['’](?:ve|m|s))\ ((?:[\w'-]+\ ){0,3}[\w'-]+)", re.IGNORECASE
)


def _has_listed(sentence: str) -> bool:
    """Whether somebody has or is one of what the table lists of health and of faith."""
    listed = _of_health()
    return any(not listed.isdisjoint(match[1].lower().split()) for match in _HELD.finditer(sentence))


@cache
def _of_health() -> frozenset[str]:
    words = load_table().words
    return (words["ailments"] | words["health_states"] | _FAITHS) - {"pain", "ache", "sick", "ill", "condition", "cold"}


_FAITHS = frozenset(
    """buddhist catholic christian muslim jewish hindu sikh atheist agnostic protestant lutheran anglican quaker mormon
    cholesterol""".split()
)


def _may_state(sentence: str) -> bool:
    told = (
        _told().search(sentence) is not None
        or _has_listed(sentence)
        or (
            len(sentence) <= _LONGEST_OF_OTHERS
            and (_CHANGE.search(sentence) is not None or _NAMED.search(sentence) is not None)
        )
    )
    if not told or _CODE.search(sentence) is not None:
        return False
    return not (sentence.rstrip().endswith("?") and _ASKS.match(sentence) is not None and "," not in sentence)
