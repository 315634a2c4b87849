"""What texts state: of whom, which attribute, which value, and when it holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coda_graphmem.facts.reader import FactReader, Words
from coda_graphmem.models import Statement

#: A Wednesday.
SAID_AT = datetime(2024, 5, 15, 12, tzinfo=UTC).timestamp()


def read(reader: FactReader, text: str, subject: str = "User") -> list[Statement]:
    return reader.statements(text, subject=subject, said_at=SAID_AT)


def told(statements: list[Statement]) -> set[str]:
    """Each as ``subject/attribute=value``, ``!=`` where it is denied; that of the user without a subject."""
    return {
        ("" if s.subject == "User" else f"{s.subject}/") + s.attribute + ("=" if s.polarity else "!=") + s.value
        for s in statements
    }


def day(moment: float | None) -> str | None:
    return None if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # homes, and words in between
        ("I live in Paris.", "residence=Paris"),
        ("We actually relocated to Porto and love it.", "residence=Porto"),
        ("I'm back in Oslo.", "residence=Oslo"),
        ("I no longer live in Madrid.", "residence!=Madrid"),
        ("I moved out of Boston.", "residence!=Boston"),
        ("I live at 4 Rue Cler in Paris.", "address=4 Rue Cler, residence=Paris"),
        # work
        ("I work at Orion, not at Vega.", "employer=Orion, employer!=Vega"),
        ("I quit my job at Acme.", "employer!=Acme"),
        ("I moved into a small flat in Lyon.", "residence=Lyon"),
        # who speaks need not say so
        ("Sold the Skoda and bought a Volvo.", "possession!=Skoda, possession=Volvo"),
        ("Moved to Bergen last week!", "residence=Bergen"),
        ("Started a new job at Vega", "employer=Vega"),
        ("my dentist is dr. hale", "dentist=Hale"),
        ("I have a new boss, her name is Ana Ruiz.", "boss=Ana Ruiz"),
        ("My mother's maiden name is Costa.", "User's mother/maiden name=Costa"),
        # things of any sort, and what else somebody is or has
        ("I have season tickets.", "possession=season tickets"),
        ("Got my new camera yesterday.", "possession=new camera"),
        ("I'm a Liverpool fan.", "likes=Liverpool"),
        ("I grew up on a farm outside Limerick.", "hometown=Limerick"),
        ("I've been in Toronto for a decade.", "residence=Toronto"),
        ("I'm 5 foot 4.", "height=5 foot 4"),
        ("We're expecting twins.", "condition=expecting twins"),
        ("My hobby is to restore old radios.", "likes=restore old radios"),
        ("My allergies are dust and cats.", "allergy=dust, allergy=cats"),
        ("I'm no longer doing keto.", "diet!=keto"),
        ("We're with Octopus for electricity.", "uses=Octopus"),
        ("We don't have Netflix.", "uses!=Netflix"),
        ("I don't have any siblings.", "sibling!="),
        ("Rosalind is engaged to a guy from Perth.", "Rosalind/relationship status=engaged"),
        ("I'm having eye surgery.", "plan=eye surgery"),
        ("I've got three tattoos.", "number of tattoos=three"),
        ("My son can't swim.", "User's son/skill!=swim"),
        ("I can sew.", "skill=sew"),
        ("We're a family of five.", "family size=five"),
        ("The kids love pancakes.", "User's kids/likes=pancakes"),
        ("Our team uses Jira and Slack.", "team/uses=Jira, team/uses=Slack"),
        ("I signed up for a sculpture class.", "plan=sculpture class"),
        ("I have a fear of flying.", "condition=fear of flying"),
        ("The doctor put me on a low dose of sertraline.", "medication=sertraline"),
        ("I lost my wedding ring.", "possession!=wedding ring"),
        ("I'm studying for the bar exam.", "goal=study for bar exam"),
        ("We're renovating the kitchen.", "project=kitchen"),
        ("I hurt my shoulder at the gym.", "condition=hurt shoulder"),
        ("My thesis is due on June 14.", "thesis deadline=June 14"),
        ("I've got an MRI on Monday.", "plan=MRI"),
        ("I'm building a cedar-strip canoe.", "project=cedar-strip canoe"),
        ("I'm left-handed.", "condition=left-handed"),
        ("I converted to Judaism.", "religion=Judaism"),
        ("My oldest, Hamza, is seven.", "child=Hamza, Hamza/age=seven"),
        ("Correction: my boss is Ana.", "boss=Ana"),
        ("Gemma's my line manager.", "line manager=Gemma"),
        ("We moved the blog from WordPress to Ghost.", "blog/runs=Ghost, blog/runs!=WordPress"),
        ("Simone's birthday is on the 2nd of August.", "Simone/birthday=the 2nd of August"),
        # what somebody is, and with whom they live
        ("I'm an introvert.", "trait=introvert"),
        ("I'm not really a morning person.", "trait!=morning person"),
        ("I'm an early riser.", "trait=early riser"),
        ("I'm an only child.", "trait=only child"),
        ("I'm shy, you know.", "trait=shy"),
        ("I'm not shy anymore.", "trait!=shy"),
        ("I'm an atheist.", "religion=atheist"),
        ("I'm not a pilot at all.", "occupation!=pilot"),
        ("I live alone.", "household=alone"),
        ("I live with two flatmates.", "household=with two flatmates"),
        ("I moved back in with my parents.", "household=with parents"),
        ("I no longer live with my parents.", "household!=with parents"),
        ("We have no children.", "child!="),
        ("I listen to a lot of jazz.", "likes=jazz"),
        ("I take the bus to work.", "commutes by=bus"),
        ("I'm on 20mg of sertraline.", "medication=sertraline"),
        # a place that has the name of a thing
        ("I live near Bath.", "residence=Bath"),
        ("My parents live in Deal.", "User's parents/residence=Deal"),
        # a day by its number, and a figure that a thing went up to
        ("The deadline is the 20th.", "deadline=the 20th"),
        ("The deadline is now the 20th, not the 15th.", "deadline=the 20th, deadline!=15th"),
        ("Server costs went up to 300 dollars a month.", "server costs/amount=300 dollars a month"),
        ("We pay 1,200 a month in rent.", "rent=1,200 a month"),
        # amounts that everybody has one of
        ("We pay 1,200 euros in rent.", "rent=1,200 euros"),
        ("I pay 900 dollars a month for rent.", "rent=900 dollars a month"),
        ("I'm down to 78 kilos!", "weight=78 kilos"),
        ("The launch is scheduled for 12 March.", "launch=12 March"),
        ("I was laid off in March.", "employer!="),
        ("I'm between jobs.", "employer!="),
        ("I gave my notice at the law firm.", "employer!=law firm"),
        ("I just got hired by a wind turbine company.", "employer=wind turbine company"),
        ("I started a new job at Ikea on Monday.", "employer=Ikea"),
        ("I'm self-employed, I repair violins.", "occupation=self-employed"),
        ("I'm a part-time librarian.", "occupation=part-time librarian"),
        ("I chair the parents' council.", "occupation=chair of parents' council"),
        ("We've been renting in Malmö since the spring.", "residence=Malmö"),
        # an exchange ends one thing and begins another
        ("I traded my flute for a clarinet.", "possession!=flute, possession=clarinet"),
        ("I switched from Android to an iPhone.", "uses!=Android, possession=iPhone"),
        ("We dropped Jenkins in favour of GitHub Actions.", "uses!=Jenkins, uses=GitHub Actions"),
        ("I got a new phone, a Pixel 9.", "possession=Pixel 9"),
        # people
        ("My dentist is Dr. Alvarez; my GP is still Dr. Wood.", "dentist=Alvarez, doctor=Wood"),
        ("I see a physio called Marek on Thursdays.", "physio=Marek"),
        ("I got engaged to Theo on Saturday!", "relationship status=engaged, partner=Theo"),
        ("I share a flat with Lotte and Bea.", "roommate=Lotte, roommate=Bea"),
        ("My roommate moved out.", "roommate!="),
        ("I'm a member of the rowing club.", "membership=rowing club"),
        (
            "My mum's from Ghana and my dad's Irish.",
            "User's mum/hometown=Ghana, User's dad/nationality=Irish",
        ),
        # what is planned, and off
        ("We're planning to get married next June.", "plan=get married"),
        ("Lunch with Carla is cancelled.", "carla lunch!=, plan!=Lunch with Carla"),
        ("I'm trying to lose 5 kilos.", "goal=lose 5 kilos"),
        ("The warranty runs out in December 2027.", "warranty end=December 2027"),
        # figures and versions
        ("My commute takes 50 minutes.", "commute/amount=50 minutes"),
        ("My commute takes 2 hrs.", "commute/amount=2 hrs"),
        ("Our build takes 14 minutes, it used to take 40.", "build/amount=14 minutes"),
        ("My blood pressure is 140 over 90.", "blood pressure/amount=140 over 90"),
        ("We're on version 2.4 of the SDK.", "sdk/version=2.4"),
        # habits and tastes
        ("I never liked mushrooms.", "likes!=mushrooms"),
        ("I quit smoking two years ago.", "smokes!=smoking"),
        ("I'm Jewish and keep kosher.", "diet=kosher"),
        ("I speak fluent Finnish.", "language=Finnish"),
        ("My blood type is O negative.", "blood type=O negative"),
        (
            "I started a new job at Stripe as a data analyst.",
            "employer=Stripe, occupation!=, occupation=data analyst",
        ),
        ("I'm a nurse now.", "occupation=nurse"),
        # people, by name and by what they are to the user
        ("My dad's a pilot.", "User's dad/occupation=pilot"),
        ("My sister Anna moved to Berlin. She works at Siemens.",
         "Anna/residence=Berlin, Anna/employer=Siemens, sister=Anna"),
        ("Maria lives in Rome.", "Maria/residence=Rome"),
        ("My new dentist is Dr. Lee.", "dentist=Lee"),
        ("My coach is now Ben, not Carl.", "coach=Ben"),
        ("Priya replaced Tom as my manager.", "boss!=Tom, boss=Priya"),
        ("Tom isn't my boss any more.", "boss!=Tom"),
        ("I broke up with Daniel.", "partner!=Daniel"),
        # preferences and their denials
        ("I sort of like opera.", "likes=opera"),
        ("I think I prefer tea these days.", "likes=tea"),
        ("I don't like sushi, I like ramen.", "likes!=sushi, likes=ramen"),
        ("I can't stand jazz.", "likes!=jazz"),
        ("My favorite color is blue, not green.", "favorite color=blue, favorite color!=green"),
        # health
        ("I'm allergic to peanuts and shellfish.", "allergy=peanuts, allergy=shellfish"),
        ("I'm not allergic to nuts any more.", "allergy!=nuts"),
        ("I outgrew my milk allergy.", "allergy!=milk"),
        ("I'm not vegan anymore.", "diet!=vegan"),
        ("I stopped taking metformin.", "medication!=metformin"),
        ("I gave up smoking.", "smokes!=smoking"),
        # things and how many
        ("I have two cats and a dog.", "number of cats=two, pet=dog"),
        ("My dog Rex died last week.", "pet!=dog named Rex"),
        ("I sold my car.", "possession!=car"),
        # appointments, deadlines, figures, versions
        ("The dentist appointment moved to Friday.", "dentist appointment=Friday"),
        ("The deadline for the report was pushed to June 10.", "report deadline=June 10"),
        ("The trip to Morocco is cancelled.", "morocco trip!=, plan!=trip to Morocco"),
        ("Forget what I said about the trip to Peru.", "peru trip!=, plan!=trip to Peru"),
        ("The API rate limit is 100 requests per minute.", "api rate limit/amount=100 requests per minute"),
        ("I raised the rate limit to 150.", "rate limit/amount=150"),
        ("We increased the marketing budget from 5000 to 8000 dollars.",
         "marketing budget/amount=8000 dollars, marketing budget/amount!=5000"),
        ("My rent is $1,200, not $1,100.", "rent=$1,200, rent!=$1,100"),
        ("We upgraded to Python 3.12.", "Python/version=3.12"),
        # tools, and what they replaced
        ("The app runs on Node 20.", "app/runs=Node 20"),
        ("We replaced Jenkins with GitHub Actions.", "uses!=Jenkins, uses=GitHub Actions"),
        # contracted subjects, roles and what is beside another
        ("Ana's engaged to Felix.", "Ana/partner=Felix"),
        ("My sister-in-law Bo works at Spotify.", "Bo/employer=Spotify, sister-in-law=Bo"),
        ("I switched dentists, I go to Dr. Nakamura now.", "dentist!=, dentist=Dr. Nakamura"),
        ("In the evenings I work at a bar.", "second employer=bar"),
        ("My other sister lives in Bruges.", "User's other sister/residence=Bruges"),
        ("I studied physics.", "studied=physics"),
        # who came, left and came back
        ("My colleague Hamid resigned.", "colleague!=Hamid"),
        ("My neighbour Ulla moved away.", "neighbor!=Ulla"),
        ("Tunde and I split up.", "partner!=Tunde"),
        ("Marek and I are back together.", "partner=Marek"),
        ("I'm seeing someone, her name is Ines.", "partner=Ines"),
        ("We got a parrot, he's called Plato.", "pet=parrot named Plato"),
        ("We named the hamster Otto.", "pet=hamster named Otto"),
        ("We had to put Bruno down.", "pet!=Bruno"),
        ("Ilse moved in with her aunt in Graz.", "Ilse/residence=Graz"),
        ("My dentist is Dr Hale, not Dr Moss.", "dentist=Hale, dentist!=Dr Moss"),
        ("My optician's Mr Banerjee.", "optician=Mr Banerjee"),
        ("I changed dentist, it's Dr. Okoye now.", "dentist!=, dentist=Okoye"),
        ("I'm Dragan, nice to meet you.", "name=Dragan"),
        ("My cousin Aino, who is a surveyor, lives in Turku.", "Aino/occupation=surveyor, Aino/residence=Turku"),
        ("My best friend Zsofi lives in Turku.", "friend=Zsofi, Zsofi/residence=Turku"),
        # offices and work
        ("Amara took over as head of sales.", "Amara/occupation=head of sales"),
        ("I stepped down as treasurer.", "occupation!=treasurer"),
        ("I've been made captain of the team.", "occupation!=, occupation=captain of the team"),
        ("I'm the secretary of the chess club.", "occupation=secretary of the chess club"),
        ("I closed my bakery.", "occupation!=runs a bakery"),
        ("I'm on leave until May, but I'm on 3,100 a month.", "salary=3,100 a month"),
        ("From May I'll be based in Utrecht.", "residence=Utrecht"),
        ("I'm retired now, used to be a surveyor.", "occupation=surveyor"),
        ("I have a diploma in botany.", "studied=botany"),
        ("I'm doing a PhD in geology at Leiden.", "school=Leiden, field of study=geology"),
        # how somebody is, and what is gone
        ("My eczema is back.", "condition=eczema"),
        ("My eczema cleared up.", "condition!=eczema"),
        ("Got diagnosed with lupus.", "condition=lupus"),
        ("Been off alcohol since May.", "eats!=alcohol"),
        ("I only drink tea.", "eats=tea"),
        ("I do archery on Mondays.", "likes=archery"),
        ("Not a fan of opera.", "likes!=opera"),
        ("My scooter got nicked.", "possession!=scooter"),
        # names behind a relation, and what was put right
        ("My nephew Ove plays the tuba.", "nephew=Ove, Ove/skill=tuba"),
        ("My sister-in-law Bodil just had a baby.", "sister-in-law=Bodil"),
        ("My name isn't Ilka, it's Ilse.", "name!=Ilka, name=Ilse"),
        ("I've been going to Dr. Amsel for my knee.", "doctor=Dr. Amsel"),
        ("I'm saving up for a sailboat.", "goal=save for sailboat"),
        ("I belong to a choir in Exeter.", "membership=choir"),
        ("I mostly code in Haskell.", "uses=Haskell"),
        ("I guess I do enjoy opera.", "likes=opera"),
        ("I'm sort of into chess.", "likes=chess"),
        ("Working from home as an editor.", "occupation=editor"),
        # where somebody can be reached
        ("You can write to me at olga.k@fastmail.com.", "email=olga.k@fastmail.com"),
        ("Text me on 0151 442 8810.", "phone number=0151 442 8810"),
        ("My new number is 0151 442 8810.", "phone number=0151 442 8810"),
        # tools, counts, and what is put off
        ("I dropped Slack for Zulip.", "uses!=Slack, uses=Zulip"),
        ("We moved the queue from Celery to Dramatiq.", "queue/runs!=Celery, queue/runs=Dramatiq"),
        ("I use Obsidian for my notes.", "uses=Obsidian"),
        ("I cancelled Audible.", "uses!=Audible"),
        ("I pay 9 euros a month for Audible.", "audible/amount=9 euros a month"),
        ("Our library has 45 volunteers.", "library/number of volunteers=45"),
        ("Uploads are capped at 20 megabytes.", "uploads/amount=20 megabytes"),
        ("The build time dropped from 40 to 25 minutes.", "build time/amount=25 minutes, build time/amount!=40"),
        ("We're on version 7.2 of the importer.", "importer/version=7.2"),
        ("The agency pushed the handover to next Friday.", "handover=next Friday"),
        ("My contract runs until October 2026.", "contract end=October 2026"),
        # nouns that pass for verbs, and verbs that pass for nouns
        ("I can't have lactose.", "eats!=lactose"),
        ("I kind of like techno these days.", "likes=techno"),
        (
            "I live in Turin, work as a welder and have two kids.",
            "residence=Turin, occupation!=, occupation=welder, number of kids=two",
        ),
        # several of something, and several who do something
        ("We have two dogs: Fips and Olga.", "number of dogs=two, pet=dog named Fips, pet=dog named Olga"),
        ("My flatmates are Pia and Bo.", "roommate=Pia, roommate=Bo"),
        ("My twins, Ada and Emil, turned six today.", "child=Ada, child=Emil"),
        ("Mia and Jonas live in Zurich.", "Mia/residence=Zurich, Jonas/residence=Zurich"),
        (
            "My sister is a nurse and her husband works at Bosch.",
            "User's sister/occupation=nurse, User's sister's husband/employer=Bosch",
        ),
        ("I share a flat with Ivo and Marlene.", "roommate=Ivo, roommate=Marlene"),
        ("I own two cellos and a banjo.", "number of cellos=two, possession=banjo"),
        ("I have two sisters and a brother.", "number of sisters=two, number of brothers=one"),
        ("I'm 33, single and living in Dublin.", "age=33, residence=Dublin"),
        # people whom no model knows, and those of others
        ("Sven is allergic to cats.", "Sven/allergy=cats"),
        ("Karim has two brothers.", "Karim/number of brothers=two"),
        ("Karim's sister is called Leyla.", "Karim/sister=Leyla"),
        (
            "Theo is a vet, and his wife Iris teaches yoga.",
            "Theo/occupation=vet, Iris/occupation=yoga teacher, Theo/partner=Iris",
        ),
        ("My friend Lou, a plumber from Hull, fixed our sink.", "friend=Lou, Lou/occupation=plumber"),
        ("My brother-in-law's a dentist.", "User's brother-in-law/occupation=dentist"),
        ("My mother-in-law Renate sings.", "mother-in-law=Renate"),
        ("Mum turned 60 yesterday.", "User's mum/age=60"),
        ("The name of my dog is Rex.", "pet=dog named Rex"),
        ("Tomasz quit Revolut.", "Tomasz/employer!=Revolut"),
        ("Priya works at the Met Office.", "Priya/employer=Met Office"),
        ("Erik is the new scrum master.", "Erik/occupation=new scrum master"),
        ("My girlfriend broke up with me.", "partner!="),
        # things
        ("The new depot is at 22 Mill Road.", "depot/address=22 Mill Road"),
        ("The app is written in Kotlin.", "app/written in=Kotlin"),
        ("The server runs on port 8081.", "server/port=8081"),
        ("The cron job now runs every 15 minutes.", "cron job/interval=15 minutes"),
        ("There are 31 students in my class.", "class/number of students=31"),
        ("Our flat has a balcony.", "flat/possession=balcony"),
        ("Our wifi network is called Bumblebee.", "wifi network=Bumblebee"),
        ("My car insurance is with Allianz.", "car insurance provider=Allianz"),
        ("The lab server has 64 GB of RAM.", "lab server/RAM=64 GB"),
        ("Sprint 12 ends on Friday.", "sprint 12 end=Friday"),
        ("Our standup got moved to 9:45.", "standup=9:45"),
        (
            "The gym membership runs out in April, it's 32 euros a month.",
            "gym membership end=April, gym membership/amount=32 euros a month",
        ),
        ("The physio cancelled my Monday appointment.", "appointment!=, plan!=Monday appointment"),
        ("The concert tickets were 85 quid each.", "concert tickets/amount=85 quid"),
        ("My interview at Ikea is on Thursday.", "ikea interview=Thursday"),
        ("It's 65 guests now.", "number of guests=65"),
        ("We have a budget of 9,000.", "budget=9,000"),
        ("My surname changed to Lund.", "surname=Lund"),
        ("My pronouns are she/her.", "pronouns=she/her"),
        ("My birthday isn't in May, it's in June.", "birthday!=May, birthday=June"),
        # what somebody does, has and is
        ("My cousin designs bridges.", "User's cousin/occupation=designs bridges"),
        ("My dad drives a taxi.", "User's dad/occupation=taxi driver"),
        ("Nina leads the design team.", "Nina/occupation=leads the design team"),
        ("I'm responsible for billing.", "occupation=responsible for billing"),
        ("I'm studying to become a paramedic.", "goal=become a paramedic"),
        ("I've started taking Spanish lessons.", "learns=Spanish"),
        ("I'm a Buddhist.", "religion=Buddhist"),
        ("I have high blood pressure.", "condition=high blood pressure"),
        ("I don't drink.", "eats!=alcohol"),
        ("I broke my wrist skiing.", "condition=broken wrist"),
        ("My son is in fifth grade.", "User's son/grade=fifth grade"),
        ("I start my PhD in physics next month.", "field of study=physics"),
        ("I switched from a Fiat to a Toyota.", "possession=Toyota, possession!=Fiat"),
        ("Noemi isn't in Valencia any longer.", "Noemi/residence!=Valencia"),
        ("Divorced since March.", "relationship status=divorced"),
    ],
)  # fmt: skip
def test_what_is_stated(reader: FactReader, text: str, expected: str) -> None:
    assert told(read(reader, text)) >= set(expected.split(", "))


@pytest.mark.parametrize(
    "text",
    [
        "We went back to Lisbon last summer.",
        "We ended up in Leeds that night.",
        "My boyfriend left yesterday.",
        "I'm at Karen's now.",
        "The address is 22 Birch Lane.",
        "Could be that I'm allergic to nuts.",
        "Pretend to be my girlfriend Anna.",
        "Oh sure, I own a castle.",
        "My least favourite food is liver.",
        "I used my contacts to make connections.",
        "I bought milk and eggs.",
        "My best guess is 40.",
        "I moved into a new role in Sales.",
        "I'm up to 10 miles a week.",
        "I'm down to my last 5 pounds.",
        "Got it, thanks.",
        "Do I live in Paris?",
        "If I lived in Paris, I'd be happy.",
        "I might move to Berlin.",
        "I'd like to live in Berlin.",
        "I almost moved to Berlin.",
        "I dreamed I lived in Rome.",
        "Tom said I live in Paris.",
        "I live in Paris, haha just kidding.",
        "In the game I live in a castle.",
        "I wish I had a dog.",
        "He lives in Rome.",
        "Things have been hard since I lost my job.",
        "I have a meeting on Monday.",
        "Paris is the capital of France.",
        "assistant: I live in the cloud.",
        "Not that I'm planning to quit or anything.",
        "Rephrase: I am no longer working at Ford.",
        "Dear Sir, I live at 5 Oak Street. - make this more polite",
        "I'm married to my work.",
        "We're in B12 now.",
        "My exhibition went well, back home since Friday.",
        "Our garden has two more trees.",
        "If my asthma came back I'd move.",
        "You can't reach me at olga.k@fastmail.com any more.",
        "We moved the sofa to the attic.",
        "Petra's last name is Lind.",
        "I'm Monday.",
        "I can't drive today.",
        "The kids in that film love pancakes.",
        "I hurt his feelings.",
        "I have three questions.",
        "I have a strong feeling about this.",
        "I'm shy to say this.",
        "I live with my choices.",
        "I moved in with high hopes.",
        "I take the train of thought to work.",
        "We moved to Production last night.",
        "The deadline is not the 20th.",
        "If I were an only child I'd be spoiled.",
    ],
)
def test_nothing_is_stated(reader: FactReader, text: str) -> None:
    assert read(reader, text) == []


@pytest.mark.parametrize(
    ("text", "valid_from", "valid_until"),
    [
        ("I live in Rome.", None, None),
        ("I moved to Rome in March.", "2024-03-01", None),
        ("I've been living in Rome since 2019.", "2019-01-01", None),
        ("I've lived in Rome for two years.", "2022-05-16", None),
        ("I'm moving to Rome next month.", "2024-06-01", None),
        ("I lived in Rome last year.", "2023-01-01", "2024-01-01"),
        ("I lived in Rome from 2010 to 2015.", "2010-01-01", "2016-01-01"),
        ("I used to live in Rome.", None, "2024-05-15"),
    ],
)
def test_when_it_holds(reader: FactReader, text: str, valid_from: str | None, valid_until: str | None) -> None:
    [home] = [s for s in read(reader, text) if s.attribute == "residence"]
    assert (home.value, day(home.valid_from), day(home.valid_until)) == ("Rome", valid_from, valid_until)


def test_a_day_is_counted_from_when_it_was_said(reader: FactReader) -> None:
    [appointment] = read(reader, "My dentist appointment is on Thursday at 3pm.")
    assert (appointment.value, appointment.value_key) == ("Thursday at 3pm", "2024-05-16 900 time")
    [later] = reader.statements("My dentist appointment is tomorrow at 3pm.", said_at=SAID_AT + 7 * 86_400)
    assert later.value_key == "2024-05-23 900 time"


def test_the_first_person_is_whoever_speaks(reader: FactReader) -> None:
    assert told(read(reader, "I moved to Denver.", "Caroline")) == {"Caroline/residence=Denver"}
    assert told(read(reader, "Caroline: I moved to Denver.", "Caroline")) == {"Caroline/residence=Denver"}
    assert told(read(reader, "User moved to Denver.")) == {"residence=Denver"}
    assert {s.subject_key for s in read(reader, "I moved to Denver.", "user")} == {"user"}


def test_long_texts_are_read_where_they_state_something(reader: FactReader) -> None:
    filler = "The committee discussed many reports. " * 100
    assert told(read(reader, f"{filler}I live in Oslo. {filler}")) == {"residence=Oslo"}


def test_several_texts_are_read_as_each_alone(reader: FactReader) -> None:
    said = [
        Words("I live in Oslo.", "User", SAID_AT),
        Words("Thanks!", "User", SAID_AT),
        Words("I hate tea.", "Ann", 0.0),
    ]
    alone = [reader.statements(one.text, subject=one.subject, said_at=one.said_at) for one in said]
    assert reader.statements_of(said) == alone
    assert [len(statements) for statements in alone] == [1, 0, 1]


def test_a_word_before_a_colon_is_not_always_a_speaker(reader: FactReader) -> None:
    assert told(read(reader, "Correction: I live in Oslo.")) == {"residence=Oslo"}


def test_who_quits_something_else_stays_what_they_are(reader: FactReader) -> None:
    assert told(read(reader, "My assistant Jo quit smoking.")) >= {"assistant=Jo"}
    assert told(read(reader, "My dad Otto retired.")) >= {"father=Otto"}


def test_only_whoever_one_is_with_is_ended_by_parting(reader: FactReader) -> None:
    assert "partner!=" not in told(read(reader, "Mum and I split up at the station."))


def test_who_quits_a_service_leaves_no_employer(reader: FactReader) -> None:
    assert told(read(reader, "I quit Strava.")) == {"uses!=Strava"}


def test_a_pet_that_is_named_later_is_one(reader: FactReader) -> None:
    assert told(read(reader, "We got a kitten, she's called Miso.")) == {"pet=kitten named Miso"}


def test_a_town_that_is_left_is_no_company_and_no_tool(reader: FactReader) -> None:
    assert told(read(reader, "We left Bristol, we're in Cardiff now.")) == {"residence!=Bristol", "residence=Cardiff"}
    assert told(read(reader, "I've moved from Graz to Linz.")) == {"residence=Linz"}


def test_what_is_not_meant_is_nobody_spoken_of(reader: FactReader) -> None:
    assert told(read(reader, "It's my brother who lives in Bonn, not me.")) == {"User's brother/residence=Bonn"}


def test_the_date_of_a_deadline_is_whole(reader: FactReader) -> None:
    assert told(read(reader, "The deadline was pushed to the 12th of December.")) == {"deadline=the 12th of December"}


def test_what_a_thing_uses_stands_beside_what_it_runs_on(reader: FactReader) -> None:
    text = "The app uses Redis. The app uses Kafka. The app runs on Ubuntu 24.04."
    assert told(read(reader, text)) == {"app/uses=Redis", "app/uses=Kafka", "app/runs=Ubuntu 24.04"}
