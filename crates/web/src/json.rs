//! A JSON body, read strictly: one object, every name once.

use std::fmt;

use defects::{Defect, seeded};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::fields::{BodyRefused, Fields};

/// The fields of a body that is one JSON object and nothing else.
///
/// Refused as `Malformed`: bad syntax (RFC 8259), an empty body, bytes after the object, invalid
/// UTF-8, a name that occurs twice in one object at any depth (two readers could take different
/// values), nesting deeper than 127. A body of another JSON type is `NotAnObject`.
pub fn json_fields(bytes: &[u8]) -> Result<Fields, BodyRefused> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return match whole::<Strict>(bytes) {
            Some(_) => Err(BodyRefused::NotAnObject),
            None => Err(BodyRefused::Malformed),
        };
    }
    let pairs = whole::<Pairs>(bytes).ok_or(BodyRefused::Malformed)?;
    let fields = Fields::new(pairs.0);
    if fields.has_duplicates() && !seeded(Defect::NamesTwice) {
        Err(BodyRefused::Malformed)
    } else {
        Ok(fields)
    }
}

fn whole<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

/// The members of the outermost object, in order.
struct Pairs(Vec<(String, Value)>);

/// A value whose objects, at any depth, have every name once.
struct Strict(Value);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some((name, Strict(value))) = members.next_entry()? {
            pairs.push((name, value));
        }
        Ok(Pairs(pairs))
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(Value::from(value)))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(Value::from(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(Value::from(value)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Strict, E> {
        Ok(Strict(Value::from(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict(Value::from(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Strict(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Strict, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a name occurs twice"));
            }
        }
        Ok(Strict(Value::Object(object)))
    }
}

#[cfg(test)]
mod tests;
