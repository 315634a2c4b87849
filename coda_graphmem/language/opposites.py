"""Words that cannot both hold of one thing: near and far, on and off, buy and sell.

Common knowledge as plain data that anybody can read and correct. Words are lemmas in lower case.
"""

#: One line a pair of sides; all words of a side are alike.
OPPOSITES = """
on onto | off
in into inside within | out outside
up upward upstairs | down downward downstairs
over above atop on onto | under below beneath underneath
to | from
inside | around
before earlier prior beforehand | after later afterwards afterward
since from | until till
near close nearby beside adjacent next | far distant remote away
toward towards | away
front ahead | back behind
with | without
against | for
north northern | south southern
east eastern | west western
left | right
top | bottom
indoors indoor inside | outdoors outdoor outside
early | late
first | last
always | never rarely seldom
often frequently usually regularly | rarely seldom never occasionally
all every everyone everybody everything | no none nobody nothing
more | less few
many much | few little
most | least
same identical | different
big large huge giant enormous gigantic massive vast great | small little tiny miniature mini
tall high | short low
long lengthy | short brief
wide broad | narrow
thick fat | thin slim skinny
deep | shallow
heavy | light lightweight
fast quick rapid quickly rapidly swift | slow slowly
hot warm | cold cool chilly icy
wet damp moist | dry
full | empty
open | closed shut
clean | dirty filthy muddy
new | old used
young | old elderly aged
good great excellent | bad poor terrible awful
well | badly poorly
better | worse
best | worst
cheap inexpensive affordable | expensive costly pricey
rich wealthy | poor
strong | weak
hard difficult tough | easy simple
hard firm | soft
rough | smooth
sharp | blunt dull
loud noisy loudly noisily | quiet silent quietly silently
bright light | dark dim
right correct true | wrong incorrect false
happy glad cheerful happily | sad unhappy upset sadly
calm relaxed calmly | nervous anxious angry tense nervously
safe secure | dangerous unsafe risky
careful cautious carefully | careless reckless recklessly carelessly
healthy well | sick ill unwell
alive living | dead
awake | asleep
present | absent
public | private
married marry | single divorced divorce
male | female
rural | urban
formal | casual informal
raw | cooked
sweet | sour bitter salty
vegetarian vegan | carnivore
positive | negative
maximum | minimum
major | minor
ancient | modern
busy | idle free
crowded | deserted empty
free | paid
domestic | foreign
permanent | temporary
online | offline
guilty | innocent
increase rise grow climb raise gain soar surge jump | decrease fall drop decline sink lose reduce lower plunge
win | lose
profit gain | loss
buy purchase | sell
lend loan | borrow
love like enjoy adore | hate dislike detest loathe despise
prefer | avoid
start begin launch | stop finish end quit cease
continue resume | stop quit cease cancel
open | close shut lock
lock | unlock
arrive come enter | leave depart exit
push | pull
give offer donate lend | take receive borrow steal
send | receive
put place insert add attach install mount | remove take detach extract uninstall delete
add include | remove exclude omit
don wear | undress
fill | empty drain
load | unload
pack | unpack
fold | unfold
tie fasten | untie unfasten loosen
dress | undress
cover wrap | uncover unwrap open
ignite light kindle | extinguish quench blow
noise | silence silent quiet
talkative | silent taciturn
takeoff | landing
sow plant | harvest
admire respect | despise
sharpen | blunt
tighten | loosen
insult | compliment praise
inflate | deflate
submerge | emerge surface
freeze | thaw
straight | crooked curly
flat | steep hilly
rainy | sunny
front | rear
owner | tenant renter
lender | borrower
majority | minority
optimistic | pessimistic
polite | rude
brave | cowardly
generous | stingy mean
honest | dishonest
patient | impatient
mandatory compulsory required | optional voluntary
manual | automatic
analog | digital
wired | wireless
liquid | solid
gain | lose
arrive land | depart leave
build construct assemble create | destroy demolish dismantle
fix repair mend | break damage
clean wash | dirty soil stain
wet water | dry
heat warm | cool chill freeze
cook | eat
freeze | melt thaw
teach | learn
ask question | answer reply
accept approve | reject refuse decline deny
allow permit let | forbid ban prohibit prevent
agree | disagree
remember recall | forget
succeed pass | fail
find | lose
seek look search | find
hire employ appoint | fire dismiss
join | leave quit resign
marry | divorce
wake | sleep
laugh smile | cry frown weep
stand | sit lie
rise | set
attack | defend
hide | show reveal
enable activate | disable deactivate
connect | disconnect
import | export
upload | download
deposit | withdraw
save | spend
earn | spend
raise lift | lower drop
catch | throw drop miss
throw | catch
hold keep | drop release
support favor | oppose
encourage | discourage
appear | disappear vanish
live | die
born | die
hit | miss
trust | distrust
lead | follow
precede | follow
praise | criticize
admit discharge | deny
detain arrest | release free
capture | release
walk run | stop
inhale | exhale
expand extend widen | shrink contract narrow
strengthen | weaken
upgrade promote | downgrade demote
lengthen extend prolong | shorten
ascend | descend
maximize | minimize
confirm | deny cancel
schedule book | cancel
morning | evening afternoon night
day daytime daily | night nighttime nightly
sunrise dawn | sunset dusk
summer | winter
spring | autumn fall
husband | wife
parent | child
teacher | student
employer | employee
buyer customer | seller
landlord | tenant
host | guest
predator | prey
winner | loser
friend | enemy
victory win | defeat loss
war | peace
entrance | exit
arrival | departure
heaven | hell
beginning start | end
advantage benefit | disadvantage drawback
beneficial helpful | harmful detrimental
strength | weakness
income | expense
asset | liability
question | answer
supply | demand
"""

#: Prefixes that turn a word into its opposite.
NEGATIVE_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non", "non-", "de", "mis")
