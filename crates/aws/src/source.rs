//! A [`Source`]: a file, a parameter or a secret, and the documents or the secret kept there.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aws_config::SdkConfig;

use crate::reason::why;
use studio_acs_refusal::FileKind;

/// The name of a text's place, and the text, or the reason why it is none.
pub type Text = (String, Result<String, TextError>);

/// The reason why a file gives no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// Its bytes are no text in UTF-8.
    #[error("expected text in UTF-8: it is {0}")]
    NotText(FileKind),
}

/// The reason why a source cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// The source answers that nothing exists there.
    #[error("{place}: {reason}")]
    Absent {
        /// The source.
        place: String,
        /// The answer.
        reason: String,
    },
    /// The source cannot be read.
    #[error("{place}: {reason}")]
    Unreadable {
        /// The source.
        place: String,
        /// The reason.
        reason: String,
    },
    /// The source can be read, and its bytes are no text in UTF-8.
    #[error("{place}: expected text in UTF-8: it is {kind}")]
    NotText {
        /// The source.
        place: String,
        /// The kind of its bytes.
        kind: FileKind,
    },
}

/// One place of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, or a directory of `.xml` files.
    Path(PathBuf),
    /// A parameter of Systems Manager, by name or ARN. Identity Center's metadata fits the advanced tier (8 KB).
    Parameter(String),
    /// A secret of Secrets Manager, by name or ARN; 64 KB.
    Secret(String),
}

impl Source {
    /// Reads `ssm:NAME`, `secretsmanager:NAME`, or a path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let named = |name: &str, source: fn(String) -> Self| match name {
            "" => Err(format!("`{text}` has no name after the colon")),
            name if name.starts_with("//") => {
                Err(format!("`{text}` has // after the colon, where a name or an ARN stands"))
            }
            name => Ok(source(name.to_owned())),
        };
        match text.split_once(':') {
            Some(("ssm", name)) => named(name, Self::Parameter),
            Some(("secretsmanager", name)) => named(name, Self::Secret),
            _ => Ok(Self::Path(PathBuf::from(text))),
        }
    }

    /// Whether AWS has to be asked.
    pub fn is_remote(&self) -> bool {
        !matches!(self, Self::Path(_))
    }

    /// The one document that is kept here, without a byte order mark.
    ///
    /// # Errors
    /// [`SourceError`].
    pub async fn document(&self, sdk: &SdkConfig) -> Result<String, SourceError> {
        let place = self.to_string();
        document(self.bytes(sdk).await?).map_err(|kind| SourceError::NotText { place, kind })
    }

    /// The one secret that is kept here, as it is: each byte of a key counts.
    ///
    /// # Errors
    /// [`SourceError`].
    pub async fn secret(&self, sdk: &SdkConfig) -> Result<String, SourceError> {
        let place = self.to_string();
        text_of(self.bytes(sdk).await?).map_err(|kind| SourceError::NotText { place, kind })
    }

    /// The most bytes of a text that can be kept here; `None` for a file. A parameter of the standard tier holds half of it.
    pub fn limit(&self) -> Option<usize> {
        match self {
            Self::Path(_) => None,
            Self::Parameter(_) => Some(8_192),
            Self::Secret(_) => Some(65_536),
        }
    }

    /// Reads the documents kept here: one, or one of each file. [`SourceError::Absent`] if the place says that nothing
    /// exists.
    pub async fn documents(&self, sdk: &SdkConfig) -> Result<Vec<Text>, SourceError> {
        let place = self.to_string();
        let Self::Path(path) = self else {
            let text = document(self.bytes(sdk).await?).map_err(TextError::NotText);
            return Ok(vec![(place, text)]);
        };
        let path = path.clone();
        // A file system may hang, and there may be one thread.
        let read = tokio::task::spawn_blocking(move || files(&path)).await;
        read.unwrap_or_else(|error| Err(SourceError::Unreadable { place, reason: error.to_string() }))
    }

    /// The bytes of the one text that is kept here.
    async fn bytes(&self, sdk: &SdkConfig) -> Result<Vec<u8>, SourceError> {
        let place = self.to_string();
        let unreadable = |reason: String| SourceError::Unreadable { place: place.clone(), reason };
        let absent = |reason: String| SourceError::Absent { place: place.clone(), reason };
        let text = match self {
            Self::Path(path) => {
                let path = path.clone();
                // A file system may hang, and there may be one thread.
                let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
                return read.map_err(|error| unreadable(error.to_string()))?.map_err(|error| match error.kind() {
                    ErrorKind::NotFound => absent(error.to_string()),
                    _ => unreadable(error.to_string()),
                });
            }
            Self::Parameter(name) => {
                let client = aws_sdk_ssm::Client::new(sdk);
                let answer = client.get_parameter().name(name).with_decryption(true).send().await;
                let answer = answer.map_err(|error| match error.as_service_error() {
                    Some(gone) if gone.is_parameter_not_found() => absent(why(&error)),
                    _ => unreadable(why(&error)),
                })?;
                answer.parameter.and_then(|parameter| parameter.value)
            }
            Self::Secret(name) => {
                let client = aws_sdk_secretsmanager::Client::new(sdk);
                let answer = client.get_secret_value().secret_id(name).send().await;
                let answer = answer.map_err(|error| match error.as_service_error() {
                    Some(gone) if gone.is_resource_not_found_exception() => absent(why(&error)),
                    _ => unreadable(why(&error)),
                })?;
                answer.secret_string
            }
        };
        text.map(String::into_bytes).ok_or_else(|| unreadable("there is no text in it".to_owned()))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Parameter(name) => write!(f, "ssm:{name}"),
            Self::Secret(name) => write!(f, "secretsmanager:{name}"),
        }
    }
}

/// Returns all texts, if each of them can be read.
///
/// # Errors
/// [`SourceError::Unreadable`] or [`SourceError::NotText`], of the first one that cannot.
pub fn readable(texts: Vec<Text>) -> Result<Vec<(String, String)>, SourceError> {
    let texts = texts.into_iter().map(|(place, text)| match text {
        Ok(text) => Ok((place, text)),
        Err(TextError::Unreadable(reason)) => Err(SourceError::Unreadable { place, reason }),
        Err(TextError::NotText(kind)) => Err(SourceError::NotText { place, kind }),
    });
    texts.collect()
}

/// The file at `path`, or each `.xml` file of the directory there.
fn files(path: &Path) -> Result<Vec<Text>, SourceError> {
    let (place, absent) = (path.display().to_string(), |place, reason| Err(SourceError::Absent { place, reason }));
    let mut files = vec![path.to_owned()];
    match std::fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return absent(place, error.to_string()),
        Ok(found) if found.is_dir() => {
            let unreadable =
                |error: std::io::Error| SourceError::Unreadable { place: place.clone(), reason: error.to_string() };
            let entries = std::fs::read_dir(path).map_err(unreadable)?;
            // A directory that is read by halves does not tell which files are gone.
            files =
                entries.map(|entry| entry.map(|entry| entry.path()).map_err(unreadable)).collect::<Result<_, _>>()?;
            files.retain(|file| file.extension().is_some_and(|extension| extension == "xml"));
            files.sort();
        }
        _ => {}
    }
    if files.is_empty() {
        let reason = "the directory holds no .xml file; download the IAM Identity Center SAML metadata file into it";
        return absent(place, reason.to_owned());
    }
    Ok(files.iter().map(|file| (file.display().to_string(), text(file))).collect())
}

/// The text of a file; what is no file might never end.
fn text(file: &Path) -> Result<String, TextError> {
    match std::fs::metadata(file) {
        Ok(found) if !found.is_file() => Err(TextError::Unreadable("it is no file".to_owned())),
        _ => {
            let bytes = std::fs::read(file).map_err(|error| TextError::Unreadable(error.to_string()))?;
            document(bytes).map_err(TextError::NotText)
        }
    }
}

/// The text of a document, without the byte order mark that some editors and servers write before it.
///
/// # Errors
/// The kind of bytes that are no text in UTF-8.
pub fn document(mut bytes: Vec<u8>) -> Result<String, FileKind> {
    if bytes.starts_with(MARK) {
        bytes.drain(..MARK.len());
    }
    text_of(bytes)
}

/// The byte order mark in UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text that these bytes are in UTF-8, or their kind. UTF-16 of ASCII is UTF-8 of another text, which has NULs.
fn text_of(bytes: Vec<u8>) -> Result<String, FileKind> {
    if bytes.contains(&0) {
        return Err(FileKind::of(&bytes));
    }
    String::from_utf8(bytes).map_err(|error| FileKind::of(error.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_document_loses_a_byte_order_mark_and_a_secret_keeps_it() {
        let file = std::env::temp_dir().join(format!("studio-acs-mark-{}", std::process::id()));
        std::fs::write(&file, "\u{FEFF}text\n").expect("a file");
        let (source, sdk) = (Source::Path(file.clone()), SdkConfig::builder().build());
        let read = (source.document(&sdk).await, source.secret(&sdk).await, source.documents(&sdk).await);
        std::fs::remove_file(file).expect("removed");
        let documents = vec![(source.to_string(), Ok("text\n".to_owned()))];
        assert_eq!(read, (Ok("text\n".to_owned()), Ok("\u{FEFF}text\n".to_owned()), Ok(documents)));
        assert_eq!(document(b"\xEF\xBB\xBF\xEF\xBB\xBFa".to_vec()), Ok("\u{FEFF}a".to_owned()), "one is a mark");
        assert_eq!(document(b"\xFF\xFEa\0".to_vec()), Err(FileKind::Utf16));
    }

    #[test]
    fn a_source_is_a_path_unless_it_says_otherwise() {
        let parameter = "arn:aws:ssm:eu-central-1:111122223333:parameter/studio-acs/idp".to_owned();
        for (text, source) in [
            ("saml-metadata", Source::Path("saml-metadata".into())),
            ("/opt/saml-metadata/idp.xml", Source::Path("/opt/saml-metadata/idp.xml".into())),
            ("ssm:/studio-acs/idp", Source::Parameter("/studio-acs/idp".to_owned())),
            (&*format!("ssm:{parameter}"), Source::Parameter(parameter.clone())),
            ("secretsmanager:studio-acs/idp", Source::Secret("studio-acs/idp".to_owned())),
        ] {
            assert_eq!(Source::parse(text), Ok(source.clone()), "{text}");
            assert_eq!(source.to_string(), text);
        }
        assert!(Source::parse("ssm:").is_err() && Source::parse("secretsmanager:").is_err());
    }
}
