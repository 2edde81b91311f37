//! Files that the program writes itself: the template, and the settings in force.

use super::*;

#[test]
fn the_template_puts_the_defaults_in_force() {
    let required = [("metadata", "m"), ("audience", "us"), ("acs-url", "https://us.example/saml")];
    let defaults = format!("{:?}", parse(&required, b"").unwrap());
    assert_eq!(format!("{:?}", parse(&required, template().as_bytes()).unwrap()), defaults);
    // With each line in force but those of an issuer, which is none by default.
    let whole = template();
    let (before, issuer) = whole.split_once("#: [[token_api.issuer]]").unwrap();
    let (_, after) = issuer.split_once("[ledger]").unwrap();
    let all = format!("{before}\n[ledger]{after}").replace("#: ", "");
    assert_eq!(format!("{:?}", parse(&required, all.as_bytes()).unwrap()), defaults);
    for setting in SETTINGS.iter().filter(|setting| setting.table.is_some()) {
        assert!(whole.contains(&format!("\n#: {} = ", setting.key)), "{}", setting.name);
        assert!(
            whole.contains(&format!("--{}, {}\n", setting.name, setting.variable()))
                || whole.contains(&setting.variable()),
            "{}",
            setting.name
        );
    }
    assert!(whole.lines().all(|line| line.chars().count() <= 160), "{whole}");
}

#[test]
fn what_is_shown_puts_the_same_in_force() {
    let flag = |setting: &Setting| (setting.name == "skew").then(|| "30".to_owned());
    let text = format!(
        "{ENOUGH}{TWO}[audit]\nwebhook = 'https://siem.example/in?token=s3cr3t'\nwebhook_secret = 'ssm:/secret'\n"
    );
    let layers = Layers::of(flag).with_file(PLACE, text.as_bytes()).unwrap();
    let shown = show(&layers).to_string();
    for line in [
        "skew = 30                                # variable STUDIO_ACS_SKEW\n",
        "audience = \"us\"                          # studio-acs.toml:3\n",
        "max_age = 300                            # default\n",
        "issuer = \"https://two.example\"           # studio-acs.toml:13\n",
        "webhook_secret = \"ssm:/secret\"           # studio-acs.toml:",
        "webhook = \"https://siem.example/in?…\"    # studio-acs.toml:",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    assert!(!shown.contains("s3cr3t"), "{shown}");
    let again = parse(&[], shown.replace("?…", "?token=s3cr3t").as_bytes()).unwrap();
    assert_eq!(format!("{again:?}"), format!("{:?}", Config::of(&layers).unwrap()));
    let json = show(&layers).json();
    let skew = json["settings"].as_array().unwrap().iter().find(|one| one["setting"] == "saml.skew").unwrap();
    assert_eq!((&skew["value"], &skew["origin"]), (&"30".into(), &"variable STUDIO_ACS_SKEW".into()));
}
