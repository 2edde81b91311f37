//! moto's Cognito: a user pool whose tokens are signed as Cognito's are, by plain calls.

use serde_json::{Value, json};

use super::moto::Moto;

const PASSWORD: &str = "Correct-horse-4";

/// A user pool with one app client.
pub struct Pool {
    endpoint: String,
    id: String,
    /// The app client, for which its tokens are.
    pub client: String,
}

/// The tokens of a user who signs in.
pub struct SignedIn {
    pub id_token: String,
    pub access_token: String,
}

impl Pool {
    pub fn new(moto: &Moto) -> Self {
        let mut pool = Self { endpoint: moto.endpoint.clone(), id: String::new(), client: String::new() };
        pool.id = text(&pool.call("CreateUserPool", json!({"PoolName": "people"}))["UserPool"]["Id"]);
        pool.client = pool.app_client("portal");
        pool
    }

    /// One more app client, to which users may sign in with a password.
    pub fn app_client(&self, name: &str) -> String {
        let client =
            json!({"UserPoolId": self.id, "ClientName": name, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
        text(&self.call("CreateUserPoolClient", client)["UserPoolClient"]["ClientId"])
    }

    /// One more user in these groups. Returns their `sub`, by which the ledger knows them.
    pub fn user(&self, name: &str, groups: &[&str]) -> String {
        let pool = &self.id;
        let user = json!({"UserPoolId": pool, "Username": name, "MessageAction": "SUPPRESS"});
        let user = self.call("AdminCreateUser", user);
        let password = json!({"UserPoolId": pool, "Username": name, "Password": PASSWORD, "Permanent": true});
        self.call("AdminSetUserPassword", password);
        for group in groups {
            self.call("CreateGroup", json!({"UserPoolId": pool, "GroupName": group}));
            self.call("AdminAddUserToGroup", json!({"UserPoolId": pool, "Username": name, "GroupName": group}));
        }
        let attributes = user["User"]["Attributes"].as_array().expect("attributes");
        text(&attributes.iter().find(|attribute| attribute["Name"] == "sub").expect("a sub")["Value"])
    }

    /// A user signs in at the app client.
    pub fn sign_in(&self, client: &str, user: &str) -> SignedIn {
        let parameters = json!({"USERNAME": user, "PASSWORD": PASSWORD});
        let call = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
        let result = &self.call("InitiateAuth", call)["AuthenticationResult"];
        SignedIn { id_token: text(&result["IdToken"]), access_token: text(&result["AccessToken"]) }
    }

    /// The issuer that its tokens name.
    pub fn issuer(&self) -> String {
        format!("https://cognito-idp.eu-central-1.amazonaws.com/{}", self.id)
    }

    /// Where its keys are.
    pub fn jwks(&self) -> String {
        format!("{}/{}/.well-known/jwks.json", self.endpoint, self.id)
    }

    fn call(&self, operation: &str, body: Value) -> Value {
        let scope = "AKIATEST/20261119/eu-central-1/cognito-idp/aws4_request";
        let mut answer = ureq::post(&self.endpoint)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", format!("AWSCognitoIdentityProviderService.{operation}"))
            // moto reads only the region out of it.
            .header("authorization", format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"))
            .send(body.to_string())
            .unwrap_or_else(|error| panic!("{operation}: {error}"));
        let text = answer.body_mut().read_to_string().expect("text");
        serde_json::from_str(&text).unwrap_or_default()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}")).to_owned()
}
