//! The examples of the built-in rules, apart from the rules because scanning has no use for them.

use std::collections::HashMap;

use once_cell::sync::Lazy;

/// Texts with a value between `«` and `»`, and texts that look alike and have none.
#[derive(Default)]
pub(super) struct Examples {
    pub(super) with_value: Vec<String>,
    pub(super) without: Vec<String>,
}

static EXAMPLES: Lazy<HashMap<String, Examples>> = Lazy::new(|| {
    let text = include_str!(concat!(env!("OUT_DIR"), "/rules/examples.json"));
    let all: HashMap<String, (Vec<String>, Vec<String>)> =
        serde_json::from_str(text).expect("the build script wrote it in this form");
    all.into_iter()
        .map(|(id, (with_value, without))| {
            (
                id,
                Examples {
                    with_value,
                    without,
                },
            )
        })
        .collect()
});

/// The examples of the built-in rule `id`; all are read where the first are asked for.
pub(super) fn examples(id: &str) -> Option<&'static Examples> {
    EXAMPLES.get(id)
}
