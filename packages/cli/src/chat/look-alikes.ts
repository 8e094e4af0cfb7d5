import { withoutInvisible } from '../shared/terminal/invisible.js'

/**
 * Detects names that look alike, in the manner of Unicode's UTS #39: each name is reduced to a skeleton; names with the
 * same skeleton count as the same. No maintained library does this. The table has the letters that look like Latin ones
 * in the scripts that terminals commonly show. `isMixed` catches letters that the table lacks when they are mixed with
 * others. A mistake costs little: an ordinary name is then shown with the beginning of its key.
 */

/** Letters and what they look like, in pairs. */
const TABLE = [
  // Cyrillic
  'АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP ЅS ТT ХX УY ҮY ԚQ ԜW Ѵv Ь6 ӀI З3',
  'аa вb гr еe һh іi јj кk ӏl мm нh оo пn рp сc тt уy үy хx ѕs ԁd ԍg ԛq ԝw ѵv ьb шw ѡw ґr',
  // Greek and Coptic
  'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC ϺM',
  'αa βb γy εe ηn ιi κk μu νv οo ρp σo ςc τt υu χx ωw ϲc ϳj ⲁa ⲃb ⲉe ⲏh ⲓi ⲕk ⲙm ⲛn ⲟo ⲣp ⲥc ⲧt ⲭx',
  // Armenian, Cherokee, Lisu
  'ՍU ՕO ԼL ՏS օo ոn սu հh ցg զq յj ղn ռn իh ւl աw',
  'ᎪA ᏴB ᏟC ᎠD ᎬE ᏀG ᎻH ᎥI ᎫJ ᏦK ᏞL ᎷM ᏢP ᏒR ᏚS ᎢT ᏙV ᏔW ᎽY ᏃZ',
  'ꓮA ꓐB ꓚC ꓓD ꓰE ꓝF ꓖG ꓧH ꓲI ꓙJ ꓗK ꓡL ꓟM ꓠN ꓳO ꓑP ꓣR ꓢS ꓔT ꓴU ꓦV ꓪW ꓫX ꓬY ꓜZ',
  // Latin, other than the alphabet
  'ɑa ɡg ıi ȷj ɩi ᴀa ʙb ᴄc ᴅd ᴇe ꜰf ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz',
  'øo ɵo đd ɗd ħh ɦh łl ƚl ɫl ŧt ƭt ɓb ƅb ƈc ɠg ƙk ƥp þp ɯw ʋu ƴy ʂs ʐz ǀl',
  // Zeros and strokes of any script, and signs
  '०o ০o ੦o ૦o ೦o ൦o ๐o ໐o ၀o ဝo ٥o ۵o סo הn ןl וl اl ١l ۱l ',
  "0o 1l |l !l 5s 6b ‐- ‑- ‒- –- —- −- ·. •. ’' ‘' ʼ' `' ´' ״\" ”\" “\""
].join(' ')

const LETTERS = new Map(TABLE.split(' ').map((pair) => [...pair] as [string, string]))

/** Invisible characters, and marks that are put on letters. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Mn}\p{Me}\u2800]/gu

/** Characters that change how a name compares, and do not show in most terminals. */
const FORMATS = /\p{Cf}/gu

/** The scripts with letters that look like those of another script; scripts that are written together count as one. */
const SCRIPTS = [
  /[\p{Script=Latin}]/u,
  /[\p{Script=Cyrillic}]/u,
  /[\p{Script=Greek}\p{Script=Coptic}]/u,
  /[\p{Script=Armenian}]/u,
  /[\p{Script=Georgian}]/u,
  /[\p{Script=Hebrew}]/u,
  /[\p{Script=Arabic}]/u,
  /[\p{Script=Cherokee}\p{Script=Lisu}\p{Script=Deseret}\p{Script=Osage}\p{Script=Tifinagh}]/u,
  /[\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Thai}\p{Script=Lao}\p{Script=Myanmar}]/u
]

/** Removes characters that do not show. */
export function withoutFormats(text: string): string {
  return withoutInvisible(text).replace(FORMATS, '')
}

/** Whether the text mixes scripts that no language mixes in one word. */
export function isMixed(name: string): boolean {
  return SCRIPTS.filter((script) => script.test(name)).length > 1
}

/** What remains of a name at a glance: names that can be mistaken for each other have the same skeleton. */
export function skeletonOf(name: string): string {
  const drawn = replaced(name.normalize('NFKD').replace(UNSEEN, ''))
  const folded = replaced(drawn.toUpperCase().toLowerCase().normalize('NFKD').replace(UNSEEN, ''))
  return folded
    .replace(/i/g, 'l')
    .replace(/m/g, 'rn')
    .replace(/w/g, 'vv')
    .replace(/\p{Z}+/gu, ' ')
    .trim()
}

function replaced(text: string): string {
  return [...text].map((letter) => LETTERS.get(letter) ?? letter).join('')
}
