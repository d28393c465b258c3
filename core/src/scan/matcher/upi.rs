//! Addresses of the Unified Payments Interface of India: a name, and the handle of a bank or an app (NPCI, UPI Procedural
//! Guidelines).

use std::ops::Range;

use super::word_list::WordList;
use crate::scan::boundary::{run_end, run_start};
use crate::scan::confirm::{Attempt, Value};

/// The most characters of a name and of a handle.
const MAX_NAME: usize = 256;
const MAX_HANDLE: usize = 64;

/// Handles that NPCI lists and that are no words.
static HANDLES: WordList = WordList::of(&[
    "abfspay",
    "airtel",
    "airtelpaymentsbank",
    "allbank",
    "amazonpay",
    "apl",
    "aubank",
    "axisb",
    "axisbank",
    "axisgo",
    "axl",
    "bandhan",
    "barodampay",
    "barodapay",
    "boi",
    "cboi",
    "centralbank",
    "cmsidfc",
    "cnrb",
    "csbcash",
    "csbpay",
    "dbs",
    "dcb",
    "dlb",
    "eazypay",
    "equitas",
    "ezeepay",
    "fbl",
    "finobank",
    "freecharge",
    "goaxb",
    "hdfcbank",
    "hdfcbankjd",
    "hsbc",
    "ibl",
    "icici",
    "idbi",
    "idbibank",
    "idfc",
    "idfcbank",
    "idfcfirst",
    "idfcnetc",
    "ikwik",
    "imobile",
    "indianbank",
    "indus",
    "indusind",
    "iob",
    "jkb",
    "jsb",
    "jsbp",
    "jupiteraxis",
    "karb",
    "kaypay",
    "kbl",
    "kmbl",
    "kotak",
    "kotak811",
    "kvb",
    "kvbank",
    "lvb",
    "mahb",
    "myicici",
    "naviaxis",
    "niyoicici",
    "nsdl",
    "okaxis",
    "okbizaxis",
    "okhdfcbank",
    "okicici",
    "oksbi",
    "oxymoney",
    "paytm",
    "payzapp",
    "pingpay",
    "pnb",
    "pockets",
    "postbank",
    "psb",
    "ptaxis",
    "pthdfc",
    "ptsbi",
    "ptyes",
    "rapl",
    "rbl",
    "rmhdfcbank",
    "sbi",
    "shriramhdfcbank",
    "sib",
    "sliceaxis",
    "srcb",
    "superyes",
    "tapicici",
    "timecosmos",
    "tmb",
    "uboi",
    "uco",
    "ucobank",
    "unionbank",
    "unionbankofindia",
    "upi",
    "utbi",
    "vijb",
    "waaxis",
    "wahdfcbank",
    "waicici",
    "wasbi",
    "yapl",
    "ybl",
    "yesb",
    "yesbank",
    "yesbankltd",
    "yesg",
    "yespay",
    "yespop",
]);

pub(super) fn attempt(text: &str, sign: &Range<usize>) -> Attempt {
    let bytes = text.as_bytes();
    let end = run_end(bytes, sign.end, MAX_HANDLE, |byte| {
        byte.is_ascii_alphanumeric()
    });
    let nothing = Attempt::nothing(sign.end, end - sign.end);
    // The domain of an e-mail address goes on.
    let goes_on = match bytes[end..] {
        [b'.' | b'-' | b'@' | b':', next, ..] => next.is_ascii_alphanumeric(),
        [b'_' | b'/' | b'(' | 0x80.., ..] => true,
        _ => false,
    };
    if goes_on || !HANDLES.has_bytes(&bytes[sign.end..end]) {
        return nothing;
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let from = run_start(bytes, sign.start, MAX_NAME, is_name);
    let name = text[from..sign.start].trim_start_matches(['.', '-', '_']);
    let start = sign.start - name.len();
    let joined =
        text[..start].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '@' | '+'));
    if name.len() < 2 || joined || name.ends_with(['.', '-', '_']) {
        return nothing;
    }
    Attempt::found(Value::bare(start..end), end - start)
}

#[cfg(test)]
mod tests {
    use super::attempt;

    #[test]
    fn an_address_ends_with_a_known_handle_and_is_none_of_mail() {
        for (text, found) in [
            ("to meena.rao@okaxis, thanks", Some("meena.rao@okaxis")),
            ("9811122233@YBL.", Some("9811122233@YBL")),
            ("-meena@okaxis", Some("meena@okaxis")),
            ("meena@okaxis.com", None),
            ("meena@okaxisbank", None),
            ("m@okaxis", None),
            ("x/meena@okaxis", None),
            ("meena@okaxis(1)", None),
        ] {
            let at = text.find('@').expect("there is one");
            let value = attempt(text, &(at..at + 1)).value;
            assert_eq!(value.map(|value| &text[value.span]), found, "{text}");
        }
    }
}
