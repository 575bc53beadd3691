//! The OpenAPI document, made from the table of endpoints.

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::{Guard, Route, table};

/// The document (OpenAPI 3.1), also checked in as docs/openapi.json.
pub fn document() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = SchemaGenerator::new(settings);
    let mut paths = Map::new();
    for route in table() {
        let operation = operation(&route, &mut generator);
        if let Value::Object(methods) = paths.entry(route.path).or_insert_with(|| json!({})) {
            methods.insert(route.verb.as_str().into(), operation);
        }
    }
    generator.subschema_for::<api::Problem>();
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "deadstick",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Facts, incidents and their timelines. Everything a person does is a command; \
                everything else is read. What one may not see is answered as what is not there.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "deadstick"},
            },
        },
        "security": [{"token": []}, {"session": []}],
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut parameters: Vec<Value> = path_parameters(route.path)
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    if let Some(query) = route.query {
        parameters.extend(query_parameters(query(generator), generator));
    }
    let content = |schema: Value| json!({"schema": schema});
    let mut answer = json!({"description": route.answer.says});
    if route.answer.status != 204 {
        let schema = match route.answer.schema {
            Some(schema) => schema(generator).to_value(),
            None => json!({"type": "string"}),
        };
        answer["content"] = json!({ route.answer.media: content(schema) });
    }
    let problem = json!({
        "description": "What failed, why, and what to do.",
        "content": {"application/problem+json": content(json!({"$ref": "#/components/schemas/Problem"}))},
    });
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.summary,
        "x-guard": match route.guard {
            Guard::Person(act) => format!("{act:?}"),
            Guard::Source => "Source".into(),
        },
        "responses": { route.answer.status.to_string(): answer, "default": problem },
    });
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    if let Some(body) = route.body {
        operation["requestBody"] = json!({
            "required": true,
            "content": {route.takes: content(body(generator).to_value())},
        });
    }
    operation
}

fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// The fields of a query's type as parameters; the type itself is no part of the document.
fn query_parameters(schema: Schema, generator: &mut SchemaGenerator) -> Vec<Value> {
    let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
    let object = match name {
        Some(name) => generator.definitions_mut().remove(name).unwrap_or_default(),
        None => schema.to_value(),
    };
    let required: Vec<&str> =
        object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fields = object["properties"].as_object().into_iter().flatten();
    fields
        .map(|(name, schema)| {
            let mut schema = schema.clone();
            let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
            json!({
                "name": name,
                "in": "query",
                "required": required.contains(&name.as_str()),
                "description": description.unwrap_or_default(),
                "schema": schema,
            })
        })
        .collect()
}
