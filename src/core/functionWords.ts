/** What the language check knows of each language: its words, letters, script, and its name in franc. */
import type { Lang } from './record';

/**
 * The most frequent function words of each language: articles, pronouns, prepositions, conjunctions, auxiliary
 * verbs, question words. They tell languages apart in texts far too short for trigrams, and a text without any of
 * them (a name, a list, a formula) is one to say nothing about.
 *
 * Method: for each language the words of public text in order of frequency, and those of the stop-word collection
 * `stopwords-iso` (MIT), were read through, and words that only bind a sentence together were kept. Left out on
 * purpose: numerals, words with a meaning of their own, single letters that are mostly list labels or variables, and
 * words that are common names or abbreviations elsewhere. What several languages share is told apart by the reader of
 * this table, which counts a word for a language only if the language it is compared with lacks it.
 *
 * Spelling: lower case, composed (NFC), straight apostrophe. An elided word ends with its apostrophe (`l'`), and a
 * contraction that is no elision is there whole (`don't`). Languages not written with spaces between words have none.
 */
export const FUNCTION_WORDS: Readonly<Record<string, string>> = {
  en:
    'a about above after again against all also although always am among an and another any anyone ' +
    "anything are aren't around as at be because been before being below between both but by can " +
    "can't cannot could couldn't did didn't do does doesn't doing don't down during each either else " +
    "even ever every everyone everything few for from further had has hasn't have haven't having he " +
    "he's her here hers herself him himself his how however i i'd i'll i'm i've if in instead into is " +
    "isn't it it's its itself just let's less many may me might mine more most much must my myself " +
    'neither never no nor not nothing now of off often on once only onto or other others our ours out ' +
    "over own per perhaps quite rather really shall she she's should shouldn't since so some someone " +
    "something still such than that that's the their theirs them themselves then there there's " +
    "therefore these they they're this those though through throughout thus to together too toward " +
    "towards under unless until up upon us very via was wasn't we we're we've were weren't what what's " +
    "whatever when where whether which while who who's whom whose why will with within without won't " +
    "would wouldn't yet you you're you've your yours yourself",
  it:
    "a ad agli ai al all' alla alle allo alcun alcuna alcuni alcune altra altre altri altro anche " +
    "ancora avere aveva avevano c' che chi ci ciascun ciascuno ciò cioè come con contro così cosa cos' " +
    "cui da dagli dai dal dall' dalla dalle degli dei del dell' della delle dello deve devono di dopo " +
    "dov' dove durante è e ed era erano essere essi esso fa fino fra fu furono già gli ha hai hanno ho " +
    "i il in invece io l' la le lei lo loro lui ma mai mentre mi mia mio molte molti molto ne né negli " +
    "nei nel nell' nella nelle nessun nessuna nessuno no noi non nostra nostro o ogni ognuno oltre " +
    'oppure ora per perché però più poi possono prima proprio può qual quale quali qualche qualcosa ' +
    "qualcuno quando quant' quante quanti quanto quella quelle quelli quello quest' questa queste " +
    'questi questo quindi sarà sarebbe se sei sempre senza si sia siamo siano sono sopra sotto stata ' +
    "state stati stato sta stanno su sua sue sugli sui sul sull' sulla sulle suo suoi tale tali tra " +
    "tranne tu tua tue tuo tuoi tutta tutte tutti tutto un un' una uno verso vi viene vengono voi solo " +
    'fosse poco me tanto ben quel qui casi ti te va',
  es:
    'a acerca además ahora al algo alguien algún alguna algunas alguno algunos allí ambos ante antes ' +
    'aquel aquella aquellos aquí así aún aunque bajo bien cada casi como cómo con contra cual cuál ' +
    'cuales cuáles cualquier cuando cuándo cuánta cuántas cuánto cuántos cuya cuyo de debe deben ' +
    'debido del desde después donde dónde durante e el él ella ellas ello ellos en entonces entre era ' +
    'eran eres es esa esas ese eso esos esta está estaba estaban están estar estas este esto estos ' +
    'estoy fue fueron fui ha había habían haber han has hasta hay he la las le les lo los luego más me ' +
    'mediante menos mi mí mientras mis misma mismo mucha muchas mucho muchos muy nada nadie ni ningún ' +
    'ninguna no nos nosotros nuestra nuestro nunca o os otra otras otro otros para pero poco podría ' +
    'por porque pues pueda puede pueden que qué quien quién quienes se sea sean según ser será si sí ' +
    'sido sin sino sobre solo sólo son soy su sus también tampoco tan tanto te ti tiene tienen tengo ' +
    'toda todas todavía todo todos tras tu tú tus un una unas uno unos usted ustedes y ya yo dos sur ' +
    'va van da somos apenas',
  fr:
    "a à afin ai ainsi alors après as au aucun aucune aujourd'hui auprès aussi autre autres aux " +
    "avaient avait avant avec avez avoir avons ayant beaucoup c' car ce ceci cela celle celles celui " +
    "cependant ces cet cette ceux chaque chez comme comment contre d' dans de depuis des dès deux " +
    'devrait doit doivent donc dont du durant elle elles en encore entre es est et étaient étais était ' +
    "étant été être eu eux fait faut fut furent il ils j' jamais je jusqu' jusque l' la laquelle le " +
    "lequel les lesquels leur leurs lors lorsqu' lorsque lui m' ma mais malgré me même mêmes mes moi " +
    "moins mon n' ne ni non nos notre nous on ont ou où par parce parmi pas pendant peu peut peuvent " +
    "plus plusieurs pour pourquoi pourtant près pu puis puisque qu' quand que quel quelle quelles " +
    "quelque quelques quels qui quoi s' sa sans se selon sera serait ses si soit son sont sous suis " +
    "sur t' ta tandis te tes toi ton toujours tous tout toute toutes très trop tu un une vers voici " +
    'vos votre vous y bien dit aller va',
  pt:
    'a à agora ainda além algo alguém algum alguma algumas alguns ambos antes ao aos apenas após ' +
    'aquela aquelas aquele aqueles aquilo as às até através bem cada com como contra da das de dela ' +
    'dele deles depois desde dessa desse desta deste deve devem devido disso do dos durante e é ela ' +
    'elas ele eles em embora enquanto então entre era eram essa essas esse esses esta está estão estar ' +
    'estas estava este estes eu foi for foram fosse há isso isto já la lá lhe lhes lo mais mas me ' +
    'menos mesma mesmo meu meus mim minha muita muitas muito muitos na nada não nas nem nenhum nenhuma ' +
    'nessa nesse nesta neste ninguém no nos nós nossa nosso num numa nunca o onde os ou outra outras ' +
    'outro outros para pela pelas pelo pelos pode podem pois por porém porque porquê pouco qual quais ' +
    'qualquer quando quanto quantos quantas que quê quem se sem sempre sendo ser será seu seus sido ' +
    'sob sobre somos sou sua suas são só também tanto te tem têm tenho ter teve tinha toda todas todo ' +
    'todos tua tudo um uma umas uns você vocês vos dia',
  ro:
    'a abia acea această aceasta aceea acei acel acela acele acelea acelei acelor acest acesta aceste ' +
    'acestea acestei acestor acestui acolo acum ai aici aibă al ale alta alte altă alți am apoi ar are ' +
    'asemenea asupra astfel așa atât atunci au avea avem avut ați ba bine ca că căci când care căreia ' +
    'cărei cărora cărui cât câte câteva către câți ce cea ceea cei cel cele celei celor ceva chiar ci ' +
    'cine cineva conform cu cui cum dacă dar de deasupra deci decât deoarece deși despre din dintr ' +
    'dintre după ea ei el ele era erau este ești eu exact face fără fi fie fiecare fiind foarte fost ' +
    'iar îi îl îmi în înainte încă încât însă înspre între întrucât își îți la lângă le li lor lui mai ' +
    'mea mei mele mereu meu mod mult multe mulți ne nici niciun nicio nimeni nimic noi nostru noastră ' +
    'nu numai o oare oricare orice ori pe pentru peste până pot poate prea prin puțin sa săi sale sau ' +
    'său să se și sub sunt spre ta tăi tale tău te toate tot toți totuși trebuie tu un una unde unei ' +
    'unele unii unor unui unul va voi vor vostru vă ani prima',
  de:
    'aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes ' +
    'auch auf aus bei beim bereits bevor bin bis bist da dabei dadurch dafür daher damit danach dann ' +
    'daran darauf darin darüber das dass davon dazu dein deine deinem deinen deiner dem den denen denn ' +
    'der deren des deshalb dessen dich die dies diese diesem diesen dieser dieses dir doch dort du ' +
    'durch ein eine einem einen einer eines einige einigen er es etwa etwas euch euer eure falls für ' +
    'gegen gegenüber gibt habe haben hat hatte hatten hier hinter ich ihm ihn ihnen ihr ihre ihrem ' +
    'ihren ihrer ihres im immer in indem ins ist ja jede jedem jeden jeder jedes jedoch jene jetzt ' +
    'jemand kann kannst kein keine keinem keinen keiner können könnte könnten man mehr mein meine ' +
    'meinem meinen meiner mich mir mit möchte muss müssen nach nachdem nicht nichts niemand noch nun ' +
    'nur ob obwohl oder ohne sehr sei seid sein seine seinem seinen seiner seit sich sie sind so ' +
    'sobald sodass solche sollte sollten sondern sonst sowie soll sowohl statt trotz über um und uns ' +
    'unser unsere unserem unseren unserer unter via viel viele vielen vom von vor während war waren ' +
    'warum was wegen weil welche welchem welchen welcher welches wenn wer werde werden wie wieder wir ' +
    'wird wo wobei wodurch worden wurde wurden würde würden zu zum zur zwar zwischen nie beide',
  nl:
    'aan achter al alle alleen alles als altijd andere ander beide bij binnen boven buiten daar ' +
    'daarbij daarna daarom daarvan dan dat de deze die dit doch door dus een eens echter elk elke en ' +
    'enige enkele er ergens had hadden haar heb hebben hebt heeft hem hen het hij hier hoe hoeveel ' +
    'hoewel hun iemand iets ik in indien is ja je jij jou jouw jullie kan kon konden kunnen kunt maar ' +
    'maken meer meest men met mij mijn moest moet moeten naar naast na niemand niet niets nog nooit nu ' +
    'of om omdat ondanks onder ongeveer ons onze ook op over rond samen sinds slechts sommige steeds ' +
    'te tegen ten ter terwijl tijdens toch toen tot totdat tussen u uit uw van vanaf vanuit vaak veel ' +
    'via volgens voor vooral vooraf waar waarbij waarom waaronder waarop waarvan wanneer want waren ' +
    'was wat we weer wel welk welke werd werden wie wil wij worden wordt zal ze zeer zelf zelfs zich ' +
    'zij zijn zo zoals zodat zonder zou zouden zullen zowel zult even pas',
  pl:
    'aby albo ale ani aż bądź bardziej bardzo bez bo bowiem by być był była było były będą będzie cała ' +
    'cały chce choć ci co coraz coś czego czemu często czy czyli czym dla dlaczego dlatego do dokąd ' +
    'dopiero dzięki gdy gdyby gdyż gdzie go i ich ile im inna inne innych inny innymi iż ja ją jak ' +
    'jaka jaki jakie jakich jako jednak jego jej jemu jest jestem jesteś jeszcze jeśli jeżeli już ' +
    'każda każde każdego każdej każdy kiedy kilka kim kto ktoś która którą które której którego ' +
    'któremu których którym którzy który lecz lub ma mają mam masz miał miała miały mi między mieć ' +
    'mnie mogą mógł moje mój może można mu musi my na nad nam nami nas nasz nasze nawet nic nich nie ' +
    'niego niej niektóre nim nimi niż oba obok od około on ona one oni ono oraz po pod podczas ' +
    'podobnie pomiędzy ponad ponieważ poza przed przede przez przy również są się skąd sobie sposób ' +
    'swoich swoim swoje swoją swój ta tak taka taki takich takie także tam te tego tej ten też to ' +
    'tobie tu twój twoje ty tych tyle tylko tym tymi we według wiele wielu wszyscy wszystkich ' +
    'wszystkie wszystko więc w wy wśród za zamiast zaś zawsze zbyt że żaden żadne żadnych żeby z ze ' +
    'została zostało został zostały jeden',
  tr:
    'acaba ama ancak arada arasında arasındaki artık aslında ayrıca az bana bazen bazı belki ben beni ' +
    'benim beri biraz biri bir birçok birkaç birlikte biz bize bizim böyle böylece bu buna bundan ' +
    'bunlar bunları bunların bunu bunun burada bütün çok çoğu çünkü da daha dahi de defa değil ' +
    'değildir diğer diye dolayı edilen edilmiştir edilir eden eder ediyor en etmek etmiştir etti fakat ' +
    'gerek gibi göre hakkında hala hangi hangisi hem hemen henüz hep hepsi her herhangi herkes hiç ' +
    'hiçbir için içinde ile ilgili ise ilk itibaren kadar karşı kendi kendine kendini kez ki kim kimse ' +
    'mı mi mu mü nasıl ne neden nedenle nedeniyle nedir nerede nereye neler niçin niye o olan olarak ' +
    'oldu olduğu olduğunu olduklarını olmak olması olmayan olsa olup olur ona ondan onlar onların ' +
    'onları onu onun orada oysa öyle önce rağmen sadece sanki sen senin siz sizin sonra şey şeyi şu ' +
    'şuna tarafından tek tüm üzere üzerinde var vardı vardır ve veya ya yalnızca yani yapılan yerine ' +
    'yine yok yoksa zaten olabilir gerekir son on',
  vi:
    'ai anh ấy bạn bao bằng bây bên bị bởi các cái càng cần chẳng chỉ cho chúng chưa chứ có của cùng ' +
    'cũng cuộc đã đang đây để đến đều đi đó được gì hãy hay hoặc họ hơn khi không lại là làm lên lúc ' +
    'mà mình mọi mỗi một nào này nên nếu ngoài ngay như nhưng những nó nơi ở phải qua quá ra rằng rất ' +
    'rồi sau sẽ tại tất theo thì thường tôi trên trong trước từ từng và vào vẫn vậy về vì việc với vừa ' +
    'xuống đâu thế nhiều nhất người giữa dưới đối cả còn chính do vài sự khác nữa cách điều chị ông bà ' +
    'em ta tới tuy nhằm khiến gồm dù đầu hai ba con',
  id:
    'ada adalah agar akan aku anda antara apa apabila apakah atas atau awal bagaimana bagi bahkan ' +
    'bahwa banyak baru beberapa begitu belum berada berbagai berdasarkan berikut berikutnya bersama ' +
    'biasanya bisa boleh bukan bukanlah cara dalam dan dapat dari daripada demi dengan dia di ' +
    'digunakan diri dua dulu hal hampir hanya harus hingga ia ialah ini itu jadi jangan jika juga ' +
    'kalau kali kami kamu karena ke kecuali kembali kemudian kepada ketika kita lagi lain lainnya lalu ' +
    'lebih maka maupun mana masih masing melalui melakukan memiliki menggunakan mengapa menjadi ' +
    'menurut mereka merupakan meski meskipun misalnya mungkin namun nya oleh pada padahal paling para ' +
    'pernah pula pun saat saja salah sampai sangat saya se sebab sebagai sebagian sebelum sebuah ' +
    'secara sedang sedangkan sehingga sejak sekali sekarang sekitar selain selalu selama seluruh semua ' +
    'sendiri seorang seperti sering serta sesuatu setelah seseorang setiap siapa suatu sudah supaya ' +
    'tanpa tapi telah tempat tentang terdapat terhadap termasuk ternyata tersebut tetapi tetap tidak ' +
    'tak tidaklah tiap untuk yaitu yakni yang per',
  sv:
    'aldrig all alla allt alltid att av även bara bland blev bli blir då där därför de deras dem den ' +
    'denna dess det detta dig din ditt du eftersom efter eller en er ett från för före genom ha hade ' +
    'han hans har hennes hon hos hur i icke igen ingen inget inte jag kan kommer kunde man med mellan ' +
    'men mer mig min mitt mot mycket många måste när någon något några nu och också om oss på sedan ' +
    'sig sin sina sitt ska skall skulle som så till under upp ut utan vad vara var varför varit varje ' +
    'vem vi vid vilka vilken vilket vill är över',
  da:
    'ad af aldrig alle alt at bare begge blev blive bliver både da de dem den denne der deres det ' +
    'dette dig din disse dit dog du efter eller en end er et for fordi fra før gennem ham han hans ' +
    'har havde have hende hendes her hos hun hvad hvem hver hvilke hvilken hvilket hvis hvor hvordan ' +
    'hvorfor hvornår i igen ikke ind ingen intet jeg jer jo kan kun kunne lige man mange med meget ' +
    'mellem men mens mere mig min mod må når nogen noget nogle nu også og om op os over på samt selv ' +
    'sig sin sine skal skulle som så til ud uden under var ved vi vil ville være været vores',
  nb:
    'alle alt at av bare begge ble bli blir både da de deg dem den denne der deres det dette din ' +
    'disse ditt du eller en enn er et ett etter for fordi fra før gjennom ha hadde han hans har henne ' +
    'hennes her hos hun hva hvem hver hvilke hvilken hvilket hvis hvor hvordan hvorfor i ikke ingen ' +
    'inn jeg kan kun kunne man mange med meg mellom men mens mer min mot mye må når noe noen nå og ' +
    'også om opp oss over på samt seg selv sin sine sitt skal skulle slik som så til under ut uten ' +
    'var ved vi vil ville være vært vår våre',
  fi:
    'ei eikä eivät ehkä en ennen että hän häneen hänen he heidän heitä hyvin ilman itse ja jo johon ' +
    'joita joka jokainen joilla jolla jolloin jonka joiden jos joskus jossa josta jota jotka jotta ' +
    'kanssa kaikki kaikkien keskellä koska koskaan kuin kuinka kuitenkin kun kuten kuka lisäksi me ' +
    'meidän mikä mikäli miksi milloin minä minun minkä missä mistä mitä mitkä molemmat muiden mukaan ' +
    'mutta muun muut myös myöhemmin näin nämä ne niiden niin niitä noin nyt ole olen olet oli olisi ' +
    'olivat olla ollut on ovat paljon saakka sekä se sen seuraava siellä siinä siis siitä silloin ' +
    'sinä sinun sitä sitten tai tämä tämän tässä tätä te teidän tuo vaan vai vain vaikka vielä voi ' +
    'voidaan voivat välillä yli',
  cs:
    'a aby ale anebo ani asi až bez bude budou by byl byla bylo byli byly být co což či další do jak ' +
    'jaká jaké jako jaký je jeho jej její jejich jemu jen jenž ještě ji jinak jiné již jsem jsi jsme ' +
    'jsou jste k kam kde kdo kdy když ke která které kterou který kteří ku má mají mezi mi mít mně ' +
    'mnoho může můžete my na nad nám námi nás ne nebo není než nic nich ním o od on ona oni ono pak ' +
    'po pod podle pokud pouze pro proč proti protože před přes při s se si své svůj ta tak také takže ' +
    'tam tato te tedy ten tento tím to toho tohoto tom tomto tu ty tyto u už v ve vám vás váš více ' +
    'však vše všechny vy z za zde ze že',
  hu:
    'a abban ahol ahogy akár aki akik akkor alatt ami amely amelyek amelyet amíg amikor annak arra az ' +
    'azért azok azonban azt azzal bár be csak de egy egyes egyik ehhez el előtt első ennek erre és ez ' +
    'ezek ezért ezt ezzel fel felett hanem ha hogy hogyan hol ide igen így illetve ilyen is itt ki ' +
    'kell kellett között közül le legyen lehet lenne lesz lett maga már meg még mely melyik melyek ' +
    'mert mi miatt miért mikor milyen mind minden mint mintha most nagyon ne nekem néhány nélkül nem ' +
    'nincs nekik ő ők olyan ott össze pedig s saját sem semmi sok során számára szerint szét szinte ' +
    'tehát több tovább úgy után utána vagy vagyok valami van vannak vele volna volt voltak',
  ru:
    'без более больше будет будут будто бы был была были было быть в вам вас ваш ваша весь во вот ' +
    'время все всего всей всех вы где да даже для до его ее её если есть еще ещё же за здесь и из или ' +
    'им их к каждый как какая какие какой какую ко когда кого кому которая которого которой которую ' +
    'которые который которых кто куда ли лишь между меня мне многие много может могут можно мой мы на ' +
    'над надо наш не него нее нет ни них но ну о об однако один он она они оно от очень перед по под ' +
    'после потому почему почти при про с сам самый свое своего своей своих свои свой свою себе себя ' +
    'сейчас со так также такие такой там тебя тем теперь то того тоже той только том тот ты у уже хотя ' +
    'чего чем через что чтобы эта эти этих это этого этой этом этому этот эту является являются я нас ' +
    'нам тому тут',
  uk:
    'адже але або ані без би більш більше бо був буде будуть була були було бути в вам вас вже ви від ' +
    'він вона вони воно все всіх всі де для до дуже його її їх їхній ж за завжди зі з й і із інших ' +
    'інші коли кожен кого кому котрий лише майже мати між мене мені мій може можна можуть ми на навіть ' +
    'над нам нас наш не нею ні них ніхто ніж о один ось перед під після по поки потім при про проти ' +
    'саме себе свої своїх свого свою собі сам та так також такий такі там те тебе ти тим тих то тоді ' +
    'того тому тільки треба тут у усі хоча хто це цього цей цих ця ці цю цьому через чи чим чого чому ' +
    'ще що щоб щодо щось як яка яке який яким яких які якої якого якщо якій є я той',
};

/** Letters beyond `a`-`z` and the basic Cyrillic ones: a word spelt with them is of a language that has them all. */
export const SPECIAL_LETTERS: Readonly<Record<string, string>> = {
  en: '',
  it: 'àèéìòù',
  es: 'áéíóúüñ',
  fr: 'àâæçéèêëîïôœùûüÿ',
  pt: 'áâãàçéêíóôõúü',
  ro: 'ăâîșțşţ',
  de: 'äöüß',
  nl: 'áéëèïíóöúü',
  pl: 'ąćęłńóśźż',
  tr: 'çğıöşüâîû\u0307',
  vi: 'àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ',
  id: 'é',
  sv: 'åäöé',
  da: 'æøåé',
  nb: 'æøåéòô',
  fi: 'åäö',
  cs: 'áčďéěíňóřšťúůýž',
  hu: 'áéíóöőúüű',
  ru: 'ёъыэ',
  uk: 'ґєії',
};
/** How a language is recognised. */
export interface Language {
  /** The script it is written in comes first, others that belong to it after. */
  readonly scripts: readonly [string, ...string[]];
  /** What franc calls it; none where the script alone decides. */
  readonly franc?: string;
  /** Whether it is offered as an alternative to the expected language; the others are only known as expected ones. */
  readonly offered?: boolean;
}

const latin = (franc: string, offered = true): Language => ({ scripts: ['Latn'], franc, offered });
const byScript = (...scripts: [string, ...string[]]): Language => ({ scripts });

/** The languages whose texts can be judged, by the first subtag of their BCP-47 tag. */
export const LANGUAGES: ReadonlyMap<Lang, Language> = new Map([
  ['en', latin('eng')],
  ['it', latin('ita')],
  ['es', latin('spa')],
  ['fr', latin('fra')],
  ['pt', latin('por')],
  ['ro', latin('ron')],
  ['de', latin('deu')],
  ['nl', latin('nld')],
  ['pl', latin('pol')],
  ['tr', latin('tur')],
  ['vi', latin('vie')],
  ['id', latin('ind')],
  ['sv', latin('swe', false)],
  ['da', latin('dan', false)],
  ['nb', latin('nob', false)],
  ['fi', latin('fin', false)],
  ['cs', latin('ces', false)],
  ['hu', latin('hun', false)],
  ['ru', { scripts: ['Cyrl'], franc: 'rus', offered: true }],
  ['uk', { scripts: ['Cyrl'], franc: 'ukr', offered: true }],
  ['el', byScript('Grek')],
  ['he', byScript('Hebr')],
  ['ar', byScript('Arab')],
  ['hi', byScript('Deva')],
  ['bn', byScript('Beng')],
  ['ta', byScript('Taml')],
  ['th', byScript('Thai')],
  ['ko', byScript('Hang')],
  ['ja', byScript('Kana', 'Hani')],
  ['zh', byScript('Hani')],
]);

/** The language that a script stands for when nothing else is known about the text. */
export const LANG_OF_SCRIPT = new Map<string, Lang>([
  ['Grek', 'el'],
  ['Cyrl', 'ru'],
  ['Armn', 'hy'],
  ['Hebr', 'he'],
  ['Arab', 'ar'],
  ['Deva', 'hi'],
  ['Beng', 'bn'],
  ['Guru', 'pa'],
  ['Gujr', 'gu'],
  ['Taml', 'ta'],
  ['Telu', 'te'],
  ['Knda', 'kn'],
  ['Mlym', 'ml'],
  ['Sinh', 'si'],
  ['Thai', 'th'],
  ['Laoo', 'lo'],
  ['Mymr', 'my'],
  ['Geor', 'ka'],
  ['Ethi', 'am'],
  ['Khmr', 'km'],
  ['Kana', 'ja'],
  ['Hang', 'ko'],
  ['Hani', 'zh'],
]);
