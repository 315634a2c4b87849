"""Pairs of texts with a judgement: what says the same, and what only looks like it."""

#: Both say the same: no guard may speak against merging them.
SAME = """
I prefer meetings in the morning. | I like to have my meetings in the morning.
Anna works as a nurse at the city hospital. | Anna is a nurse at the city hospital.
My birthday is March 15th. | My birthday is on 15 March.
My birthday is on March 15. | I was born on March 15.
The dentist appointment is at 3 pm on Tuesday. | I have a dentist appointment on Tuesday at 3:00 PM.
The train leaves at 17:30. | The train departs at 5:30 pm.
Tom gave Anna a book. | Anna was given a book by Tom.
The cat chased the mouse. | The mouse was chased by the cat.
I am allergic to peanuts. | I have a peanut allergy.
My sister lives in Berlin. | My sister is living in Berlin.
We adopted a dog last spring. | Last spring we adopted a dog.
I don't eat meat. | I do not eat meat.
I never drink coffee in the evening. | In the evening I never drink coffee.
Nobody came to the party. | No one came to the party.
My son plays the cello. | My son is playing the cello.
User prefers dark mode in all apps. | The user prefers dark mode in every app.
User's favorite color is green. | The favorite color of the user is green.
I go running twice a week. | I go for a run two times a week.
The rent is $1,200 a month. | The rent is 1200 dollars per month.
The project has a budget of 2 million euros. | The project's budget is €2 million.
My flight is on 2024-05-03. | My flight is on May 3, 2024.
I bought twenty-five chairs. | I bought 25 chairs.
I bought two dozen eggs. | I bought 24 eggs.
Ten percent of the users left. | 10% of the users left.
The museum is closed on Mondays. | On Mondays the museum is closed.
I take my coffee without sugar. | My coffee I take without sugar.
Our daughter started school in September. | In September our daughter started school.
Peter and Lucy got married in Rome. | Lucy and Peter got married in Rome.
I met Carla at the conference. | At the conference I met Carla.
I need to renew my passport. | I have to renew my passport.
My grandmother taught me to knit. | I was taught to knit by my grandmother.
The server runs on port 8080. | The server is running on port 8080.
My favourite colour is blue. | My favorite color is blue.
He organised the centre's theatre festival. | He organized the center's theater festival.
I keep my sun glasses in the car. | I keep my sunglasses in the car.
She writes her diary on a note book. | She writes her diary on a notebook.
The Italian restaurant near the station is great. | The restaurant from Italy near the station is great.
I practise yoga every morning. | Every morning I practice yoga.
We use Python for data analysis. | For data analysis we use Python.
The backup runs every night at midnight. | Every night at 12:00 am the backup runs.
I enjoy hiking in the mountains. | I love hiking in the mountains.
My car is a blue Toyota. | I have a blue Toyota car.
I'm learning Spanish. | I am learning Spanish at the moment.
The invoice number is INV-2043. | The number of the invoice is INV-2043.
You can reach me at 555-0199-22. | My phone number is 555 0199 22.
My email is ann@example.org. | You can write to me at ann@example.org.
The doctor told me to drink more water. | My doctor told me to drink more water.
I watched a documentary about whales. | I saw a documentary about whales.
The concert was cancelled because of the storm. | Because of the storm the concert was canceled.
Max repaired the old bicycle. | Max fixed the old bike.
My kids love pancakes. | My children love pancakes.
The lawyer called my mom yesterday. | Yesterday the attorney called my mother.
I want to learn the guitar. | I would like to learn the guitar.
I will visit Lisbon in June. | I am going to visit Lisbon in June.
My team won the match. | The match was won by my team.
The kitchen smells of fresh bread. | There is a smell of fresh bread in the kitchen.
I feel happy when it rains. | Rain makes me feel happy.
A young man is sitting on a bench. | A young man sits on the bench.
The little boy is feeding the ducks. | A little boy feeds the ducks.
Two women are talking in a cafe. | Two women talk in the cafe.
Restart the router by holding the button for ten seconds. | To restart the router, hold the button for 10 seconds.
Push the branch before opening a pull request. | Before opening a pull request, push the branch.
Marta is taller than her brother. | Marta is a bit taller than her brother is.
The password of the guest network is Sunflower7. | Sunflower7 is the password of the guest network.
I get up at six. | I wake up at 6.
She lent me her umbrella. | I was lent an umbrella by her.
A man is playing the drums. | A man plays drums.
A group of people is walking along the beach. | Some people are walking along a beach.
The chef is adding salt to the soup. | A chef adds some salt to the soup.
A small dog is running across the lawn. | A little dog runs across the lawn.
Two girls are riding their bikes down the street. | Two girls ride bicycles down a street.
A boy is swimming in the pool. | A boy swims in a swimming pool.
The company reported a profit of $3.2 billion for the quarter. | The company posted a quarterly profit of $3.2 billion.
Ministers from twelve nations met in Geneva on Friday. | Ministers of 12 countries met Friday in Geneva.
France's president visits Senegal | French President visits Senegal
Storm kills 14 in southern Mexico | Storm in south Mexico kills 14
Apple unveils new iPhone | Apple unveils its new iPhone
Police arrest suspect in Boston shooting | Boston police arrest shooting suspect
Court overturns ban on street protests | Court overturns street protest ban
A woman in a red coat is crossing the street. | A woman wearing a red coat crosses the street.
I think you should ask your bank. | In my opinion you should ask the bank.
The shares closed at $17.30, up 40 cents. | The stock finished up 40 cents at $17.30.
A police spokesman declined to comment. | A spokesman for the police declined to comment.
Nine people were injured in the crash, officials said. | Officials said nine people were hurt in the crash.
UN envoy arrives in Damascus for talks | United Nations envoy in Damascus for talks
My dog is called Biscuit. | The name of my dog is Biscuit.
I play football on Saturdays. | On Saturdays I play football.
User lives in Hamburg with his wife. | The user lives with his wife in Hamburg.
I started working at Philips in 2019. | In 2019 I started to work at Philips.
She asked me to call her back. | She asked me to phone her back.
The wifi password is on the fridge. | You find the wifi password on the fridge.
I broke my leg while skiing. | While skiing I broke my leg.
The team decided to use Redis as a cache. | The team decided to use Redis for caching.
Our son Felix was born in 2015. | Felix, our son, was born in 2015.
My grandfather fought in the war. | My grandpa fought in the war.
We moved the stand-up to 9:30 am. | We've moved the stand-up to half past nine in the morning.
The landlord's name is Mr. Okafor. | Our landlord is called Mr Okafor.
Theo finished his thesis and handed it in. | Theo handed in his thesis after he finished it.
He was given the spare key by Lucia. | Lucia gave him the spare key.
Please keep the windows closed in the lab. | Please keep the windows in the lab closed.
Mira started a choir. | Mira founded a choir.
My uncle resides in Turin. | My uncle lives in Turin.
The bakery is close to the school. | The bakery is near the school.
A flock of geese crossed the road. | Geese crossed the road.
Irene works at Bosch. | Irene works for Bosch.
He said that he would pay. | He said that he will pay.
My aunt used to work for the railway. | My aunt worked for the railway.
I talked to the plumber about the leak. | I spoke with the plumber about the leak.
"""

#: They look alike and must not be merged, by the guard that is expected to say so.
TRAPS = """
heads | Rita is allergic to nuts. | Rita's cousin is allergic to nuts.
heads | I finished the series. | I finished the last chapter of the series.
heads | The museum opens at nine. | The museum shop opens at nine.
verbs | Dario painted the fence. | Dario photographed the fence.
verbs | My mother bakes bread on Sundays. | My mother buys bread on Sundays.
verbs | I signed the lease. | I printed the lease.
complements | She remembered to water the plants. | She remembered watering the plants.
complements | He stopped to eat. | He stopped eating.
numbers | They keep three goats and a donkey. | They keep three donkeys and a goat.
heads | Lena's doctor is patient. | Lena is a patient doctor.
parts | Jan lent me a ladder. | Jan lent Olga a ladder.
parts | Lars sent me the photos. | Lars sent the photos to Nils.
parts | Sofia nominated the film. | Sofia was nominated for the film.
prepositions | The song is by Elena. | The song is about Elena.
parts | The ticket was bought by Igor. | The ticket was bought for Igor.
prepositions | She lives with her aunt. | She lives near her aunt.
prepositions | My cottage is in Bonn. | My cottage is near Bonn.
rates | It costs 3 euros per hour. | It costs 3 euros per kilometre.
modality | My uncle owns a vineyard. | My uncle used to own a vineyard.
modality | I live in a village. | I would live in a village.
tense | We have been living in Riga for two years. | We lived in Riga for two years.
numbers | The drive took an hour and a half. | The drive took half an hour.
numbers | I have two cats. | I have three cats.
numbers | The recipe needs 200 grams of flour. | The recipe needs 250 grams of flour.
numbers | My shoe size is 42. | My shoe size is 43.
numbers | Two horses stand in the field. | A horse stands in the field.
numbers | The bottle holds half a liter. | The bottle holds two liters.
numbers | The loan has an interest of 3.5 percent. | The loan has an interest of 4.5 percent.
numbers | My son is seven. | My son is eleven.
numbers | She finished first in the race. | She finished third in the race.
dates | My appointment is on Tuesday. | My appointment is on Thursday.
dates | The course starts in May. | The course starts in June.
dates | The meeting is at 3 pm. | The meeting is at 4 pm.
dates | The shop opens at 9:00. | The shop opens at 9:30.
dates | My birthday is on April 12. | My birthday is on July 12.
dates | We landed at 6 am. | We landed at 6 pm.
money | The ticket costs $20. | The ticket costs $25.
money | I owe Ben 50 euros. | I owe Ben 50 dollars.
money | He earns 40k dollars. | He earns $45,000.
identifiers | The bug is tracked as CODA-112. | The bug is tracked as CODA-121.
identifiers | My number is 555-0199-22. | My number is 555-0199-23.
identifiers | Send it to ann@example.org. | Send it to anna@example.org.
identifiers | We run version 2.3.1. | We run version 2.3.4.
identifiers | I take vitamin C. | I take vitamin D.
identifiers | The gate is B12. | The gate is B21.
negation | I am allergic to nuts. | I am not allergic to nuts.
negation | I like olives. | I don't like olives.
negation | Everybody came to the party. | Nobody came to the party.
negation | The tests pass. | The tests never pass.
negation | He can swim. | He can't swim.
negation | There is milk in the fridge. | There is no milk in the fridge.
negation | I drink my tea with sugar. | I drink my tea without sugar.
opposites | The hotel is near the beach. | The hotel is far from the beach.
opposites | Turn the heating on at night. | Turn the heating off at night.
opposites | The elevator is going up. | The elevator is going down.
opposites | The cat jumped into the box. | The cat jumped out of the box.
opposites | Take the pill before meals. | Take the pill after meals.
opposites | The window is open. | The window is closed.
opposites | He locked the door. | He unlocked the door.
opposites | The exam was easy. | The exam was difficult.
opposites | She is happy with the result. | She is unhappy with the result.
opposites | We hired a new designer. | We fired a new designer.
opposites | I borrowed a ladder from my neighbor. | I lent a ladder to my neighbor.
opposites | The share price rose sharply. | The share price fell sharply.
opposites | I love my new job. | I hate my new job.
opposites | The sauce was useful. | The sauce was useless.
opposites | The tank is full. | The tank is empty.
opposites | He agreed with the plan. | He disagreed with the plan.
opposites | The engine is behind the seats. | The engine is in front of the seats.
opposites | The lamp hangs above the table. | The lamp hangs below the table.
opposites | She always locks her bike. | She rarely locks her bike.
opposites | They import coffee. | They export coffee.
roles | Tom called Anna. | Anna called Tom.
roles | Maria lent Paul her car. | Paul lent Maria his car.
roles | The dog bit the postman. | The postman bit the dog.
roles | Lena is Jonas's boss. | Jonas is Lena's boss.
roles | The truck hit the bus. | The truck was hit by the bus.
roles | I flew from Oslo to Madrid. | I flew from Madrid to Oslo.
roles | A black cat sleeps beside a white dog. | A white cat sleeps beside a black dog.
roles | Eva is older than Nina. | Nina is older than Eva.
roles | The teacher thanked the student. | The student thanked the teacher.
roles | I owe Clara money. | Clara owes me money.
names | I had lunch with Sofia. | I had lunch with Martin.
names | My brother lives in Vienna. | My brother lives in Zurich.
names | Anna works at Siemens. | Anna works at Bosch.
names | We watched Titanic together. | We watched Avatar together.
names | Emma plays chess with Oliver. | Emma plays chess with Noah.
names | I had dinner with Simon. | I had dinner with Simone.
names | Paul called me yesterday. | Paula called me yesterday.
opposites | He was a careful driver. | He was a careless driver.
persons | He broke his arm. | She broke her arm.
persons | My mother is a pilot. | Your mother is a pilot.
kinds | The soup was red. | The soup was green.
kinds | I play the violin. | I play the trumpet.
kinds | We had breakfast at the hotel. | We had dinner at the hotel.
kinds | My daughter is afraid of spiders. | My daughter is afraid of snakes.
kinds | She bought a large pizza. | She bought a small pizza.
kinds | My sister visited me. | My brother visited me.
kinds | The trip takes four hours. | The trip takes four days.
kinds | I drink tea in the morning. | I drink coffee in the morning.
kinds | A boy is sitting on the bench. | A boy is sleeping on the bench.
kinds | I learn French at school. | I learn Spanish at school.
kinds | He is a plumber. | He is a carpenter.
variants | I lost my tennis ball. | I lost my golf ball.
variants | We need a printer cable. | We need a monitor cable.
variants | She sells flower pots. | She sells coffee pots.
modality | I moved to Dublin. | I want to move to Dublin.
modality | I might quit my job. | I quit my job.
modality | Rosa will run the marathon. | Rosa ran the marathon.
question | You like jazz. | Do you like jazz?
opposites | A woman is opening a parcel | A woman is wrapping a parcel
opposites | A man is climbing down a ladder | A man is climbing up a ladder
opposites | The children are entering the school | The children are leaving the school
opposites | A kitten is lying on the sofa | A kitten is lying under the sofa
roles | The dog is being washed by the girl | The girl is being washed by the dog
opposites | A woman is lighting a candle | A woman is blowing out a candle
opposites | A boy is filling a bucket with sand | A boy is emptying a bucket of sand
opposites | The man is getting on the bus | The man is getting off the bus
opposites | The man is attaching a trailer to the car | The man is removing a trailer from the car
negation | Several people are sitting in the rain | Nobody is sitting in the rain
negation | The lake is frozen | The lake isn't frozen
opposites | A goat is standing behind a fence | A goat is standing in front of a fence
roles | The nurse is dressing the wound | The wound is dressing the nurse
opposites | The motorcyclist is riding toward the tunnel | The motorcyclist is riding away from the tunnel
opposites | A girl with long hair is reading | A girl with short hair is reading
opposites | The old man is asleep on the bench | The old man is awake on the bench
opposites | The woman is dancing inside the hall | The woman is dancing outside the hall
opposites | A player is throwing a ball | A player is catching a ball
opposites | A thin man is carrying a box | A fat man is carrying a box
opposites | The street is crowded | The street is deserted
opposites | The kids are making noise | The kids are silent
opposites | The car is parked on the left side of the road | The car is parked on the right side of the road
opposites | A runner is finishing a race | A runner is starting a race
negation | There are no boats in the harbor | There are many boats in the harbor
opposites | A man is loading wood onto a truck | A man is unloading wood from a truck
kinds | The singer is wearing a black dress | The singer is wearing a white dress
numbers | My passport expires in 2027 | My passport expires in 2029
roles | Sara recommended the book to Leo | Leo recommended the book to Sara
numbers | I take the medicine twice a day | I take the medicine three times a day
opposites | Paul is my landlord | Paul is my tenant
negation | The API key is stored in the vault | The API key is not stored in the vault
dates | Our standup is at 9:15 | Our standup is at 9:45
kinds | My wife is vegetarian | My wife is vegan
kinds | The file is 3 MB | The file is 3 GB
kinds | I graduated in physics | I graduated in chemistry
variants | I prefer window seats | I prefer aisle seats
opposites | The user wants short answers | The user wants long answers
numbers | The printer on floor 3 works | The printer on floor 4 works
opposites | My flight to Tokyo was delayed | My flight from Tokyo was delayed
kinds | Nora is Ivan's daughter | Nora is Ivan's niece
names | My mother's name is Ruth | My mother's name is Judith
negation | I have been to Japan | I have never been to Japan
opposites | The interview went well | The interview went badly
roles | Ben beat Karl at chess | Karl beat Ben at chess
opposites | The deadline was extended | The deadline was shortened
opposites | He accepted the offer | He declined the offer
opposites | I am left-handed | I am right-handed
opposites | My cat is male | My cat is female
kinds | Send the parcel to my mother's flat. | Send the parcel to my mother-in-law's flat.
kinds | My stepbrother lives in Cork. | My brother lives in Cork.
kinds | I met his wife at the market. | I met his ex-wife at the market.
kinds | The recipe needs a teaspoon of salt. | The recipe needs a tablespoon of salt.
modality | Only Jana has the password. | Jana also has the password.
opposites | Take the pill before meals. | Take the pill with meals.
negation | The shop is closed on Mondays. | The shop is closed except on Mondays.
opposites | I stopped drinking coffee. | I started drinking coffee.
roles | It chased the cat. | The cat chased it.
quantity | Some of the plants died. | All of the plants died.
quantity | At least six people came. | At most six people came.
tense | My cousin owns a barn. | My cousin owned a barn.
tense | I am repairing the boat. | I have repaired the boat.
claims | Vera says the well is dry. | The well is dry.
claims | Omar doubts that the bill is paid. | Omar knows that the bill is paid.
"""

#: The older text, the newer one that may outdate it.
UPDATES = """
I live in Paris. | I moved to Rome.
I live in Oslo. | I live in Bergen now.
I live in Paris. | I moved from Paris to Rome.
I work at Siemens as an engineer. | I work for Bosch now.
My favorite color is blue. | My favorite color is green.
I prefer tea. | I now prefer coffee.
The meeting with Anna is on Tuesday. | The meeting with Anna was moved to Thursday.
My phone number is 555-0134-11. | My new phone number is 555-0199-22.
I'm a vegetarian. | I'm not a vegetarian anymore.
I like mushrooms. | I no longer like mushrooms.
I drive a Volvo. | I sold my Volvo.
User prefers morning meetings. | User now prefers afternoon meetings.
The door code is 4512. | The door code has changed to 9931.
We use Postgres for the project. | We switched the project from Postgres to SQLite.
Anna's dog is called Rex. | Anna's dog is called Bello.
The window is open. | The window is closed.
Maria works at the hospital. | Maria quit her job at the hospital.
My rent is $900. | My rent is $1,050 now.
Tom is a nurse. | Tom is a teacher now.
I love my job. | I hate my job.
The deadline is June 3. | The deadline is June 10.
I study physics in Bonn. | I now study physics in Graz.
Lucy is single. | Lucy is married now.
"""

#: Both stay true, whichever is newer.
NO_UPDATES = """
I ate pizza for lunch. | I ate sushi for dinner.
I went to Paris in May. | I went to Rome in June.
I live in Paris. | Tom lives in Rome.
I live in Paris. | I live in a small flat.
My sister's phone number is 555-0134-11. | My phone number is 555-0199-22.
I like tea. | I like coffee.
My dog is brown. | My cat is black.
The meeting with Anna is on Tuesday. | The meeting with Tom is on Thursday.
Tom called Anna on Monday. | Tom called Anna on Friday.
I bought 3 books. | I bought 5 books.
I live in Paris. | I want to move to Rome.
I met Maria at the gym. | I met Tom at the gym.
I use a knife for bread. | I use a spoon for soup.
Do you live in Paris? | I live in Rome.
My mother is a doctor. | My father is a teacher.
I plan to move to Oslo. | I live in Bergen.
"""


def rows(table: str) -> list[tuple[str, ...]]:
    """The cells of a table, a tuple a line."""
    return [tuple(cell.strip() for cell in line.split(" | ")) for line in table.strip().splitlines()]
