//! Our own metadata (SAML Metadata 2.4.4), for identity providers that read it, and for operators who type it in.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use studio_acs_saml::ServiceProvider;

use studio_acs_identity::{GroupUse, IdentityRules};

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const BASIC: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";

/// The attributes that we ask an identity provider for: some send nothing else.
#[derive(Debug, Clone, Copy)]
pub struct RequestedAttributes<'a> {
    user: &'a str,
    /// `None` where the ledger names the domain.
    domain: Option<&'a str>,
    /// `None` where nobody reads groups.
    groups: Option<&'a str>,
    are_groups_required: bool,
}

impl<'a> RequestedAttributes<'a> {
    /// The attributes that these rules read, and the one of groups where a ledger or a policy makes use of them.
    pub fn of(rules: &'a IdentityRules, used: GroupUse) -> Self {
        let reads_groups = used != GroupUse::Unread || rules.require_groups;
        Self {
            user: &rules.user_attribute,
            domain: (!rules.by_ledger).then_some(&*rules.domain_attribute),
            groups: reads_groups.then_some(&*rules.group_attribute),
            are_groups_required: rules.require_groups,
        }
    }

    /// Each name, and whether a sign-in needs it.
    fn all(self) -> impl Iterator<Item = (&'a str, bool)> {
        let groups = self.groups.map(|name| (name, self.are_groups_required));
        [(self.user, true)].into_iter().chain(self.domain.map(|name| (name, true))).chain(groups)
    }
}

/// The metadata document: audience, ACS URLs, and the attributes we need.
///
/// # Errors
/// None that a buffer in memory makes.
pub fn document(us: &ServiceProvider, attributes: RequestedAttributes<'_>) -> std::io::Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("md:EntityDescriptor")
        .with_attribute(("xmlns:md", METADATA))
        .with_attribute(("entityID", us.audience.as_str()))
        .write_inner_content(|xml| {
            xml.create_element("md:SPSSODescriptor")
                .with_attribute(("AuthnRequestsSigned", "false"))
                .with_attribute(("WantAssertionsSigned", "true"))
                .with_attribute(("protocolSupportEnumeration", PROTOCOL))
                .write_inner_content(|xml| {
                    for (index, url) in us.acs_urls.iter().enumerate() {
                        xml.create_element("md:AssertionConsumerService")
                            .with_attribute(("Binding", HTTP_POST))
                            .with_attribute(("Location", url.as_str()))
                            .with_attribute(("index", index.to_string().as_str()))
                            .with_attribute(("isDefault", if index == 0 { "true" } else { "false" }))
                            .write_empty()?;
                    }
                    attribute_service(xml, attributes)
                })?;
            Ok(())
        })?;
    String::from_utf8(xml.into_inner()).map_err(std::io::Error::other)
}

fn attribute_service(xml: &mut Writer<Vec<u8>>, attributes: RequestedAttributes<'_>) -> std::io::Result<()> {
    xml.create_element("md:AttributeConsumingService").with_attribute(("index", "0")).write_inner_content(|xml| {
        xml.create_element("md:ServiceName")
            .with_attribute(("xml:lang", "en"))
            .write_text_content(BytesText::new("Amazon SageMaker Studio"))?;
        for (name, is_required) in attributes.all() {
            xml.create_element("md:RequestedAttribute")
                .with_attribute(("Name", name))
                .with_attribute(("NameFormat", BASIC))
                .with_attribute(("isRequired", if is_required { "true" } else { "false" }))
                .write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Each value to type into the Identity Center console, by the name of its field there.
pub fn console_values(us: &ServiceProvider, attributes: RequestedAttributes<'_>) -> String {
    let acs_urls = us.acs_urls.join("\n                      or  ");
    let width = attributes.all().map(|(name, _)| name.len()).fold("Subject".len(), usize::max);
    let domain = attributes
        .domain
        .map(|name| format!("  {name:width$}  d-…               format: basic   (the Studio domain's ID, as it is)\n"));
    let groups = attributes
        .groups
        .map(|name| format!("  {name:width$}  ${{user:groups}}    format: basic   (the IDs of groups)\n"));
    format!(
        "IAM Identity Center console, Applications, Add application, SAML 2.0

Application properties
  Application start URL      (leave empty)
  Relay state                (leave empty)
  Session duration           1 hour

Application metadata: manually type your metadata values
  Application ACS URL        {acs_urls}
  Application SAML audience  {audience}

Attribute mappings
  {subject:width$}  ${{user:subject}}   format: persistent
  {user:width$}  ${{user:AD_GUID}}   format: basic   (or another that holds the user profile name)
{domain}{groups}",
        audience = us.audience,
        subject = "Subject",
        user = attributes.user,
        domain = domain.unwrap_or_default(),
        groups = groups.unwrap_or_default(),
    )
}
