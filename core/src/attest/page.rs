//! An attestation as a page for people.

use std::fmt::Write as _;

use serde_json::Value;

/// HTML without scripts, and without anything that would be loaded from elsewhere.
pub(super) fn html(document: &Value) -> String {
    let holds = document["holds"] == Value::Bool(true);
    let verdict = if holds {
        "everything that was tried was refused"
    } else {
        "NOT everything is enforced"
    };
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Cloister attestation</title>\n\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:52em;margin:2em auto;padding:0 1em}}\
         table{{border-collapse:collapse}}td,th{{border:1px solid #ccc;padding:.2em .6em;text-align:left}}\
         .yes{{color:#065}}.no{{color:#900}}code{{overflow-wrap:anywhere}}</style></head><body>\n\
         <h1>Cloister attestation</h1>\n<p class=\"{}\"><strong>{verdict}</strong></p>\n",
        if holds { "yes" } else { "no" },
    );
    let facts = [
        ("made", &document["created"]),
        ("library", &document["library"]["version"]),
        ("library file, SHA-256", &document["library"]["file_sha256"]),
        (
            "import table, SHA-256",
            &document["library"]["imports"]["names_sha256"],
        ),
        ("kernel", &document["system"]["kernel"]),
        ("model", &document["engine"]["model"]),
        ("model file, SHA-256", &document["engine"]["model_sha256"]),
        (
            "adapter file, SHA-256",
            &document["engine"]["adapter_sha256"],
        ),
        ("model file vouched for by", &document["engine"]["verified"]),
        ("signer of the model", &document["engine"]["signer"]),
        ("lockdown", &document["engine"]["lockdown"]),
        (
            "MAC (HMAC-SHA256 under the audit key)",
            &document["mac"]["value"],
        ),
    ];
    let rows = facts.map(|(name, value)| vec![name.to_owned(), text(value)]);
    table(&mut page, &[], &rows);
    for (title, class, name) in [
        ("Enforced", "yes", "enforced"),
        ("Not enforced", "no", "not_enforced"),
    ] {
        append(
            &mut page,
            format_args!("<h2 class=\"{class}\">{title}</h2>\n<ul>\n"),
        );
        for line in document[name].as_array().into_iter().flatten() {
            append(
                &mut page,
                format_args!("<li>{}</li>\n", escape(&text(line))),
            );
        }
        page.push_str("</ul>\n");
    }
    section(
        &mut page,
        "Tried on the engine's thread",
        &["what", "refused"],
        &document["engine"]["tried"],
    );
    section(
        &mut page,
        "Threads of the process (Seccomp: 0 not confined, 2 behind filters)",
        &["name", "seccomp", "filters", "no_new_privileges"],
        &document["process"]["threads"],
    );
    section(
        &mut page,
        "Refused so far",
        &["call", "grave", "count"],
        &document["engine"]["violations"],
    );
    page.push_str("</body></html>\n");
    page
}

fn section(page: &mut String, title: &str, names: &[&str], list: &Value) {
    let rows: Vec<Vec<String>> = list
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| names.iter().map(|name| text(&row[*name])).collect())
        .collect();
    append(page, format_args!("<h2>{}</h2>\n", escape(title)));
    if rows.is_empty() {
        page.push_str("<p>none</p>\n");
    } else {
        table(page, names, &rows);
    }
}

fn table(page: &mut String, head: &[&str], rows: &[Vec<String>]) {
    page.push_str("<table>\n");
    if !head.is_empty() {
        page.push_str("<tr>");
        for name in head {
            append(page, format_args!("<th>{}</th>", escape(name)));
        }
        page.push_str("</tr>\n");
    }
    for row in rows {
        page.push_str("<tr>");
        for cell in row {
            append(page, format_args!("<td><code>{}</code></td>", escape(cell)));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table>\n");
}

/// Writing to a text cannot fail.
fn append(page: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = page.write_fmt(text);
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        other => other.to_string(),
    }
}

/// A model's name is text from a file.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::html;

    #[test]
    fn a_name_from_a_file_is_no_markup() {
        let page = html(&json!({ "engine": { "model": "<script>alert(1)</script>" } }));
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
    }
}
