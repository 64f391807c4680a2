//! What a type looks like on the wire, found out by reading it from nothing: each part that serde asks for is
//! written down and answered with a zero.
//!
//! An enum is read again and again until each of its variants has been asked for, so what the page of the control
//! protocol says of a type is what the programs read.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::value::Error;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// `u32`, `string`
    Plain(&'static str),
    Option(Box<Shape>),
    List(Box<Shape>),
    Tuple(Vec<Field>),
    Map(Box<Shape>, Box<Shape>),
    /// A struct or an enum, which is described under this name.
    Named(String),
}

/// What a struct or a variant holds, in the order of the bytes; the name is empty where there is none.
pub type Field = (String, Shape);

/// A struct or an enum.
#[derive(Debug, Clone)]
pub enum Type {
    Struct(Vec<Field>),
    /// The variants by position; `None` until it was read.
    Enum(Vec<(String, Option<Vec<Field>>)>),
}

/// All types that were met.
#[derive(Debug, Default)]
pub struct Shapes {
    pub types: BTreeMap<String, Type>,
}

impl Shapes {
    /// Reads `T` until all of it has been seen, and returns its shape.
    pub fn explore<T: DeserializeOwned>(&mut self) -> Shape {
        loop {
            let mut shape = None;
            T::deserialize(Reader {
                shapes: self,
                found: &mut shape,
            })
            .unwrap_or_else(|error| panic!("{}: {error}", type_name::<T>()));
            let shape = shape.unwrap();
            if self.is_known(&shape, &mut BTreeSet::new()) {
                return shape;
            }
        }
    }

    fn is_known(&self, shape: &Shape, seen: &mut BTreeSet<String>) -> bool {
        match shape {
            Shape::Plain(_) => true,
            Shape::Option(inner) | Shape::List(inner) => self.is_known(inner, seen),
            Shape::Map(key, value) => self.is_known(key, seen) && self.is_known(value, seen),
            Shape::Tuple(fields) => self.are_known(fields, seen),
            Shape::Named(name) if !seen.insert(name.clone()) => true,
            Shape::Named(name) => match self.types.get(name) {
                None => false,
                Some(Type::Struct(fields)) => self.are_known(fields, seen),
                Some(Type::Enum(variants)) => variants
                    .iter()
                    .all(|(_, fields)| fields.as_ref().is_some_and(|fields| self.are_known(fields, seen))),
            },
        }
    }

    fn are_known(&self, fields: &[Field], seen: &mut BTreeSet<String>) -> bool {
        fields.iter().all(|(_, shape)| self.is_known(shape, seen))
    }

    /// The variant to read next: one that was not read, or one with something below it that was not.
    fn next_variant(&self, name: &str) -> usize {
        let Some(Type::Enum(variants)) = self.types.get(name) else {
            return 0;
        };
        let unread = variants.iter().position(|(_, fields)| fields.is_none());
        let is_partly_known = |fields: &Option<Vec<Field>>| {
            let fields = fields.as_deref().unwrap_or_default();
            !self.are_known(fields, &mut BTreeSet::from([name.to_owned()]))
        };
        let partly = || variants.iter().position(|(_, fields)| is_partly_known(fields));
        unread.or_else(partly).unwrap_or(0)
    }
}

struct Reader<'a> {
    shapes: &'a mut Shapes,
    found: &'a mut Option<Shape>,
}

macro_rules! plain {
    ($($method:ident $visit:ident $word:literal $value:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            *self.found = Some(Shape::Plain($word));
            visitor.$visit($value)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Error;

    plain! {
        deserialize_bool visit_bool "bool" false;
        deserialize_u8 visit_u8 "u8" 0;
        deserialize_u16 visit_u16 "u16" 0;
        deserialize_u32 visit_u32 "u32" 0;
        deserialize_u64 visit_u64 "u64" 0;
        deserialize_i8 visit_i8 "i8" 0;
        deserialize_i16 visit_i16 "i16" 0;
        deserialize_i32 visit_i32 "i32" 0;
        deserialize_i64 visit_i64 "i64" 0;
        deserialize_f32 visit_f32 "f32" 0.0;
        deserialize_f64 visit_f64 "f64" 0.0;
        deserialize_str visit_str "string" "";
        deserialize_string visit_str "string" "";
        deserialize_bytes visit_bytes "bytes" &[];
        deserialize_byte_buf visit_bytes "bytes" &[];
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.found = Some(Shape::Plain("nothing"));
        visitor.visit_unit()
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        *self.found = Some(Shape::Plain("char"));
        visitor.visit_char('0')
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("the type does not say what it is"))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut inner = None;
        let value = visitor.visit_some(Reader {
            shapes: self.shapes,
            found: &mut inner,
        })?;
        *self.found = inner.map(|inner| Shape::Option(Box::new(inner)));
        Ok(value)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    /// On the wire it is what it holds.
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut fields = Vec::new();
        let value = visitor.visit_seq(Parts::new(self.shapes, &[], 1, &mut fields))?;
        *self.found = fields.pop().map(|(_, shape)| Shape::List(Box::new(shape)));
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        let mut fields = Vec::new();
        let value = visitor.visit_seq(Parts::new(self.shapes, &[], length, &mut fields))?;
        *self.found = Some(Shape::Tuple(fields));
        Ok(value)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut fields = Vec::new();
        let value = visitor.visit_map(Parts::new(self.shapes, &[], 2, &mut fields))?;
        let mut shapes = fields.into_iter().map(|(_, shape)| Box::new(shape));
        if let (Some(key), Some(value)) = (shapes.next(), shapes.next()) {
            *self.found = Some(Shape::Map(key, value));
        }
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut fields = Vec::new();
        let value = visitor.visit_seq(Parts::new(self.shapes, names, names.len(), &mut fields))?;
        self.shapes.types.insert(name.to_owned(), Type::Struct(fields));
        *self.found = Some(Shape::Named(name.to_owned()));
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        *self.found = Some(Shape::Named(name.to_owned()));
        let unread = || Type::Enum(names.iter().map(|name| ((*name).to_owned(), None)).collect());
        self.shapes.types.entry(name.to_owned()).or_insert_with(unread);
        let index = self.shapes.next_variant(name);
        let mut fields = Vec::new();
        let value = visitor.visit_enum(Variant {
            shapes: self.shapes,
            index: u32::try_from(index).unwrap(),
            fields: &mut fields,
        })?;
        if let Some(Type::Enum(variants)) = self.shapes.types.get_mut(name) {
            variants[index].1 = Some(fields);
        }
        Ok(value)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The parts of a struct, a tuple or a list, one after the other.
struct Parts<'a> {
    shapes: &'a mut Shapes,
    names: &'static [&'static str],
    left: usize,
    fields: &'a mut Vec<Field>,
}

impl<'a> Parts<'a> {
    fn new(shapes: &'a mut Shapes, names: &'static [&'static str], left: usize, fields: &'a mut Vec<Field>) -> Self {
        Self {
            shapes,
            names,
            left,
            fields,
        }
    }

    fn read<'de, T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        self.left -= 1;
        let mut shape = None;
        let value = seed.deserialize(Reader {
            shapes: self.shapes,
            found: &mut shape,
        })?;
        let name = self.names.get(self.fields.len()).copied().unwrap_or_default();
        let shape = shape.ok_or_else(|| Error::custom(format!("{name} was not read")))?;
        self.fields.push((name.to_owned(), shape));
        Ok(value)
    }
}

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        match self.left {
            0 => Ok(None),
            _ => self.read(seed).map(Some),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for Parts<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        self.read(seed)
    }
}

struct Variant<'a> {
    shapes: &'a mut Shapes,
    index: u32,
    fields: &'a mut Vec<Field>,
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Error> {
        let index = serde::de::value::U32Deserializer::<Error>::new(self.index);
        Ok((seed.deserialize(index)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        Parts::new(self.shapes, &[], 1, self.fields).read(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Parts::new(self.shapes, &[], length, self.fields))
    }

    fn struct_variant<V: Visitor<'de>>(self, names: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(Parts::new(self.shapes, names, names.len(), self.fields))
    }
}

impl Shape {
    /// As the page writes it; names of types stand between backquotes.
    pub fn text(&self) -> String {
        match self {
            Self::Plain(word) => (*word).to_owned(),
            Self::Option(inner) => format!("option of {}", inner.text()),
            Self::List(inner) => format!("list of {}", inner.text()),
            Self::Map(key, value) => format!("map of {} to {}", key.text(), value.text()),
            Self::Tuple(fields) => format!("({})", fields_text(fields)),
            Self::Named(name) => format!("`{name}`"),
        }
    }
}

/// `client_id: string, qos: u8`
pub fn fields_text(fields: &[Field]) -> String {
    let one = |(name, shape): &Field| match name.is_empty() {
        true => shape.text(),
        false => format!("{name}: {}", shape.text()),
    };
    fields.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[test]
fn every_variant_is_found_however_deep_it_is() {
    #[derive(serde::Deserialize)]
    #[allow(dead_code)]
    enum Inner {
        A,
        B { x: Option<u16> },
    }
    #[derive(serde::Deserialize)]
    #[allow(dead_code)]
    enum Outer {
        One(Vec<Inner>),
        Two(u8, String),
    }
    let mut shapes = Shapes::default();
    assert_eq!(shapes.explore::<Outer>(), Shape::Named("Outer".to_owned()));
    let Some(Type::Enum(variants)) = shapes.types.get("Inner") else {
        panic!("{:?}", shapes.types)
    };
    assert_eq!(fields_text(variants[1].1.as_ref().unwrap()), "x: option of u16");
    let Some(Type::Enum(variants)) = shapes.types.get("Outer") else {
        panic!("{:?}", shapes.types)
    };
    assert_eq!(fields_text(variants[1].1.as_ref().unwrap()), "u8, string");
}
