//! The reader against texts with known meaning, against `hocon-parser` as an oracle, and against bombs.

use std::path::Path;
use std::time::{Duration, Instant};

use super::*;

/// The tree of `text` as JSON with sorted keys, or the first error as `line: message`.
fn read(text: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.conf");
    std::fs::write(&path, text).unwrap();
    read_path(&path)
}

fn read_path(path: &Path) -> Result<String, String> {
    let mut reader = Reader::new();
    let mut root = Object::new();
    reader.read_file(path, &mut root);
    if let Err(error) = resolve(&mut root) {
        reader.problems.syntax(error.place, error.message);
    }
    match reader.problems.finish() {
        Ok(_) => Ok(object_json(&root)),
        Err(errors) => {
            let text = errors.errors[0].to_string();
            Err(match text.split_once(".conf:") {
                Some((_, rest)) => rest.to_owned(),
                None => text,
            })
        }
    }
}

fn object_json(fields: &Object) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name:?}:{}", json(value)))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn json(value: &Value) -> String {
    match &value.node {
        Node::Scalar { text, .. } => format!("{text:?}"),
        Node::Array(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(","))
        }
        Node::Object(fields) => object_json(fields),
        Node::Pending(_) => "pending".to_owned(),
    }
}

/// What the specification says: each of these is compared with an independent parser as well.
const BY_THE_SPECIFICATION: &[(&str, &str)] = &[
    ("", "{}"),
    ("a = 1", r#"{"a":"1"}"#),
    ("{ a : 1, b = two }", r#"{"a":"1","b":"two"}"#),
    ("a.b.c = x y  z # comment", r#"{"a":{"b":{"c":"x y  z"}}}"#),
    ("a { b = 1 }\na.c = 2\na { b = 3 }", r#"{"a":{"b":"3","c":"2"}}"#),
    ("a = [1, 2\n3\n]", r#"{"a":["1","2","3"]}"#),
    ("a = [1, 2,]", r#"{"a":["1","2"]}"#),
    ("a = [{b = 1}, {b = 2}]", r#"{"a":[{"b":"1"},{"b":"2"}]}"#),
    ("\"a.b\" = 1", r#"{"a.b":"1"}"#),
    ("\"a\".\"b c\" = 1", r#"{"a":{"b c":"1"}}"#),
    ("a = \"x\\ty\"", r#"{"a":"x\ty"}"#),
    ("a = \"x\"y\"z\"", r#"{"a":"xyz"}"#),
    ("a = \"\"\"x\\n\"y\"\"\"", r#"{"a":"x\\n\"y"}"#),
    ("a =\n  { b = 1 }", r#"{"a":{"b":"1"}}"#),
    ("// comment\na = 1 // more", r#"{"a":"1"}"#),
    ("a = [1]\na += 2", r#"{"a":["1","2"]}"#),
    ("a += 1", r#"{"a":["1"]}"#),
    ("a = x\nb = ${a}y", r#"{"a":"x","b":"xy"}"#),
    ("b = ${a}\na = x", r#"{"a":"x","b":"x"}"#),
    ("a = x\nb = ${a}\na = z", r#"{"a":"z","b":"z"}"#),
    ("a = ${?nothing}\nb = 1", r#"{"b":"1"}"#),
    ("a = 1\na = ${?nothing}", r#"{"a":"1"}"#),
    ("a = [1]\na = ${a} [2]", r#"{"a":["1","2"]}"#),
    ("p = \"/bin\"\np = ${p}\":/sbin\"", r#"{"p":"/bin:/sbin"}"#),
    (
        "a { x = 1 }\nb = ${a} { y = 2 }",
        r#"{"a":{"x":"1"},"b":{"x":"1","y":"2"}}"#,
    ),
    (
        "a { x = 1 }\nb = ${a}\nb.y = 2",
        r#"{"a":{"x":"1"},"b":{"x":"1","y":"2"}}"#,
    ),
    (
        "a { b { c = 1 } }\nd = ${a.b}",
        r#"{"a":{"b":{"c":"1"}},"d":{"c":"1"}}"#,
    ),
    ("a = 5\na { b = 1 }", r#"{"a":{"b":"1"}}"#),
    ("a { b = 1 }\na = 5", r#"{"a":"5"}"#),
    ("a = [${b}, 2]\nb = 1", r#"{"a":["1","2"],"b":"1"}"#),
    ("a = [${?b}, 2]", r#"{"a":["2"]}"#),
    ("\u{feff}a = 1\r\nb = 2\r\n", r#"{"a":"1","b":"2"}"#),
];

#[test]
fn hocon_is_read_as_the_specification_says() {
    for (text, expected) in BY_THE_SPECIFICATION {
        assert_eq!(read(text).as_deref(), Ok(*expected), "{text:?}");
    }
}

/// The other parser loses `x` here, where the specification merges (HOCON, "Duplicate keys").
#[test]
fn fields_written_later_are_added_to_a_substituted_object() {
    let text = "a { x = 1 }\nb = ${a}\nb.y = 2\nb { z = ${a.x} }";
    let expected = r#"{"a":{"x":"1"},"b":{"x":"1","y":"2","z":"1"}}"#;
    assert_eq!(read(text).as_deref(), Ok(expected));
}

#[test]
fn an_independent_parser_reads_the_same() {
    fn other(value: &::hocon::HoconValue) -> String {
        if let Some(fields) = value.as_object() {
            let mut names: Vec<_> = fields.iter().collect();
            names.sort_by_key(|(name, _)| name.as_str());
            let fields: Vec<String> = names
                .iter()
                .map(|(name, value)| format!("{name:?}:{}", other(value)))
                .collect();
            return format!("{{{}}}", fields.join(","));
        }
        if let Some(items) = value.as_array() {
            let items: Vec<String> = items.iter().map(other).collect();
            return format!("[{}]", items.join(","));
        }
        match value {
            ::hocon::HoconValue::Scalar(scalar) => format!("{:?}", scalar.raw),
            other => panic!("{other:?}"),
        }
    }
    for (text, expected) in BY_THE_SPECIFICATION {
        // The other one leaves the byte order mark to its caller.
        let text = text.trim_start_matches('\u{feff}');
        let config = ::hocon::parse_with_env(text, &std::collections::HashMap::new()).unwrap();
        let names = config.keys().into_iter().map(str::to_owned);
        let mut names: Vec<String> = names.collect();
        names.sort();
        let fields: Vec<String> = names
            .iter()
            .map(|name| {
                let quoted = format!("{name:?}");
                let value = config.get(&quoted).unwrap();
                format!("{quoted}:{}", other(value))
            })
            .collect();
        assert_eq!(format!("{{{}}}", fields.join(",")), *expected, "{text:?}");
    }
}

#[test]
fn the_dialect_of_emqx_is_read() {
    for (text, expected) in [
        ("node.name = emqx@127.0.0.1", r#"{"node":{"name":"emqx@127.0.0.1"}}"#),
        ("bind = 0.0.0.0:1883", r#"{"bind":"0.0.0.0:1883"}"#),
        ("url = http://host/path", r#"{"url":"http://host/path"}"#),
        ("a = \"x\"\n\"\"\"y\"\"\"", r#"{"a":"xy"}"#),
        ("a = \"x\"\n\n  # why\n\"y\"\nb = 1", r#"{"a":"xy","b":"1"}"#),
        ("a = \"x\"\n\"b\" = 1", r#"{"a":"x","b":"1"}"#),
        ("a = [1]\n[2]", r#"{"a":["1","2"]}"#),
        ("a {x = 1}\n{y = 2}", r#"{"a":{"x":"1","y":"2"}}"#),
        ("a = [\n\"x\"\n\"y\"\n]", r#"{"a":["x","y"]}"#),
        (
            "a = \"\"\"~\n  SELECT\n    x\n  ~\"\"\"\nb = 1",
            r#"{"a":"SELECT\n  x\n","b":"1"}"#,
        ),
        (
            "path = \"${EMQX_LOG_DIR}/emqx.log\"",
            r#"{"path":"${EMQX_LOG_DIR}/emqx.log"}"#,
        ),
    ] {
        assert_eq!(read(text).as_deref(), Ok(expected), "{text:?}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    for (text, expected) in [
        ("a = 1\nb {\n c = 2", "3: the { of line 2 is not closed"),
        ("a = 1\n}", "2: a } that closes nothing"),
        ("a = [1, 2", "1: the [ of line 1 is not closed"),
        ("a = [1,,2]", "1: a value is missing in an array"),
        (
            "a = \"x\nb = 1",
            "1: a string is not closed; one over several lines needs \"\"\"",
        ),
        ("\n\na = \"\"\"x", "3: a \"\"\" string is not closed"),
        ("a =\nb = 1", "1: `a` has no value"),
        ("a = ", "1: `a` has no value"),
        ("a 1", "1: `a` is not followed by = and a value"),
        ("a = b = c", "1: a value with = needs quotes"),
        ("a = [1] b = 2", "1: a value with = needs quotes"),
        ("include \"x\" a = 1", "1: a new line or a comma is missing here"),
        (
            "a = {} x",
            "1: a string, an array and an object cannot be joined to one value",
        ),
        ("[1]", "1: a configuration file holds `key = value` lines, not an array"),
        ("{a = 1} b", "1: text after the closing }"),
        (".a = 1", "1: a key is expected here"),
        ("a..b = 1", "1: a key is expected here"),
        ("a = ${b", "1: a ${ is not closed with }"),
        ("a = 1\nb = ${c}", "2: ${c} is not set in the file"),
        ("a = ${b}\nb = ${a}", "1: a ${ } here refers to itself in a circle"),
        ("a { b = ${a} }", "1: a ${ } here refers to itself in a circle"),
        ("a = ${a}", "1: ${a} is not set in the file"),
        ("include url(\"http://x\")", "1: include url() is not supported"),
        ("include file(\"x\")", "1: include file() is not supported"),
    ] {
        assert_eq!(read(text), Err(expected.to_owned()), "{text:?}");
    }
}

#[test]
fn bombs_are_refused_quickly() {
    let doubled: String = (1..60)
        .map(|n| format!("a{n} = ${{a{}}}${{a{}}}\n", n - 1, n - 1))
        .collect();
    let doubled_backwards: String = (1..60)
        .rev()
        .map(|n| format!("a{n} = ${{a{}}} ${{a{}}}\n", n - 1, n - 1))
        .collect();
    let grown: String = (1..60)
        .map(|n| format!("a{n} = {{ x = ${{a{}}}, y = ${{a{}}} }}\n", n - 1, n - 1))
        .collect();
    let deepened: String = (1..100)
        .map(|n| format!("a{n} = {{ x = ${{a{}}} }}\n", n - 1))
        .collect();
    let itself: String = "a = ${a}${a}\n".repeat(40);
    let bombs = [
        format!("a0 = 0123456789\n{doubled}"),
        format!("{doubled_backwards}a0 = 0123456789"),
        format!("a0 = []\n{grown}"),
        format!("a0 = 1\n{deepened}"),
        format!("a = x\n{itself}"),
        "${a}".repeat(100_000),
        format!("a = {}", "${?b}".repeat(1000)),
        "a += 1\n".repeat(1000),
        format!("a = {}", "[".repeat(500_000)),
        "a{".repeat(300_000),
        format!("a = {}", "[{a=".repeat(100_000)),
        format!("{}b = 1", "a.".repeat(400_000)),
        format!("a = \"{}", "x".repeat(900_000)),
        format!("a = 1 # {}", "x".repeat(1024 * 1024)),
    ];
    let started = Instant::now();
    for bomb in &bombs {
        let start: String = bomb.chars().take(40).collect();
        assert!(read(bomb).is_err(), "{start}");
    }
    let took = started.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn includes_are_read_beside_the_file_and_where_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "main.conf",
        "a = 1\nc = 1\ninclude \"sub/one.conf\"\nc = 3\nd { include required(\"two.conf\") }\ninclude \"missing.conf\"",
    );
    write("sub/one.conf", "a = 2\nb = 2\nc = 2\ninclude \"inner.conf\"");
    write("sub/inner.conf", "inner = @yes");
    write("two.conf", "e = emqx@127.0.0.1");
    assert_eq!(
        read_path(&folder.path().join("main.conf")).as_deref(),
        Ok(r#"{"a":"2","b":"2","c":"3","d":{"e":"emqx@127.0.0.1"},"inner":"@yes"}"#)
    );
    write("circle.conf", "include \"circle.conf\"\n".repeat(100).as_str());
    let refusal = read_path(&folder.path().join("circle.conf")).unwrap_err();
    assert!(refusal.ends_with("does a file include itself?"), "{refusal}");
    write("needs.conf", "\ninclude required(\"nowhere.conf\")");
    let refusal = read_path(&folder.path().join("needs.conf")).unwrap_err();
    assert!(refusal.contains("nowhere.conf: No such file"), "{refusal}");
    write("folder.conf", "include \"sub\"");
    let refusal = read_path(&folder.path().join("folder.conf")).unwrap_err();
    assert!(refusal.contains("not a regular file"), "{refusal}");
}

#[test]
fn every_value_knows_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.conf");
    std::fs::write(
        &path,
        "a = 1\n\nb {\n  c = \"\"\"x\n\ny\"\"\"\n  d = [\n    1,\n    2\n  ]\n}\n",
    )
    .unwrap();
    let mut reader = Reader::new();
    let mut root = Object::new();
    reader.read_file(&path, &mut root);
    let line = |path: &[&str]| lookup(&root, path).unwrap().place.line;
    assert_eq!(
        [line(&["a"]), line(&["b"]), line(&["b", "c"]), line(&["b", "d"])],
        [1, 3, 4, 7]
    );
    let Node::Array(items) = &lookup(&root, &["b", "d"]).unwrap().node else {
        panic!("not an array");
    };
    assert_eq!([items[0].place.line, items[1].place.line], [8, 9]);
}

/// Texts made of what the parser looks for, from a fixed seed: none may panic or take long.
#[test]
fn no_text_makes_the_parser_panic() {
    const PIECES: &[&str] = &[
        "a",
        "b",
        ".",
        " ",
        "\n",
        "=",
        ":",
        "+=",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\"",
        "\"x\"",
        "\"\"\"",
        "\"\"\"~",
        "~\"\"\"",
        "${a}",
        "${?b.c}",
        "${",
        "$",
        "#",
        "//",
        "include ",
        "required(",
        ")",
        "\\",
        "\\u00e9",
        "1",
        "é",
        "\u{feff}",
        "\t",
        "\r\n",
        "\x0c",
        "\0",
        "listener.tcp.external",
        "log.file",
        "null",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % bound
    };
    let started = Instant::now();
    for _ in 0..1500 {
        let length = next(60);
        let text: String = (0..length).map(|_| PIECES[next(PIECES.len())]).collect();
        // Its errors are of no interest here.
        let _ = read(&text);
        let _ = Reader::new().read_variable(&format!("{{{text}}}"), 0);
    }
    let took = started.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
}
