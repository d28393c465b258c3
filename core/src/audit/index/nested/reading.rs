//! The keys of the members of a line, without reading it as a whole.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{Path, float};

/// Gives the keys of all members of a record to `found`: those before the place at which a line turns out to be none.
pub(in crate::audit) fn each_key(line: &[u8], mut found: impl FnMut(u64)) {
    let mut reader = serde_json::Deserializer::from_slice(line);
    let members = Members {
        path: Path::RECORD,
        found: &mut found,
    };
    let _ = members.deserialize(&mut reader);
}

/// The value at a path.
struct Members<'f, F> {
    path: Path,
    found: &'f mut F,
}

impl<F: FnMut(u64)> Members<'_, F> {
    fn found(self, key: u64) {
        if self.path.depth > 0 {
            (self.found)(key);
        }
    }
}

impl<'de, F: FnMut(u64)> DeserializeSeed<'de> for Members<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, F: FnMut(u64)> Visitor<'de> for Members<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.path.by_record {
            return Ok(());
        }
        let key = self.path.text(text);
        self.found(key);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        let key = self.path.value(&Value::Null);
        self.found(key);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        let key = self.path.boolean(value);
        self.found(key);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        let key = self.path.number(float(&number.into()));
        self.found(key);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        let key = self.path.number(float(&number.into()));
        self.found(key);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        let key = self.path.number(number);
        self.found(key);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        let key = self.path.array();
        self.found(key);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(path) = members.next_key_seed(Name(self.path))? {
            match path {
                Some(path) => members.next_value_seed(Members {
                    path,
                    found: &mut *self.found,
                })?,
                None => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let key = self.path.object();
        self.found(key);
        Ok(())
    }
}

/// The name of a member of what stands at a path.
struct Name(Path);

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Option<Path>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<Path>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.member(name))
    }
}
