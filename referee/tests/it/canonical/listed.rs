//! `differences-xml.json`: how many documents not all parsers take, and how many not all canonicalise alike, and why.

use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::canonical::generator::Case;
use crate::canonical::{bergshamras, ours, theirs};
use crate::reasons::{ADVICE, Found, Reasons, is_to_be_written};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Differences on the documents below.
    canonical: Reasons,
    /// Differences on generated documents with faults: a case is what we expected and did not find, and whose verdict
    /// is another.
    parsing: Reasons,
}

/// Which part of the list.
pub type Part = fn(&mut Listed) -> &mut Reasons;

pub const CANONICAL: Part = |listed| &mut listed.canonical;
pub const PARSING: Part = |listed| &mut listed.parsing;

/// Valid documents at the edges of XML 1.0 2.11 and 3.3.3, of Namespaces in XML 2.2 and of C14N 2.3, with our canonical
/// form of the whole, with comments.
const DOCUMENTS: &[(&str, &str)] = &[
    ("<r a='1'/>", "<r a=\"1\"></r>"),
    ("<r a='&#9;&#10;&#13;'/>", "<r a=\"&#x9;&#xA;&#xD;\"></r>"),
    ("<r a='\t'/>", "<r a=\" \"></r>"),
    ("<r a='\n'/>", "<r a=\" \"></r>"),
    ("<r a='&lt;&gt;&amp;&quot;&apos;'/>", "<r a=\"&lt;>&amp;&quot;'\"></r>"),
    ("<r>\r\n</r>", "<r>\n</r>"),
    ("<r>&#13;</r>", "<r>&#xD;</r>"),
    ("<r><![CDATA[<&>]]></r>", "<r>&lt;&amp;&gt;</r>"),
    ("<r><![CDATA[\r\n]]></r>", "<r>\n</r>"),
    ("<r><!-- a --></r>", "<r><!-- a --></r>"),
    ("<r><!--\r\n--></r>", "<r><!--\n--></r>"),
    ("<r xmlns='urn:a'/>", "<r xmlns=\"urn:a\"></r>"),
    ("<p:r xmlns:p='urn:a' xmlns='urn:b'/>", "<p:r xmlns:p=\"urn:a\"></p:r>"),
    ("<r xmlns='urn:a&amp;b'/>", "<r xmlns=\"urn:a&amp;b\"></r>"),
    ("<r xmlns='urn:a&lt;b'/>", "<r xmlns=\"urn:a&lt;b\"></r>"),
    ("<r xmlns='urn:é'/>", "<r xmlns=\"urn:é\"></r>"),
    ("<r xmlns='urn:\"'/>", "<r xmlns=\"urn:&quot;\"></r>"),
    ("<r xmlns='http://example.com/?a=b#c'/>", "<r xmlns=\"http://example.com/?a=b#c\"></r>"),
];

#[test]
fn each_valid_document_has_one_canonical_form_or_a_reason() {
    let mut found = Found::default();
    for (xml, expected) in DOCUMENTS {
        let inclusive = Vec::new();
        let case = Case { xml: (*xml).to_owned(), apex: 0, omitted: None, with_comments: true, inclusive };
        assert_eq!(ours(&case).as_deref(), Ok(expected.as_bytes()), "{xml}");
        for (judge, theirs) in [("libxml2", theirs(&case)), ("bergshamra", bergshamras(&case))] {
            let verdict = match theirs {
                Some(bytes) if bytes == expected.as_bytes() => continue,
                Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                None => "refused".to_owned(),
            };
            found.add(xml, &[(judge, &verdict)]);
        }
    }
    println!("{} documents, {} forms that are not ours", DOCUMENTS.len(), found.len());
    settle(CANONICAL, &found, true);
}

/// Fails where the list is not what was found; stale hashes count only where the run finds every difference.
pub fn settle(part: Part, found: &Found, is_whole: bool) {
    // Both parts stand in one file.
    static WRITING: Mutex<()> = Mutex::new(());
    let _alone = WRITING.lock();
    let mut listed = listed();
    if is_to_be_written() {
        *part(&mut listed) = found.rewritten(part(&mut listed));
        let text = serde_json::to_string_pretty(&listed).expect("reasons are JSON");
        std::fs::write(path(), text + "\n").expect("differences-xml.json can be written");
    }
    let listed = part(&mut listed);
    let mut complaints = found.complaints(listed);
    complaints.extend(found.stale(listed).into_iter().filter(|_| is_whole));
    assert!(complaints.is_empty(), "differences-xml.json:\n{}\n{ADVICE}", complaints.join("\n"));
}

fn listed() -> Listed {
    let text = std::fs::read_to_string(path()).expect("differences-xml.json");
    serde_json::from_str(&text).expect("differences-xml.json holds reasons")
}

fn path() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/differences-xml.json"))
}
