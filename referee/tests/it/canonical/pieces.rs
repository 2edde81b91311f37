//! Pieces of generated documents.

pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
pub const PREFIXES: &[&str] = &["", "", "a", "b", "c", "p", "z9", "é", "_-."];
pub const NAMESPACES: &[&str] =
    &["urn:a", "urn:b", "urn:c", "http://example.org/", "http://example.org/x?y=1#z", "urn:it's", "a:b", "urn:%22"];
pub const LOCALS: &[&str] = &["a", "b", "name", "é", "_x", "x-1.2", "Ω", "data", "A", "xmlns2", "\u{10000}"];
pub const SPACES: &[&str] = &[" ", "\n", "\t", "  ", "\r\n", " \r "];
pub const VALUES: &[&str] = &[
    "",
    "v",
    "é",
    "\u{1F600}",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "&#9;",
    "&#10;",
    "&#xD;",
    "&#xd;&#xA;",
    "&lt;",
    "&gt;",
    ">",
    "&amp;",
    "&quot;",
    "&apos;",
    "&#38;",
    "&#60;",
    "&#34;",
    "&#x1F600;",
    "&amp;lt;",
    "]]>",
    "\u{85}",
    "\u{2028}",
    "\u{FFFD}",
    "\u{FEFF}",
    "&#x10FFFF;",
    "--",
    "a b",
];
pub const TEXTS: &[&str] = &[
    "text",
    "é",
    "\u{1F600}",
    " ",
    "\n\t",
    "\r\n",
    "\r",
    "&#9;",
    "&#10;",
    "&#13;",
    "&#xD;&#xA;",
    "&lt;",
    "&gt;",
    ">",
    "&amp;",
    "&quot;",
    "&apos;",
    "\"",
    "'",
    "&#38;",
    "&#x3c;",
    "&#x1F600;",
    "&amp;amp;",
    "]]&gt;",
    "]]x",
    "\u{85}",
    "\u{2028}",
    "\u{FFFD}",
    "\u{FEFF}",
    "&#xE000;",
];
pub const CDATA: &[&str] =
    &["", "x", "<&>", "&amp;", "]]", "]", "\r\n", "\r", "é", "<!-- no -->", "]]]]><![CDATA[>", " ", "\"'"];
pub const COMMENTS: &[&str] = &["", " c ", "<&>", "&amp;", "\r\n", "\r", "é", "]]>", "a - b", "<![CDATA[", "\u{1F600}"];
