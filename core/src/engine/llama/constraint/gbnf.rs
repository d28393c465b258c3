//! llama.cpp's grammar notation (GBNF), in llguidance's variant of Lark.
//!
//! llguidance cuts text into lexemes before it parses, GBNF does not. So whatever is regular becomes one lexeme: a rule that
//! never comes back to itself is written into its place as a regular expression, and only recursive rules stay rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::{Error, Kind, Result};

/// Most bytes of the translation.
const MAX_SIZE: usize = 1 << 20;
/// Deepest nesting of parentheses.
const MAX_DEPTH: usize = 64;

/// The grammar `source`, from its rule `root`.
pub(super) fn to_lark(source: &str) -> Result<String> {
    let rules = Parser::new(source).rules()?;
    let grammar = Grammar::new(rules)?;
    grammar.lark()
}

fn malformed() -> Error {
    Error::new(
        Kind::InvalidArgument,
        "the grammar is not valid GBNF; hint: each rule is `name ::= …`, the first to be matched is `root`, and every \
         rule that is used must be there",
    )
}

fn too_large() -> Error {
    Error::new(Kind::TooLarge, "the grammar is too large")
}

enum Node {
    /// Part of a regular expression that matches one text or one character.
    Regular(String),
    Rule(String),
    All(Vec<Node>),
    Any(Vec<Node>),
    Repeat(Box<Node>, u32, Option<u32>),
}

impl Node {
    fn names<'n>(&'n self, names: &mut BTreeSet<&'n str>) {
        match self {
            Self::Regular(_) => {}
            Self::Rule(name) => drop(names.insert(name)),
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().for_each(|node| node.names(names)),
            Self::Repeat(node, ..) => node.names(names),
        }
    }
}

struct Parser<'s> {
    rest: &'s str,
    depth: usize,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            rest: source,
            depth: 0,
        }
    }

    fn rules(mut self) -> Result<BTreeMap<String, Node>> {
        let mut rules = BTreeMap::new();
        self.skip();
        while !self.rest.is_empty() {
            let name = self.name().ok_or_else(malformed)?;
            if !self.eat("::=") {
                return Err(malformed());
            }
            let node = self.alternatives()?;
            if rules.insert(name.to_owned(), node).is_some() {
                return Err(malformed());
            }
        }
        Ok(rules)
    }

    fn alternatives(&mut self) -> Result<Node> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_large());
        }
        let mut any = vec![self.sequence()?];
        while self.eat("|") {
            any.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(match any.len() {
            1 => any.remove(0),
            _ => Node::Any(any),
        })
    }

    fn sequence(&mut self) -> Result<Node> {
        let mut all = Vec::new();
        while let Some(node) = self.item()? {
            all.push(self.repeated(node)?);
        }
        Ok(Node::All(all))
    }

    fn item(&mut self) -> Result<Option<Node>> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(None);
        };
        let node = match first {
            '"' => self.literal()?,
            '[' => self.class()?,
            '.' => {
                self.eat(".");
                Node::Regular("[\\u{0}-\\u{10FFFF}]".to_owned())
            }
            '(' => {
                self.eat("(");
                let node = self.alternatives()?;
                if !self.eat(")") {
                    return Err(malformed());
                }
                node
            }
            _ => {
                let before = self.rest;
                let Some(name) = self.name() else {
                    return Ok(None);
                };
                if self.rest.starts_with("::=") {
                    self.rest = before;
                    return Ok(None);
                }
                Node::Rule(name.to_owned())
            }
        };
        Ok(Some(node))
    }

    fn repeated(&mut self, mut node: Node) -> Result<Node> {
        loop {
            let (least, most) = if self.eat("*") {
                (0, None)
            } else if self.eat("+") {
                (1, None)
            } else if self.eat("?") {
                (0, Some(1))
            } else if self.eat("{") {
                self.bounds()?
            } else {
                return Ok(node);
            };
            node = Node::Repeat(Box::new(node), least, most);
        }
    }

    fn bounds(&mut self) -> Result<(u32, Option<u32>)> {
        let least = self.number();
        let bounds = if self.eat(",") {
            (least.unwrap_or(0), self.number())
        } else {
            let exact = least.ok_or_else(malformed)?;
            (exact, Some(exact))
        };
        let ordered = bounds.1.is_none_or(|most| bounds.0 <= most);
        if !ordered || !self.eat("}") {
            return Err(malformed());
        }
        Ok(bounds)
    }

    fn number(&mut self) -> Option<u32> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = self.rest[..digits].parse().ok()?;
        self.rest = &self.rest[digits..];
        self.skip();
        Some(number)
    }

    fn name(&mut self) -> Option<&'s str> {
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_';
        let length = self.rest.bytes().take_while(part).count();
        let (name, rest) = self.rest.split_at(length);
        if name.is_empty() {
            return None;
        }
        self.rest = rest;
        self.skip();
        Some(name)
    }

    fn literal(&mut self) -> Result<Node> {
        self.rest = &self.rest[1..];
        let mut regular = String::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix('"') {
                self.rest = rest;
                self.skip();
                return Ok(Node::Regular(regular));
            }
            push_char(&mut regular, self.char()?);
        }
    }

    fn class(&mut self) -> Result<Node> {
        self.rest = &self.rest[1..];
        let mut regular = String::from("[");
        if let Some(rest) = self.rest.strip_prefix('^') {
            self.rest = rest;
            regular.push('^');
        }
        let empty = regular.len();
        loop {
            if let Some(rest) = self.rest.strip_prefix(']') {
                self.rest = rest;
                self.skip();
                if regular.len() == empty {
                    return Err(malformed());
                }
                regular.push(']');
                return Ok(Node::Regular(regular));
            }
            let first = self.char()?;
            push_char(&mut regular, first);
            let mut following = self.rest.chars();
            if following.next() == Some('-') && following.next().is_some_and(|end| end != ']') {
                self.rest = &self.rest[1..];
                let last = self.char()?;
                if last < first {
                    return Err(malformed());
                }
                regular.push('-');
                push_char(&mut regular, last);
            }
        }
    }

    /// One character of a literal or a class, which may be escaped.
    fn char(&mut self) -> Result<char> {
        let mut chars = self.rest.chars();
        let first = chars.next().ok_or_else(malformed)?;
        if first != '\\' {
            self.rest = chars.as_str();
            return Ok(first);
        }
        let kind = chars.next().ok_or_else(malformed)?;
        let digits = match kind {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let tail = chars.as_str();
        self.rest = tail.get(digits..).ok_or_else(malformed)?;
        match kind {
            'n' => Ok('\n'),
            'r' => Ok('\r'),
            't' => Ok('\t'),
            '\\' | '"' | '[' | ']' | '-' | '^' => Ok(kind),
            'x' | 'u' | 'U' => u32::from_str_radix(&tail[..digits], 16)
                .ok()
                .and_then(char::from_u32)
                .ok_or_else(malformed),
            _ => Err(malformed()),
        }
    }

    fn eat(&mut self, text: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(text) else {
            return false;
        };
        self.rest = rest;
        self.skip();
        true
    }

    /// White space and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('#') {
                return;
            }
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }
}

/// A character in a regular expression, inside brackets or not.
fn push_char(regular: &mut String, char: char) {
    if char.is_ascii_alphanumeric() {
        regular.push(char);
    } else {
        // Writing to a String cannot fail.
        let _ = write!(regular, "\\u{{{:X}}}", u32::from(char));
    }
}

struct Grammar {
    rules: BTreeMap<String, Node>,
    /// Rules that never come back to themselves, as regular expressions.
    regular: BTreeMap<String, String>,
}

impl Grammar {
    fn new(rules: BTreeMap<String, Node>) -> Result<Self> {
        let mut used = BTreeSet::from(["root"]);
        for node in rules.values() {
            node.names(&mut used);
        }
        if !used.into_iter().all(|name| rules.contains_key(name)) {
            return Err(malformed());
        }
        let mut grammar = Self {
            rules,
            regular: BTreeMap::new(),
        };
        grammar.find_regular()?;
        Ok(grammar)
    }

    /// From the leaves up: a rule is regular when all that it uses are.
    fn find_regular(&mut self) -> Result<()> {
        loop {
            let mut found = Vec::new();
            for (name, node) in &self.rules {
                if !self.regular.contains_key(name)
                    && let Some(regular) = self.regular_of(node)
                {
                    found.push((name.clone(), regular));
                }
            }
            if found.is_empty() {
                return Ok(());
            }
            if found.iter().any(|(_, regular)| regular.len() > MAX_SIZE) {
                return Err(too_large());
            }
            self.regular.extend(found);
        }
    }

    /// A regular expression for `node`, if everything that it uses is known to be regular.
    fn regular_of(&self, node: &Node) -> Option<String> {
        let joined = |nodes: &[Node], between: &str| {
            let parts: Option<Vec<_>> = nodes.iter().map(|node| self.regular_of(node)).collect();
            parts.map(|parts| parts.join(between))
        };
        Some(match node {
            Node::Regular(regular) => regular.clone(),
            Node::Rule(name) => format!("(?:{})", self.regular.get(name)?),
            Node::All(nodes) => joined(nodes, "")?,
            Node::Any(nodes) => format!("(?:{})", joined(nodes, "|")?),
            Node::Repeat(node, least, most) => {
                format!("(?:{}){}", self.regular_of(node)?, bounds(*least, *most))
            }
        })
    }

    fn lark(&self) -> Result<String> {
        let numbers: BTreeMap<&str, usize> =
            self.rules.keys().map(String::as_str).zip(0..).collect();
        let mut lark = String::new();
        for (name, node) in &self.rules {
            let text = match self.regular.get(name) {
                Some(_) if name != "root" => continue,
                Some(regular) => lexeme(regular),
                None => self.rule(node, &numbers),
            };
            let name = match name.as_str() {
                "root" => "start".to_owned(),
                name => format!("r{}", numbers[name]),
            };
            let _ = writeln!(lark, "{name}: {text}");
            if lark.len() > MAX_SIZE {
                return Err(too_large());
            }
        }
        Ok(lark)
    }

    fn rule(&self, node: &Node, numbers: &BTreeMap<&str, usize>) -> String {
        if let Some(regular) = self.regular_of(node) {
            return lexeme(&regular);
        }
        match node {
            Node::Regular(regular) => lexeme(regular),
            Node::Rule(name) if name == "root" => "start".to_owned(),
            Node::Rule(name) => format!("r{}", numbers[name.as_str()]),
            Node::Any(nodes) => {
                let any: Vec<_> = nodes.iter().map(|node| self.rule(node, numbers)).collect();
                format!("({})", any.join(" | "))
            }
            Node::Repeat(node, least, most) => {
                format!("({}){}", self.rule(node, numbers), bounds(*least, *most))
            }
            Node::All(nodes) => {
                // Neighbours that are regular are one lexeme.
                let mut all = Vec::new();
                let mut run = String::new();
                for node in nodes {
                    if let Some(regular) = self.regular_of(node) {
                        run.push_str(&regular);
                        continue;
                    }
                    if !run.is_empty() {
                        all.push(lexeme(&std::mem::take(&mut run)));
                    }
                    all.push(self.rule(node, numbers));
                }
                if !run.is_empty() {
                    all.push(lexeme(&run));
                }
                all.join(" ")
            }
        }
    }
}

fn bounds(least: u32, most: Option<u32>) -> String {
    match (least, most) {
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (0, Some(1)) => "?".to_owned(),
        (least, None) => format!("{{{least},}}"),
        (least, Some(most)) => format!("{{{least},{most}}}"),
    }
}

fn lexeme(regular: &str) -> String {
    if regular.is_empty() {
        "\"\"".to_owned()
    } else {
        format!("/{regular}/")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::to_lark;

    #[test]
    fn what_is_regular_becomes_one_expression() {
        let lark = to_lark("root ::= (\"yes\" | no)+ # a comment\nno ::= \"n\" [o-p]\n").unwrap();
        assert_eq!(lark, "start: /(?:(?:yes|(?:n[o-p])))+/\n");
    }

    #[test]
    fn what_comes_back_to_itself_stays_a_rule() {
        let lark = to_lark("root ::= \"(\" root \")\" | digit\ndigit ::= [0-9]").unwrap();
        assert_eq!(lark, "start: (/\\u{28}/ start /\\u{29}/ | /(?:[0-9])/)\n");
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic(text in "[a-c ::=|(){}*+?,.0-9\"\\[\\]^\\\\nxuU#\n-]{0,80}") {
            let _ = to_lark(&text);
            let _ = to_lark(&format!("root ::= {text}"));
        }
    }
}
