//! The committed schema, for tests over all its fields, including later ones.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use serde_json::{Map, Value, json};

use super::PASSWORD;

/// Types by name.
#[derive(Debug)]
pub struct Sdl(pub BTreeMap<String, TypeDefinition>);

impl Sdl {
    pub fn committed() -> Self {
        Self::parse(include_str!("../../../schema.graphql"))
    }

    /// Fields of `extend type` are added to those of the type.
    pub fn parse(text: &str) -> Self {
        let mut types = BTreeMap::<String, TypeDefinition>::new();
        for definition in parse_schema(text).expect("SDL").definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let definition = definition.node;
            match (types.get_mut(definition.name.node.as_str()).map(|known| &mut known.kind), definition.kind) {
                (Some(TypeKind::Object(known)), TypeKind::Object(more)) if definition.extend => {
                    known.fields.extend(more.fields);
                }
                (known, kind) => {
                    assert!(known.is_none(), "{} is defined twice", definition.name.node);
                    types.insert(definition.name.node.to_string(), TypeDefinition { kind, ..definition });
                }
            }
        }
        Self(types)
    }

    pub fn kind(&self, name: &str) -> &TypeKind {
        &self.0.get(name).unwrap_or_else(|| panic!("no type {name}")).kind
    }

    /// The fields of an object or interface; none for other types.
    pub fn fields(&self, name: &str) -> Vec<&FieldDefinition> {
        let fields = match self.0.get(name).map(|definition| &definition.kind) {
            Some(TypeKind::Object(object)) => &object.fields,
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => return Vec::new(),
        };
        fields.iter().map(|field| &field.node).collect()
    }

    /// One field of an object or interface.
    pub fn field(&self, of: &str, name: &str) -> &FieldDefinition {
        let found = self.fields(of).into_iter().find(|field| field.name.node == name);
        found.unwrap_or_else(|| panic!("no field {of}.{name}"))
    }

    /// The fields of an input object.
    pub fn inputs(&self, name: &str) -> Vec<&InputValueDefinition> {
        match self.0.get(name).map(|definition| &definition.kind) {
            Some(TypeKind::InputObject(input)) => input.fields.iter().map(|field| &field.node).collect(),
            _ => Vec::new(),
        }
    }

    pub fn implements(&self, name: &str, interface: &str) -> bool {
        match self.kind(name) {
            TypeKind::Object(object) => object.implements.iter().any(|implemented| implemented.node == interface),
            _ => false,
        }
    }

    /// The paths of the arguments that take ids: `input.operatorId`, `id`.
    pub fn id_paths(&self, arguments: &[&InputValueDefinition], below: &str) -> Vec<String> {
        let mut paths = Vec::new();
        for argument in arguments {
            let path = format!("{below}{}", argument.name.node);
            match named(&argument.ty.node) {
                "ID" => paths.push(path),
                other => paths.extend(self.id_paths(&self.inputs(other), &format!("{path}."))),
            }
        }
        paths
    }

    /// A call of a root field with all its arguments, each with a valid value. A file is null.
    pub fn call(&self, operation: &str, field: &FieldDefinition, id_at: &dyn Fn(&str) -> String) -> (String, Value) {
        let name = &field.name.node;
        let (mut heads, mut passed, mut variables) = (Vec::new(), Vec::new(), Map::new());
        for argument in &field.arguments {
            let argument = &argument.node;
            heads.push(format!("${}: {}", argument.name.node, argument.ty.node));
            passed.push(format!("{0}: ${0}", argument.name.node));
            variables.insert(argument.name.node.to_string(), self.value(argument, &argument.name.node, id_at));
        }
        let [heads, passed] =
            [heads, passed].map(|list| if list.is_empty() { String::new() } else { format!("({})", list.join(", ")) });
        let below = match named(&field.ty.node) {
            payload if self.fields(payload).iter().any(|field| field.name.node == "userErrors") => {
                "{ __typename userErrors { __typename message path } }"
            }
            _ => "{ __typename }",
        };
        (format!("{operation}{heads} {{ {name}{passed} {below} }}"), Value::Object(variables))
    }

    fn value(&self, argument: &InputValueDefinition, path: &str, id_at: &dyn Fn(&str) -> String) -> Value {
        let (ty, name) = (&argument.ty.node, argument.name.node.as_str());
        let one = match (named(ty), name) {
            ("ID", _) => json!(id_at(path)),
            ("Upload", _) => Value::Null,
            ("String", "email") => json!("someone@elsewhere.example"),
            ("String", "currentPassword") => json!(PASSWORD),
            ("String", "password" | "newPassword") => json!("nine-herons-paint-ladders"),
            ("String", _) => json!("Something"),
            ("Int", _) => json!(3),
            ("Boolean", _) => json!(true),
            ("PlanCode", _) => json!("STANDARD"),
            ("SessionTransport", _) => json!("TOKEN"),
            ("AccessLevel", _) => json!("FULL"),
            ("Language", _) => json!("CS"),
            ("ConversationStatus", _) => json!("OPEN"),
            ("DateTime", _) => json!("2100-01-01T00:00:00Z"),
            (input, _) if !self.inputs(input).is_empty() => {
                let fields = self.inputs(input).into_iter();
                let fields = fields.map(|field| {
                    let name = field.name.node.to_string();
                    let value = self.value(field, &format!("{path}.{name}"), id_at);
                    (name, value)
                });
                Value::Object(fields.collect())
            }
            (other, _) => panic!("{path} has the type {other}: add a valid value for it here"),
        };
        if is_list(ty) { json!([one]) } else { one }
    }
}

/// The name of a type, without lists and non-null markers.
pub fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

pub fn is_list(ty: &Type) -> bool {
    matches!(ty.base, BaseType::List(_))
}
