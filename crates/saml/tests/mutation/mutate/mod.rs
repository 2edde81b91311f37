//! One change to a message, by named operators. The fuzz targets use them too.

mod bytes;
mod nodes;
mod places;
mod random;
mod splices;
mod values;

pub use places::Source;
pub use random::Random;

/// Makes a mutant of the message, with parts of the others where it takes some; `None` where nothing can be changed.
pub type Operator = fn(&Source, &[&Source], &mut Random) -> Option<Vec<u8>>;

pub const OPERATORS: &[(&str, Operator)] = &[
    ("flip a bit", bytes::flip_a_bit),
    ("replace a byte", bytes::replace_a_byte),
    ("insert a byte", bytes::insert_a_byte),
    ("delete bytes", bytes::delete_bytes),
    ("duplicate bytes", bytes::duplicate_bytes),
    ("drop a token", bytes::drop_a_token),
    ("duplicate a token", bytes::duplicate_a_token),
    ("swap tokens", bytes::swap_tokens),
    ("move a node", nodes::move_a_node),
    ("copy a node", nodes::copy_a_node),
    ("delete a node", nodes::delete_a_node),
    ("swap nodes", nodes::swap_nodes),
    ("wrap a node", nodes::wrap_a_node),
    ("unwrap a node", nodes::unwrap_a_node),
    ("forge a copy", nodes::forge_a_copy),
    ("swap attribute values", values::swap_attribute_values),
    ("replace an attribute value", values::replace_an_attribute_value),
    ("move an attribute", values::move_an_attribute),
    ("rename", values::rename),
    ("replace a text", values::replace_a_text),
    ("insert into a value", values::insert_into_a_value),
    ("disguise a value", values::disguise_a_value),
    ("change a declaration", values::change_a_declaration),
    ("declare a doctype", values::declare_a_doctype),
    ("splice a node", splices::splice_a_node),
    ("splice a node in", splices::splice_a_node_in),
    ("splice a value", splices::splice_a_value),
    ("splice halves", splices::splice_halves),
];

/// A value that an attacker would want: a name, or the text of another place of the same or another message.
fn forged_value(source: &Source, donors: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    const NAMES: &[&str] = &["mallory", "d-mallory00000", "", "#", "2099-01-01T00:00:00Z", "https://mallory.example/"];
    let from = match random.below(4) {
        0 => return random.pick(NAMES).map(|name| name.as_bytes().to_vec()),
        1 if !donors.is_empty() => random.pick(donors)?,
        _ => source,
    };
    let value =
        if random.coin() { random.pick(&from.places.texts)?.clone() } else { (*random.pick(&from.values())?).clone() };
    Some(from.at(&value).to_vec())
}
