//! Canonical JSON as TUF signs it (OLPC form, as securesystemslib writes it): keys in order, no space, no fractions,
//! nothing escaped but `"` and `\`.

use serde_json::Value;

/// Gives the bytes that are signed. `None` where a number is no integer, which signed metadata never have.
pub(crate) fn canonical(value: &Value) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Some(out)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Option<()> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) if number.is_f64() => return None,
        Value::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            // The order of UTF-8 bytes is that of code points, by which securesystemslib sorts.
            let mut keys: Vec<&String> = fields.keys().collect();
            keys.sort();
            out.push(b'{');
            for (place, key) in keys.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                write(&fields[key], out)?;
            }
            out.push(b'}');
        }
    }
    Some(())
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_little_is_escaped() {
        let value: Value = serde_json::from_str(r#"{"b": [1, true, null], "a": "x\"\\é\n", "B": {}}"#).unwrap();
        let want = "{\"B\":{},\"a\":\"x\\\"\\\\é\n\",\"b\":[1,true,null]}";
        assert_eq!(String::from_utf8(canonical(&value).unwrap()).unwrap(), want);
        assert_eq!(canonical(&serde_json::json!({"a": 1.5})), None);
    }
}
