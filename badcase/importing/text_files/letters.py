"""The letters of the world's scripts beyond ASCII, frequent first: what tells one encoding of a text from another."""

from __future__ import annotations

# By script, the languages that are written in it, each with its letters.
LATIN = {
    "German": "üäöß",
    "French": "éèàêçùâîôûïëœæÿ",
    "Spanish": "óíáñéú¿ü¡ªº",
    "Catalan": "àéóèíçòúïü·",
    "Portuguese": "ãçéáíóêõàúâôªº",
    "Italian": "èàòùéìî",
    "Dutch": "ëéïèöü",
    "Nordic": "äöåøæéüð",
    "Icelandic": "áíðéóöúþýæ",
    "Finnish": "äöåšž",
    "Polish": "łęąóżśćńź",
    "Czech": "íáěéýřčžšůúťňďó",
    "Slovak": "áíéčýžľšúťňôďäóĺŕ",
    "Hungarian": "áéöóőíüűú",
    "Croatian": "čšžćđ",
    "Romanian": "ăîâţşșțé",
    "Turkish": "ıişğüçöâİî",
    "Lithuanian": "ėšųžįčąūę",
    "Latvian": "āīēūšņķļžčģ",
    "Estonian": "äõöüšž",
    "Maltese": "ħżġċàèìòù",
    "Esperanto": "ĉĝĥĵŝŭ",
    "Welsh": "ŵŷâêîôûáéíóúäëïöẁẃẅỳýÿ",
    "Irish": "áéíóúḃċḋḟġṁṗṡṫ",
    "Vietnamese": "đàáảãạăâêôơưéèíìóòúù\u0300\u0301\u0303\u0309\u0323",
}
CYRILLIC = {
    "Russian": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ",
    "Ukrainian": "оанивітерслкдумпязьбгйчхшжюцїщєфґ",
    "Bulgarian": "аоиетнрсвлкдпмзяъгбучщжцхйшюфь",
    "Serbian": "аиоенрстујвкдлмпзгбчцшњхжљћђфџ",
    "Belarusian": "аніеорслтдкывямпузгйьцбчшжхёюўэфі",
    "Macedonian": "аоиетнрсвкдлпмузјгшбчцќжфхѓњљџѕ",
    "Kazakh": "аеынтрлдісмқкопбуғиөжзүшйұәгңяювхһэфц",
    "Tajik": "аиордтнмбшвекстлҳузҷгпфяӣйӯқхчғъжёэю",
}
GREEK = {"Greek": "αοιετνσηρπκμλυςδγωχθφάίέήόώύβξζψϊϋ"}
HEBREW = {"Hebrew": "יוהלאמרתבנשםדעחכקפגצזטסןךףץ"}
ARABIC = {
    "Urdu": "ایکےرہوںسنمتلبدیآہپگعٹجچشحخقڑفھضصطغظذزژۓ؟۔،",
    "Arabic": "اليمنرتبوةعدسفهكقحجشصأطخىذءثزضغإظئآؤپچگ،؟",
    "Persian": "ایرنهدموتبسشکخقفگزجحعپطصآچغضظثذژئ،؟",
}
THAI = {"Thai": "านรกเงอ่มยลวดท้สตะัิปบคีห็แจพชขใ์ไืโผซถภศ๋ธฉ๊ึฟุูณษำญฐฒฎฏฌฆฃฅฤฦฮฬฯๆ"}

# Typographic marks that stand in texts of every language.
QUOTES = "“”‘’–—…«»„"
MARKS = QUOTES + "•‚€£°©®™§·´²³½\u00a0、。，．！？：；（）「」『』《》・ー〜～"
# The most frequent characters of Chinese, simplified and traditional.
HANZI = (
    "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也"
    "你对對生能而子那得于於着著下自之年过過发發后後"
)
# The most frequent syllables of Korean.
HANGUL = (
    "이다는에의을를가고하은기지로도사자어서한리시그나대해수아인있스정보주전일부라게상니공장제용들만구면것조요여러안세소우연성비"
    "드동신적원과으무물생선화경와마관음모려내회오년위진실습였었했않없입계학국진행문제때까더말년월남명방분반법받"
)
