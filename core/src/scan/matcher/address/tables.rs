//! Words of addresses, in small letters. Every list is sorted.

use crate::scan::matcher::word_list::WordList;

/// Kinds of streets that stand behind a name and are hardly ever anything else (USPS Publication 28, appendix C1, with the kinds of the Commonwealth).
#[rustfmt::skip]
pub(super) static STREETS: &WordList = &WordList::of(&[
    "allee", "alley", "ally", "aly", "av", "ave", "aven", "avenu", "avenue", "avnue", "blvd", "boul", "boulevard",
    "boulv", "broadway", "causeway", "chase", "cir", "circ", "circl", "circle", "close", "court", "cove", "coves",
    "cres", "crescent", "crossing", "crossroad", "crsent", "crsnt", "cswy", "ct", "curve", "cv", "cvs", "dr", "driv",
    "drive", "drives", "drs", "drv", "esp", "esplanade", "express", "expressway", "expw", "expy", "freeway", "freewy",
    "frwy", "fwy", "gardens", "gate", "gdns", "grove", "grv", "heights", "highway", "highwy", "hiway", "hiwy", "hllw",
    "hollow", "holw", "hts", "hwy", "lane", "ln", "loop", "mews", "motorway", "mtwy", "parade", "parkgate", "parkway",
    "parkways", "parkwy", "pde", "pike", "pkway", "pkwy", "pkwys", "pky", "pl", "place", "plaza", "plz", "plza", "pvt",
    "quay", "rd", "rds", "rise", "road", "roads", "route", "row", "rte", "skyway", "speedway", "sq", "sqr",
    "sqre", "squ", "square", "st", "str", "strand", "street", "streets", "strm", "strt", "sts", "ter", "terr",
    "terrace", "throughway", "tpke", "trafficway", "trail", "trails", "trfy", "trl", "trls", "trnpk", "trwy",
    "turnpike", "turnpk", "vdct", "viaduct", "walk", "way", "wharf", "wynd", "xing", "xrd",
]);

/// Kinds of streets whose names are words of their own: they need a city, a unit or the like behind them (ibidem).
#[rustfmt::skip]
pub(super) static WEAK_STREETS: &WordList = &WordList::of(&[
    "annex", "anx", "approach", "arc", "arcade", "bank", "bayou", "bch", "beach", "bend", "bg", "blf", "blfs", "bluff",
    "bluffs", "bnd", "bottom", "br", "brae", "branch", "brg", "bridge", "brk", "brks", "brook", "brooks", "btm",
    "buildings", "burg", "burgs", "byp", "bypass", "byu", "camp", "canyon", "cape", "center", "centers", "centre",
    "circus", "clb", "clf", "clfs", "cliff", "cliffs", "club", "cmn", "cmns", "cntr", "cnyn", "common", "commons",
    "cor", "corner", "corners", "cors", "cottages", "course", "court", "courts", "cp", "cpe", "creek", "crest", "crk",
    "crse", "crst", "ctr", "ctrs", "cts", "cyn", "dale", "dam", "divide", "dl", "dm", "dv", "end", "est", "estate",
    "estates", "ests", "ext", "extension", "extensions", "exts", "fall", "falls", "ferry", "field", "fields", "flat",
    "flats", "fld", "flds", "fls", "flt", "flts", "fold", "ford", "fords", "forest", "forge", "forges", "fork", "forks",
    "fort", "frd", "frds", "frg", "frk", "frks", "frst", "fry", "ft", "garden", "garth", "gateway", "gdn", "glen",
    "glens", "gln", "green", "greens", "grn", "grns", "groves", "gtwy", "hamlet", "harbor", "harbors", "harbour",
    "haven", "hbr", "hill", "hills", "hl", "hls", "hvn", "inlet", "inlt", "is", "island", "islands", "isle", "iss",
    "jct", "jcts", "junction", "junctions", "key", "keys", "knl", "knls", "knoll", "knolls", "ky", "kys", "lake",
    "lakes", "land", "landing", "lck", "ldg", "lea", "lf", "lgt", "light", "lights", "lk", "lks", "lndg", "loaf",
    "lock", "locks", "lodge", "mall", "manor", "manors", "mdw", "mdws", "meadow", "meadows", "mill", "mills", "mission",
    "ml", "mls", "mnr", "mnrs", "mount", "mountain", "mountains", "msn", "mt", "mtn", "mtns", "nck", "neck", "nook",
    "opas", "orch", "orchard", "oval", "overpass", "park", "parks", "pass", "passage", "path", "pine", "pines", "plain",
    "plains", "pln", "plns", "pne", "pnes", "point", "points", "port", "ports", "pr", "prairie", "prt", "prts", "psge",
    "pt", "pts", "radial", "radl", "ramp", "ranch", "rapid", "rapids", "rdg", "rdgs", "reach", "rest", "ridge",
    "ridges", "riv", "river", "rnch", "rpd", "rpds", "rst", "rue", "run", "shl", "shls", "shoal", "shoals", "shore",
    "shores", "shr", "shrs", "side", "smt", "spg", "spgs", "spring", "springs", "spur", "sqs", "square", "squares",
    "sta", "station", "stra", "stravenue", "stream", "summit", "trace", "track", "trak", "trce", "tunl", "tunnel", "un",
    "underpass", "union", "unions", "upas", "vale", "valley", "valleys", "view", "views", "village", "villages",
    "villas", "ville", "vis", "vista", "vl", "vlg", "vlgs", "vly", "vlys", "vw", "vws", "walks", "wall", "ways", "well",
    "wells", "wl", "wls", "wood", "woods", "yard", "yards",
]);

/// Kinds of streets that stand before the name, as in the Romance and Slavic languages.
#[rustfmt::skip]
pub(super) static LEADS: &WordList = &WordList::of(&[
    "al", "alameda", "aleja", "aleje", "allee", "allée", "allées", "av", "avd", "avda", "avenida", "avenue", "avinguda",
    "bd", "blvd", "borgo", "boulevard", "bulevard", "bulevardul", "c", "calea", "calle", "callejón", "calz", "calzada",
    "camino", "carrer", "carretera", "cesta", "ch", "che", "chemin", "cité", "cl", "contrada", "corso", "county",
    "cours", "ctra", "esplanade", "estr", "estrada", "faubourg", "fbg", "glorieta", "grand-rue", "highway", "imp",
    "impasse", "intrarea", "jalan", "jl", "ladeira", "largo", "leoforos", "lorong", "lungarno", "lungotevere",
    "nábřeží", "nám", "náměstí", "odos", "os", "osiedle", "pasaje", "paseo", "passage", "passeig", "piazza", "piazzale",
    "pl", "plac", "place", "plateia", "plaza", "plaça", "plza", "praca", "praça", "prospekt", "pso", "pza", "pç",
    "quai", "r", "rambla", "rod", "rodovia", "ronda", "route", "rte", "rua", "rue", "rés", "résidence", "salita",
    "sentier", "soseaua", "splaiul", "square", "str", "strada", "travessa", "travesía", "trg", "tv", "tř", "třída",
    "ul", "ulica", "ulice", "ulitsa", "via", "viale", "vicolo", "villa", "șoseaua", "λεωφόρος", "οδός", "πλατεία",
    "переулок", "проспект", "ул", "улица",
]);

/// Of these the ones that are hardly ever anything else before a capitalised name.
#[rustfmt::skip]
pub(super) static SURE_LEADS: &WordList = &WordList::of(&[
    "alameda", "aleja", "allee", "allée", "allées", "avda", "avenida", "avenue", "avinguda", "boulevard", "bulevardul",
    "calea", "calle", "camino", "carrer", "carretera", "chemin", "corso", "estrada", "faubourg", "glorieta", "impasse",
    "jalan", "lungarno", "lungotevere", "nábřeží", "náměstí", "paseo", "piazza", "piazzale", "plaça", "praca", "praça",
    "prospekt", "quai", "rambla", "rodovia", "rua", "rue", "travessa", "travesía", "ul", "ulica", "ulitsa", "via",
    "viale", "vicolo", "λεωφόρος", "οδός", "πλατεία", "проспект", "ул", "улица",
]);

/// Kinds of streets that are a word of their own behind the name and before the house number.
#[rustfmt::skip]
pub(super) static BEHIND: &WordList = &WordList::of(&[
    "alle", "allee", "allé", "backe", "bakke", "berg", "blv", "bulevardi", "bulvarı", "cad", "caddes", "caddesi",
    "cesta", "chaussee", "damm", "dijk", "dreef", "fasor", "gade", "gasse", "gata", "gatan", "gate", "gaten", "graben",
    "gracht", "gränd", "gurtel", "gürtel", "hof", "kade", "katu", "krt", "kuja", "körút", "köz", "laan", "lei", "mah",
    "mahallesi", "markt", "nábřeží", "nám", "náměstí", "pad", "plads", "plan", "plass", "platz", "plein", "polku",
    "pot", "pr", "promenade", "prospekt", "puistotie", "rakpart", "ring", "rkp", "singel", "sok", "sokak", "sokağı",
    "sor", "steenweg", "steig", "sti", "stieg", "stien", "str", "straat", "strasse", "straße", "stræde", "sétány",
    "tere", "tie", "torg", "torget", "tori", "trg", "tér", "tř", "třida", "třída", "u", "ufer", "ul", "ulica", "ulice",
    "ulitsa", "utca", "veg", "vegen", "vei", "veien", "vej", "väg", "vägen", "wall", "weg", "zeile", "út", "útja",
]);

/// How the names of streets end that are one word with their kind: German, Dutch, the languages of Scandinavia, Finnish, Icelandic, Hungarian.
#[rustfmt::skip]
pub(super) static ENDINGS: &WordList = &WordList::of(&[
    "allee", "chaussee", "dijk", "dreef", "gasse", "gata", "gatan", "gaten", "gerði", "gracht", "gränd", "gässli",
    "götu", "gürtel", "katu", "kuja", "körút", "laan", "plads", "plassen", "platz", "plein", "polku", "singel",
    "steenweg", "str", "straat", "strasse", "straße", "stræde", "stræti", "stígur", "torget", "utca", "vegen", "vegur", "vei",
    "veien", "vej", "vejen", "väg", "vägen", "weg",
]);

/// Of these endings the ones that other words have too.
#[rustfmt::skip]
pub(super) static DOUBTFUL_ENDINGS: &WordList = &WordList::of(&[
    "bakke", "bakken", "braut", "damm", "gade", "gate", "graben", "haven", "kade", "krogen", "parken", "ring", "stien",
    "tie", "toften", "tún", "ufer",
]);

/// What stands before the number of a part of a building (USPS Publication 28, appendix C2, and others).
#[rustfmt::skip]
pub(super) static UNITS: &WordList = &WordList::of(&[
    "apartamento", "apartment", "appt", "apt", "apto", "bat", "bl", "bldg", "blk", "block", "bloco", "blok", "box",
    "bte", "building", "bus", "bâtiment", "department", "dept", "door", "esc", "escalera", "fl", "flat", "floor", "flr",
    "hangar", "hngr", "int", "interno", "level", "lgh", "lot", "lvl", "lägenhet", "ofc", "office", "pier", "piso",
    "pta", "puerta", "rm", "room", "sala", "scala", "shop", "slip", "space", "spc", "ste", "stop", "suite", "top",
    "trailer", "trlr", "unit", "whg", "wohnung", "étage",
]);

/// Of these the ones that tell an address by themselves.
#[rustfmt::skip]
pub(super) static SURE_UNITS: &WordList = &WordList::of(&[
    "apartment", "appt", "apt", "apto", "bldg", "flat", "lgh", "ste", "suite",
]);

/// Parts of a building without a number (ibidem).
#[rustfmt::skip]
pub(super) static BARE_UNITS: &WordList = &WordList::of(&[
    "basement", "bsmt", "frnt", "front", "lbby", "lobby", "lower", "lowr", "ofc", "office", "penthouse", "ph", "rear",
    "side", "upper", "uppr",
]);

/// Words that stand in small letters within the names of streets and places.
#[rustfmt::skip]
pub(super) static SMALL: &WordList = &WordList::of(&[
    "'t", "a", "am", "an", "and", "au", "auf", "aux", "bei", "d", "da", "dal", "dalla", "das", "de", "degli", "dei",
    "del", "dell", "della", "delle", "dello", "den", "der", "des", "di", "do", "dos", "du", "e", "el", "en", "het", "i",
    "im", "in", "l", "la", "las", "le", "les", "los", "na", "nad", "of", "op", "pod", "s", "sous", "sur", "t", "ten",
    "ter", "the", "und", "upon", "van", "vom", "von", "y", "zu", "zum", "zur", "św",
]);

/// Words that stand behind a number in prose and begin no street: units, times, counts, months.
#[rustfmt::skip]
pub(super) static NOT_STREETS: &WordList = &WordList::of(&[
    "abril", "agosto", "am", "août", "apr", "april", "aprile", "are", "as", "at", "aug", "august", "avril", "be",
    "been", "bid", "bpm", "but", "by", "capsule", "capsules", "cc", "cm", "day", "days", "dec", "december", "dezember",
    "dicembre", "diciembre", "dl", "dose", "doses", "décembre", "enero", "feb", "febbraio", "febrero", "februar",
    "february", "for", "fr", "french", "from", "février", "g", "gauge", "gennaio", "giugno", "gm", "gram", "grams",
    "gtt", "had", "has", "have", "he", "her", "his", "hour", "hours", "how", "hr", "hrs", "i", "if", "is", "it", "its",
    "iu", "jan", "januar", "january", "janvier", "juillet", "juin", "jul", "juli", "julio", "july", "jun", "june",
    "juni", "junio", "kg", "km", "l", "lb", "lbs", "lead", "luglio", "maggio", "mai", "mar", "march", "mars", "marzo",
    "may", "mayo", "mcg", "meq", "mg", "mhz", "miles", "min", "mins", "minute", "minutes", "ml", "mm", "mmhg", "mmol",
    "month", "months", "mos", "märz", "ng", "no", "not", "nov", "november", "novembre", "noviembre", "oct", "october",
    "octobre", "octubre", "oktober", "on", "or", "ottobre", "our", "oz", "patient", "patients", "percent", "pm", "po",
    "prn", "puffs", "qd", "qid", "sec", "seconds", "sep", "sept", "september", "septembre", "septiembre", "settembre",
    "she", "tab", "tablet", "tablets", "tabs", "their", "these", "they", "this", "those", "tid", "times", "to", "u",
    "ug", "unit", "units", "vials", "vs", "was", "we", "week", "weeks", "were", "what", "when", "where", "which", "who",
    "why", "with", "wk", "wks", "x", "year", "years", "yo", "yr", "yrs",
]);

/// Words at the start of a line or clause that are no place: labels, pronouns and what else begins one.
#[rustfmt::skip]
pub(super) static NOT_PLACES: &WordList = &WordList::of(&[
    "account", "acct", "admitted", "age", "also", "and", "appointment", "at", "attending", "attn", "billing", "born",
    "but", "call", "card", "cc", "cell", "claim", "contact", "copy", "date", "daughter", "dear", "desk", "diagnosis",
    "discharged", "dob", "dr", "e-mail", "email", "emergency", "employer", "father", "fax", "for", "from", "gender",
    "he", "her", "his", "home", "hospital", "however", "i", "id", "if", "in", "insurance", "is", "it", "its", "last",
    "marital", "medical", "member", "mobile", "mother", "mr", "mrn", "mrs", "ms", "my", "name", "next", "no", "not",
    "note", "occupation", "office", "on", "our", "patient", "ph", "phone", "physician", "please", "policy", "primary",
    "provider", "race", "re", "ref", "referred", "religion", "room", "seen", "sex", "she", "since", "sincerely",
    "spouse", "ssn", "subject", "tel", "telephone", "thank", "thanks", "that", "the", "their", "then", "there", "they",
    "this", "to", "today", "url", "was", "we", "web", "website", "when", "where", "which", "who", "wife", "with",
    "work", "you", "your",
]);

/// States, provinces and the like in full.
#[rustfmt::skip]
pub(super) static STATES_IN_FULL: &WordList = &WordList::of(&[
    "alabama", "alaska", "alberta", "arizona", "arkansas", "british columbia", "california", "colorado", "connecticut",
    "delaware", "delhi", "district of columbia", "florida", "georgia", "hawaii", "idaho", "illinois", "indiana", "iowa",
    "kansas", "karnataka", "kentucky", "louisiana", "maharashtra", "maine", "manitoba", "maryland", "massachusetts",
    "michigan", "minnesota", "mississippi", "missouri", "montana", "nebraska", "nevada", "new brunswick",
    "new hampshire", "new jersey", "new mexico", "new south wales", "new york", "newfoundland and labrador",
    "north carolina", "north dakota", "nova scotia", "ohio", "oklahoma", "ontario", "oregon", "pennsylvania",
    "prince edward island", "puerto rico", "quebec", "queensland", "québec", "rhode island", "saskatchewan",
    "south australia", "south carolina", "south dakota", "tamil nadu", "tasmania", "tennessee", "texas", "utah",
    "vermont", "victoria", "virginia", "washington", "west bengal", "west virginia", "western australia", "wisconsin",
    "wyoming",
]);

/// Of Canada and Australia; those of the United States are [`STATES`].
#[rustfmt::skip]
pub(super) static STATES_IN_SHORT: &WordList = &WordList::of(&[
    "aa", "ab", "act", "ae", "ap", "bc", "mb", "nb", "nl", "ns", "nsw", "nt", "nu", "on", "pe", "qc", "qld", "sk",
    "tas", "vic", "yt",
]);

/// Countries and territories in English, and the most frequent of their own names.
#[rustfmt::skip]
pub(super) static COUNTRIES: &WordList = &WordList::of(&[
    "afghanistan", "albania", "algeria", "american samoa", "andorra", "angola", "anguilla", "antarctica",
    "antigua and barbuda", "argentina", "armenia", "aruba", "australia", "austria", "azerbaijan", "bahamas", "bahrain",
    "bangladesh", "barbados", "belarus", "belgique", "belgium", "belgië", "belize", "benin", "bermuda", "bhutan",
    "bolivia", "bosnia and herzegovina", "botswana", "brasil", "brazil", "british virgin islands", "brunei",
    "brunei darussalam", "bulgaria", "burkina faso", "burma", "burundi", "cabo verde", "cambodia", "cameroon", "canada",
    "cape verde", "cayman islands", "central african republic", "chad", "chile", "china", "christmas island",
    "cocos islands", "colombia", "comoros", "congo", "cook islands", "costa rica", "cote d'ivoire", "croatia", "cuba",
    "curacao", "cyprus", "czech republic", "czechia", "côte d'ivoire", "danmark", "denmark", "deutschland", "djibouti",
    "dominica", "dominican republic", "ecuador", "egypt", "el salvador", "england", "equatorial guinea", "eritrea",
    "españa", "estonia", "eswatini", "ethiopia", "falkland islands", "faroe islands", "fiji", "finland", "france",
    "french guiana", "french polynesia", "gabon", "gambia", "georgia", "germany", "ghana", "gibraltar", "great britain",
    "greece", "greenland", "grenada", "guadeloupe", "guam", "guatemala", "guernsey", "guinea", "guinea-bissau",
    "guyana", "haiti", "holy see", "honduras", "hong kong", "hrvatska", "hungary", "iceland", "india", "indonesia",
    "iran", "iraq", "ireland", "isle of man", "israel", "italia", "italy", "ivory coast", "jamaica", "japan", "jersey",
    "jordan", "kazakhstan", "kenya", "kiribati", "korea", "kosovo", "kuwait", "kyrgyz republic", "kyrgyzstan",
    "lao people's democratic republic", "laos", "latvia", "lebanon", "lesotho", "liberia", "libya",
    "libyan arab jamahiriya", "liechtenstein", "lithuania", "luxembourg", "luxemburg", "macao", "macau", "macedonia",
    "madagascar", "magyarország", "malawi", "malaysia", "maldives", "mali", "malta", "marshall islands", "martinique",
    "mauritania", "mauritius", "mayotte", "mexico", "micronesia", "moldova", "monaco", "mongolia", "montenegro",
    "montserrat", "morocco", "mozambique", "myanmar", "méxico", "namibia", "nauru", "nederland", "nepal", "netherlands",
    "netherlands antilles", "new caledonia", "new zealand", "nicaragua", "niger", "nigeria", "niue", "norfolk island",
    "norge", "north korea", "north macedonia", "northern ireland", "northern mariana islands", "norway", "oman",
    "pakistan", "palau", "palestine", "palestinian territory", "panama", "papua new guinea", "paraguay", "peru",
    "philippines", "pitcairn islands", "poland", "polska", "portugal", "puerto rico", "qatar", "reunion", "romania",
    "russia", "russian federation", "rwanda", "réunion", "saint barthelemy", "saint helena", "saint kitts and nevis",
    "saint lucia", "saint martin", "saint pierre and miquelon", "saint vincent and the grenadines", "samoa",
    "san marino", "sao tome and principe", "saudi arabia", "schweiz", "scotland", "senegal", "serbia", "seychelles",
    "sierra leone", "singapore", "slovak republic", "slovakia", "slovenia", "slovenija", "solomon islands", "somalia",
    "south africa", "south korea", "south sudan", "spain", "sri lanka", "sudan", "suisse", "suomi", "suriname",
    "svalbard and jan mayen", "sverige", "swaziland", "sweden", "switzerland", "syria", "syrian arab republic",
    "são tomé and príncipe", "taiwan", "tajikistan", "tanzania", "thailand", "the netherlands", "timor-leste", "togo",
    "tokelau", "tonga", "trinidad and tobago", "tunisia", "turkey", "turkmenistan", "turks and caicos islands",
    "tuvalu", "türkiye", "u.k", "u.s.a", "uganda", "uk", "ukraine", "united arab emirates", "united kingdom",
    "united states", "united states of america", "united states virgin islands", "uruguay", "usa", "uzbekistan",
    "vanuatu", "vatican city", "venezuela", "viet nam", "vietnam", "wales", "wallis and futuna", "western sahara",
    "yemen", "zambia", "zimbabwe", "éire", "ísland", "österreich",
]);

/// Words before an address that say that it is one.
#[rustfmt::skip]
pub(super) static CUES: &WordList = &WordList::of(&[
    "abita", "address", "addresses", "adres", "adresse", "adresses", "anschrift", "deliver", "delivered", "direccion",
    "dirección", "domicile", "domicilio", "domicilié", "endereço", "habite", "indirizzo", "lieferanschrift", "live",
    "lived", "lives", "living", "located", "location", "mailed", "morada", "moved", "postal", "relocated", "reside",
    "resided", "residence", "resides", "residing", "return", "ship", "shipped", "situated", "wohnhaft", "wohnt",
]);
