//! Our own metadata (SAML Metadata 2.4.4), for identity providers that read it, and for operators who type it in.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use studio_acs_saml::ServiceProvider;

use studio_acs_identity::IdentityRules;

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const BASIC: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";

/// The metadata document: audience, ACS URLs, and the attributes we need.
///
/// # Errors
/// None that a buffer in memory makes.
pub fn document(us: &ServiceProvider, attributes: &IdentityRules) -> std::io::Result<String> {
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

fn attribute_service(xml: &mut Writer<Vec<u8>>, attributes: &IdentityRules) -> std::io::Result<()> {
    xml.create_element("md:AttributeConsumingService").with_attribute(("index", "0")).write_inner_content(|xml| {
        xml.create_element("md:ServiceName")
            .with_attribute(("xml:lang", "en"))
            .write_text_content(BytesText::new("Amazon SageMaker Studio"))?;
        for name in [&attributes.user_attribute, &attributes.domain_attribute] {
            xml.create_element("md:RequestedAttribute")
                .with_attribute(("Name", name.as_str()))
                .with_attribute(("NameFormat", BASIC))
                .with_attribute(("isRequired", "true"))
                .write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Each value to type into the Identity Center console, by the name of its field there.
pub fn console_values(us: &ServiceProvider, attributes: &IdentityRules) -> String {
    let acs_urls = us.acs_urls.join("\n                      or  ");
    let IdentityRules { user_attribute, domain_attribute, .. } = attributes;
    let width = user_attribute.len().max(domain_attribute.len()).max("Subject".len());
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
  {user_attribute:width$}  ${{user:AD_GUID}}   format: basic   (or another that holds the user profile name)
  {domain_attribute:width$}  d-…               format: basic   (the Studio domain's ID, as it is)
",
        audience = us.audience,
        subject = "Subject",
    )
}
