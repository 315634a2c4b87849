"""Things of one kind, of which one is not the other: colors, animals, meals, instruments, units.

Common knowledge as plain data that anybody can read and correct. Words are lemmas in lower case.
"""

#: Members of a kind are divided by commas, names of one member by slashes. A word that could be
#: several members stands with each of them.
KINDS = {
    "color": """
        black, white, red/crimson/scarlet, blue/navy, green, yellow, orange, purple/violet, pink, brown,
        gray/grey, silver, gold/golden, beige/tan/khaki, turquoise/teal, maroon, blond/blonde, brunette, redhead""",
    "size": "tiny, small/little, medium/mid-sized, big/large, huge/giant/enormous/gigantic",
    "weather": "sunny/sunshine, rainy/rain, snowy/snow, cloudy, foggy/fog, stormy/storm, windy, hail",
    "person": """
        man/guy/gentleman/gentlemen/dude/bloke/fellow/adult, woman/lady/adult, boy/lad/child/kid/teenager/teen,
        girl/child/kid/teenager/teen, baby/infant/toddler/child/kid""",
    "family": """
        mother/mom/mum/mommy/mama/parent, father/dad/daddy/papa/parent, sister/sibling, brother/sibling,
        son/child/kid, daughter/child/kid, grandmother/grandma/granny/grandparent,
        grandfather/grandpa/grandparent, aunt/aunty, uncle, cousin, niece, nephew, husband/spouse/partner,
        wife/spouse/partner, boyfriend/partner, girlfriend/partner, fiance/partner, fiancee/partner,
        grandson/grandchild, granddaughter/grandchild, stepfather, stepmother, mother-in-law, father-in-law""",
    "relation": """
        friend/buddy/pal, neighbor, colleague/coworker, roommate/flatmate, boss/manager, classmate, stranger""",
    "animal": """
        dog/puppy/pup/doggy, cat/kitten/kitty, horse/pony/foal, cow/bull/calf/cattle, pig/piglet/hog, sheep/lamb,
        goat, donkey/mule, chicken/hen/rooster/chick, duck/duckling, goose, turkey, bird/chick, parrot, pigeon,
        owl, eagle, hawk, swan, penguin, ostrich, rabbit/bunny/hare, mouse, rat, hamster, guinea, squirrel,
        beaver, hedgehog, fox, wolf, bear, panda, lion, tiger, leopard, cheetah, panther, cougar, jaguar, lynx,
        hyena, elephant, giraffe, zebra, rhino/rhinoceros, hippo/hippopotamus, deer/fawn, moose, elk, antelope,
        buffalo/bison, camel, llama, kangaroo, koala, monkey, ape, gorilla, chimpanzee/chimp, orangutan, lemur,
        sloth, otter, seal, walrus, whale, dolphin, shark, fish, salmon, tuna, trout, goldfish, octopus, squid,
        crab, lobster, shrimp/prawn, frog/toad, turtle/tortoise, lizard/gecko/iguana, snake/python,
        crocodile/alligator, snail, spider, ant, bee, wasp, butterfly, moth, fly, mosquito, beetle, worm,
        scorpion, bat, skunk, raccoon, badger""",
    "meal": "breakfast, brunch, lunch, dinner/supper, dessert, snack",
    "food": """
        apple, pear, banana, orange, lemon, lime, grape, peach, plum, cherry, strawberry, blueberry, raspberry,
        melon, watermelon, pineapple, mango, kiwi, coconut, avocado, tomato, potato, carrot, onion, garlic,
        ginger, pepper, cucumber, lettuce, cabbage, spinach, broccoli, cauliflower, eggplant, zucchini, pumpkin,
        mushroom, pea, bean, corn, celery, okra, bread/loaf/toast, rice, pasta/spaghetti/noodle/macaroni, pizza,
        burger/hamburger, sandwich, sushi, taco, burrito, curry, soup, stew, salad, omelet/omelette, pancake,
        waffle, cereal, oatmeal, cheese, butter, yogurt, cream, egg, beef/steak, pork, bacon, ham, sausage, lamb,
        chicken, turkey, fish, salmon, tuna, shrimp/prawn, crab, lobster, tofu, cake, cupcake, cookie/biscuit,
        pie, chocolate, candy, donut/doughnut, muffin, tortilla, peanut, almond, walnut, cashew, honey, jam,
        sugar, salt, flour, oil, vinegar, sauce, mustard, mayonnaise/mayo, ketchup""",
    "drink": """
        water, milk, coffee/espresso/latte/cappuccino, tea, juice, beer, wine, whiskey/whisky, vodka, rum, gin,
        champagne, cider, soda/coke/cola, lemonade, cocoa, smoothie, milkshake""",
    "instrument": """
        guitar, piano, keyboard, violin/fiddle, viola, cello, bass, harp, banjo, ukulele, mandolin, flute,
        clarinet, oboe, saxophone/sax, trumpet, trombone, tuba, horn, harmonica, accordion, organ, drum,
        xylophone, bagpipe, recorder, tambourine""",
    "sport": """
        soccer, football/soccer, basketball, baseball, softball, volleyball, tennis, badminton, squash, golf,
        hockey, cricket, rugby, lacrosse, swimming, cycling/biking, running/jogging, boxing, wrestling, karate,
        judo, kickboxing, fencing, skiing, snowboarding, skating, skateboarding, surfing, sailing, rowing,
        kayaking, diving, climbing, hiking, gymnastics, yoga, pilates, chess, poker, archery, bowling, polo,
        ping-pong""",
    "vehicle": """
        car/automobile/sedan/jeep/suv/convertible, truck/lorry/pickup, van/minivan, bus/coach, train,
        tram/streetcar, subway/metro, plane/airplane/aircraft/jet/airliner, helicopter/chopper, boat/ship,
        boat/canoe/kayak, boat/yacht/sailboat, boat/raft, ferry/boat, submarine, bicycle/bike,
        motorcycle/motorbike/bike, scooter/moped, skateboard, taxi/cab, tractor, rocket, sled/sleigh, wheelchair,
        tricycle, snowmobile""",
    "clothing": """
        shirt/t-shirt/blouse/top, pants/trousers/jeans, shorts, skirt, dress/gown, suit, jacket/coat,
        sweater/pullover/jumper, hoodie, vest, hat/cap, helmet, scarf, glove/mitten, sock, shoe/sneaker, boot,
        sandal, tie, belt, glasses/spectacles, sunglasses, goggles, mask, apron, uniform, pajamas,
        swimsuit/bikini, bra, necklace, bracelet, ring, earring, watch""",
    "furniture": """
        chair/armchair, sofa/couch, table, desk, bed, bench, stool, shelf/bookshelf, cupboard/cabinet,
        wardrobe/closet, drawer, lamp, mirror, carpet/rug, curtain""",
    "room": """
        kitchen, bathroom/restroom/toilet, bedroom, basement/cellar, attic/loft, garage, balcony/terrace, hallway,
        office, garden/yard/backyard""",
    "tool": """
        knife, fork, spoon, scissors, axe/ax, saw/chainsaw, hammer, screwdriver, wrench/spanner, drill,
        shovel/spade, rake, broom, mop, brush, pen, pencil, crayon, marker, needle, ladder, rope""",
    "vessel": """
        cup/mug, glass, bottle, can/tin, jar, jug/pitcher, bowl, plate/dish, pot/kettle, pan/skillet/wok,
        bucket/pail, barrel, box/carton, bag/sack, basket, faucet/tap, tray""",
    "body": """
        head, face, hair, eye, ear, nose, mouth, lip, tooth, tongue, neck, shoulder, arm, elbow, wrist, hand,
        finger, thumb, chest, stomach/belly, back, hip, leg, knee, ankle, foot, toe, tail, paw, heart, lung,
        liver, kidney""",
    "material": """
        wood/wooden, metal, plastic, glass, paper, leather, cotton, wool/woolen, silk, stone/rock, concrete,
        brick, steel, iron, rubber, ceramic, clay""",
    "landscape": """
        mountain/hill, valley, forest/wood, desert, beach/shore/coast/seaside, lake/pond, river/stream/creek,
        ocean/sea, island, city/town, village, farm, street/road/highway, meadow/field, cave, swamp""",
    "place": """
        school, university/college, hospital/clinic, church, mosque, temple, synagogue, library, museum, theater,
        cinema, restaurant/diner, cafe/coffeehouse, bar/pub, hotel/motel/hostel, bank, supermarket/grocery, mall,
        bakery, pharmacy/drugstore, gym, stadium, airport, station, park, zoo, prison/jail, court, factory, office""",
    "profession": """
        doctor/physician, nurse, dentist, surgeon/doctor, vet/veterinarian, teacher/tutor, professor,
        student/pupil, engineer, programmer/developer, designer, architect, lawyer/attorney, judge, accountant,
        banker, journalist/reporter, writer/author, editor, translator, actor/actress, singer, musician, dancer,
        painter, photographer, chef/cook, waiter/waitress, bartender, baker, butcher, farmer, gardener, carpenter,
        plumber, electrician, mechanic, driver, pilot, soldier, policeman/policewoman/cop, firefighter/fireman,
        guard, cashier, secretary, receptionist, cleaner, barber/hairdresser, tailor, scientist, chemist,
        physicist, biologist, economist, psychologist/therapist, librarian, politician, president, priest,
        coach/trainer""",
    "subject": """
        mathematics/math/maths, algebra, geometry, physics, chemistry, biology, history, geography, economics,
        philosophy, psychology, sociology, literature, linguistics, law, medicine, astronomy, archaeology,
        politics""",
    "language": """
        english, french, german, spanish, italian, portuguese, dutch, russian, polish, czech, greek, turkish,
        arabic, hebrew, persian/farsi, hindi, urdu, bengali, chinese/mandarin, cantonese, japanese, korean,
        vietnamese, thai, swedish, norwegian, danish, finnish, latin""",
    "software": """
        python, java, javascript, typescript, rust, golang, ruby, php, kotlin, scala, haskell, perl, fortran,
        windows, macos, linux, android, ios, postgres/postgresql, mysql, sqlite, mongodb, redis, neo4j, chrome,
        firefox, safari, vim, emacs, vscode""",
    "feeling": """
        happy/glad/joyful/cheerful/delighted, sad/unhappy/depressed/miserable, angry/mad/furious/annoyed,
        afraid/scared/frightened/anxious/nervous/worried, bored, excited/thrilled, tired/exhausted, proud,
        ashamed/guilty, jealous/envious, lonely, surprised/shocked, disgusted, grateful/thankful, disappointed,
        confused""",
    "illness": """
        cold, flu/influenza, cancer, diabetes, asthma, migraine/headache, fever, pneumonia, covid/coronavirus,
        depression, anxiety, allergy, arthritis, stroke, measles""",
    "art": """
        painting, sculpture, photograph/photo, drawing/sketch, poem, novel, film/movie, song, play, opera, ballet""",
    "genre": """
        jazz, rock, pop, classical, blues, country, folk, reggae, rap/hip-hop, metal, techno, punk, thriller,
        comedy, horror, romance, fantasy, western, documentary""",
    "direction": "left, right, straight, up, down",
    "compass": "north/northern, south/southern, east/eastern, west/western",
    "frequency": """
        hourly, daily, weekly, biweekly, fortnightly, monthly, quarterly, yearly/annual/annually, once, twice,
        thrice""",
    "how often": "always, usually, often/frequently, sometimes/occasionally, rarely/seldom, never",
    "how many": "all/every/each, most, many/several, some, few, half, both",
    "unit of time": "second, minute, hour, day, week, month, quarter, year, decade, century",
    "unit of length": "millimeter/mm, centimeter/cm, meter, kilometer/km, inch, foot/ft, yard, mile",
    "unit of weight": "milligram/mg, gram, kilogram/kg/kilo, pound/lb, ounce/oz, ton",
    "unit of volume": "milliliter/ml, liter/litre, gallon, pint, teaspoon/tsp, tablespoon/tbsp",
    "unit of data": "kilobyte/kb, megabyte/mb, gigabyte/gb, terabyte/tb",
    "scale": "celsius, fahrenheit, kelvin",
    "part of day": "morning, noon/midday, afternoon, evening/tonight, night/midnight/tonight",
    "season": "spring, summer, autumn/fall, winter",
    "day": "yesterday, today/tonight, tomorrow",
    "nearness in time": "last/previous, this/current, next/coming/following",
    "rank": "first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, last/final",
    "school year": "freshman, sophomore, junior, senior",
    "sign": "minus, plus",
    "posture": "stand, sit/seat, lie/lay/recline, kneel, crouch/squat, sleep/nap/doze, hang, lean, bend",
    "motion": """
        walk/stroll/wander/hike/step, run/jog/race/sprint, jump/leap/hop/bounce, crawl/creep, swim, fly/soar,
        climb, dance, ride, drive, fall, roll, slide, skate, ski, surf, dive, float, row, sail, spin/turn/rotate,
        stop, march, swing, stand, sit, lie/lay, sleep""",
    "voice": """
        speak/talk/chat, sing, shout/yell/scream, whisper, laugh/giggle, cry/weep/sob, cough, spit, bark, yawn,
        snore""",
    "contact": "email/mail, call/phone/telephone/ring, text/message, visit, fax",
    "handling": """
        throw/toss, catch, kick, carry, push/shove, pull/drag/tug, lift, drop, hit/punch/strike,
        hug/embrace/cuddle, kiss, bite, lick, scratch, brush/comb, wash/bathe, feed, chase, shoot, tear/rip, fold,
        hold""",
    "performing": "play, sing, dance, act, draw, paint, juggle",
    "trade": "buy/purchase, sell, rent/lease, borrow, lend, steal, return",
    "study": "study/learn, teach",
    "devices": """
        phone/telephone/cellphone/smartphone, laptop/notebook, tablet, desktop, camera, television/tv, radio,
        computer/laptop/desktop/pc, printer, microwave, oven, fridge/refrigerator, freezer, dishwasher, toaster,
        blender, vacuum, fan, microphone, keyboard, mouse, monitor""",
    "plants": "rose, tulip, daisy, lily, orchid, sunflower, oak, pine, maple, birch, willow, palm, cactus, bamboo",
    "holiday": "christmas, easter, thanksgiving, halloween, hanukkah, ramadan, passover, diwali",
    "event": "birthday, wedding, funeral, anniversary, graduation, christening, baptism",
    "surface": "grass/lawn, sand, snow, ice, mud, gravel, pavement/sidewalk",
    "fuel": "gasoline/petrol, diesel, electric/electricity, coal, hydrogen",
    "document": "passport, visa, license/licence, invoice, receipt, contract, resume/cv, certificate, ticket",
    "religion": "christian, muslim, jewish, hindu, buddhist, atheist, catholic, protestant",
    "diet": "vegetarian, vegan, pescatarian, kosher, halal",
    "level": "beginner, intermediate, advanced/expert",
    "count": "single/one, double/two, triple/three",
    "microbe": "virus, bacteria, fungus",
    "place to swim": "sea, lake, pool, river, pond, bathtub",
    "cooking": """
        cut/slice/chop/dice/mince/carve/shred/cube, peel, grate, stir/mix/whisk/blend/beat, fry/saute, boil,
        bake/roast, grill/barbecue, steam, pour, knead, wash/rinse, eat, drink, crack/break, freeze, season,
        spread, drain, measure, serve, sprinkle""",
    "department": "sales, marketing, finance, accounting, legal, engineering, hr, support",
    "change of value": """
        rise/increase/gain/climb/jump/surge/soar, fall/drop/decrease/decline/lose/slip/plunge,
        steady/flat/unchanged""",
    "writing": "read, write/type, draw, paint/color, spell, erase, print",
    "brightness": "dark, light",
}
