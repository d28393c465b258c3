//! Notes made from templates and values: what is an identifier in them is known because it was put there.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::labelled::{Document, Gold};

/// The file of templates and values.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stock {
    /// Texts with `{PHONE_NUMBER}` in the place of a value of that kind.
    templates: Vec<String>,
    /// Values of each kind. `#` stands for a digit, `%` for one that is not zero.
    values: BTreeMap<String, Vec<String>>,
}

/// As many notes as make use of every value, each template about as often as any other.
pub(crate) fn generate(stock: &str, seed: u64) -> Result<Vec<Document>, String> {
    let stock: Stock = toml::from_str(stock).map_err(|error| error.to_string())?;
    let mut digits = Digits(seed);
    let most = stock.values.values().map(Vec::len).max().unwrap_or(0);
    let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
    let mut documents = Vec::new();
    for round in 0..most.div_ceil(2) {
        for template in &stock.templates {
            documents.push(fill(template, &stock, &mut turns, &mut digits)?);
        }
        if turns
            .iter()
            .all(|(kind, turn)| *turn >= stock.values[*kind].len())
            && round >= 2
        {
            break;
        }
    }
    Ok(documents)
}

fn fill<'s>(
    template: &'s str,
    stock: &'s Stock,
    turns: &mut BTreeMap<&'s str, usize>,
    digits: &mut Digits,
) -> Result<Document, String> {
    let mut document = Document {
        text: String::new(),
        gold: Vec::new(),
    };
    let mut rest = template;
    while let Some((before, (kind, behind))) = rest
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        let values = stock
            .values
            .get(kind)
            .filter(|values| !values.is_empty())
            .ok_or_else(|| format!("there are no values of the kind {kind}"))?;
        let turn = turns.entry(kind).or_default();
        let value = &values[*turn % values.len()];
        *turn += 1;
        document.text.push_str(before);
        let start = document.text.len();
        document.text.extend(value.chars().map(|c| match c {
            '#' => digits.next(0),
            '%' => digits.next(1),
            c => c,
        }));
        // What is written in small letters fills a text without being an identifier.
        if !kind.starts_with(|c: char| c.is_ascii_lowercase()) {
            document.gold.push(Gold {
                kind: kind.split('.').next().unwrap_or(kind).to_owned(),
                span: start..document.text.len(),
            });
        }
        rest = behind;
    }
    document.text.push_str(rest);
    Ok(document)
}

/// Reproducible digits (Steele, Lea and Flood 2014, `SplitMix64`).
struct Digits(u64);

impl Digits {
    /// A digit that is at least `least`.
    fn next(&mut self, least: u64) -> char {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let digit = least + (mixed ^ (mixed >> 31)) % (10 - least);
        char::from(b'0' + u8::try_from(digit).unwrap_or(0))
    }
}
