//! Texts of observations: addresses, and what a record said of itself as JSON.
//!
//! `beholden.scan.traffic.observations` says what they are, and writes the same without this.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::address::MAPPED;

/// Append an address as its text; IPv4 is mapped into ::ffff:0:0/96.
pub fn address(text: &mut String, address: u128) {
    // Writing to a String cannot fail.
    let _ = if address >> 32 == MAPPED >> 32 {
        write!(text, "{}", Ipv4Addr::from_bits(address as u32))
    } else {
        write!(text, "{}", Ipv6Addr::from_bits(address))
    };
}

/// Append a text as JSON, as `json.dumps(…, ensure_ascii=False)` writes it.
pub fn quoted(json: &mut String, text: &str) {
    json.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        // Such a byte is never within a character of several.
        json.push_str(text.get(plain..at).unwrap_or_default());
        if short.is_empty() {
            let _ = write!(json, "\\u{byte:04x}");
        } else {
            json.push_str(short);
        }
        plain = at + 1;
    }
    json.push_str(text.get(plain..).unwrap_or_default());
    json.push('"');
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// A text; nothing where there is none.
    Text(Option<&'a str>),
    /// Numbers; nothing where there are none. Those below zero are left out.
    Numbers(&'a [i32]),
}

/// Append a JSON object of the members that have a value, as `json.dumps` writes it; whether one had.
pub fn object<'a>(json: &mut String, members: impl Iterator<Item = (&'a str, Value<'a>)>) -> bool {
    let mut before = "{\"";
    for (name, value) in members {
        let mut numbers = match value {
            Value::Text(None) => continue,
            Value::Text(Some(_)) => [].iter(),
            Value::Numbers(numbers) => numbers.iter(),
        }
        .filter(|number| **number >= 0)
        .peekable();
        if matches!(value, Value::Numbers(_)) && numbers.peek().is_none() {
            continue;
        }
        json.push_str(before);
        json.push_str(name);
        json.push_str("\": ");
        before = ", \"";
        if let Value::Text(Some(text)) = value {
            quoted(json, text);
            continue;
        }
        let mut before = "[";
        for number in numbers {
            let _ = write!(json, "{before}{number}");
            before = ", ";
        }
        json.push(']');
    }
    let is_any = before != "{\"";
    if is_any {
        json.push('}');
    }
    is_any
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(members: &[(&str, Value<'_>)]) -> Option<String> {
        let mut json = String::new();
        object(&mut json, members.iter().copied()).then_some(json)
    }

    #[test]
    fn members_without_a_value_are_left_out() {
        let ports = Value::Numbers(&[-1, 22, 443]);
        let members = [("a", Value::Text(None)), ("b", ports), ("c", Value::Text(Some("tcp")))];
        assert_eq!(written(&members).as_deref(), Some(r#"{"b": [22, 443], "c": "tcp"}"#));
        assert_eq!(written(&[("a", Value::Text(None)), ("b", Value::Numbers(&[-1]))]), None);
    }

    #[test]
    fn texts_are_escaped_where_json_has_to() {
        let mut json = String::new();
        quoted(&mut json, "ü\"\\/\n\r\t\u{8}\u{c}\u{1}\u{1f}\u{7f}");
        assert_eq!(json, "\"ü\\\"\\\\/\\n\\r\\t\\b\\f\\u0001\\u001f\u{7f}\"");
    }

    #[test]
    fn addresses_of_both_kinds_have_their_shortest_text() {
        let text = |number| {
            let mut text = String::new();
            address(&mut text, number);
            text
        };
        assert_eq!(text(MAPPED | 0x0a00_00ff), "10.0.0.255");
        assert_eq!(text(0x2001_0db8 << 96 | 1), "2001:db8::1");
        assert_eq!(text(0x0102_0304), "::102:304");
    }
}
