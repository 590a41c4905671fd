/* The app of src/app.rs in C. It uses no addition, so that it is the same source for both versions. */

#include "app.h"
#include <stdlib.h>
#include <string.h>

#define OPTIONS 4

static bool is(app_string_t word, const char *text) {
  return word.len == strlen(text) && memcmp(word.ptr, text, word.len) == 0;
}

static void append(app_string_t *to, const void *text, size_t length) {
  to->ptr = realloc(to->ptr, to->len + length);
  if (to->ptr == NULL) abort();
  memcpy(to->ptr + to->len, text, length);
  to->len += length;
}

static void append_pairs(app_string_t *to, app_list_tuple2_string_string_t pairs) {
  for (size_t i = 0; i < pairs.len; i++) {
    append(to, ", ", 2);
    append(to, pairs.ptr[i].f0.ptr, pairs.ptr[i].f0.len);
    append(to, "=", 1);
    append(to, pairs.ptr[i].f1.ptr, pairs.ptr[i].f1.len);
  }
}

/* The credential of a secret; false: `error` says why there is none. */
static bool with_a_secret(app_string_t *words, azure_identity_credentials_credentials_own_credential_t *credential,
                          azure_identity_types_credential_error_t *error) {
  azure_identity_credentials_credentials_application_t application = {.tenant_id = words[0], .client_id = words[1]};
  azure_identity_credentials_credentials_own_credential_builder_t builder =
      azure_identity_credentials_credentials_static_credential_builder_client_secret(&application, &words[2]);
  azure_identity_credentials_credentials_borrow_credential_builder_t borrowed =
      azure_identity_credentials_credentials_borrow_credential_builder(builder);
  app_string_t authority;
  app_string_set(&authority, "https://login.microsoftonline.com");
  azure_identity_credentials_credentials_method_credential_builder_set_authority(borrowed, &authority);
  bool ok = azure_identity_credentials_credentials_method_credential_builder_create(borrowed, credential, error);
  azure_identity_credentials_credentials_credential_builder_drop_own(builder);
  return ok;
}

/* Requests a token as the words say. */
static bool get_token(app_list_string_t *words, azure_identity_types_access_token_t *token,
                      azure_identity_types_credential_error_t *error) {
  bool has_secret = is(words->ptr[0], "client-secret");
  size_t first = has_secret ? 4 : 1;
  app_tuple2_string_string_t options[OPTIONS];
  app_string_t scope;
  app_string_set(&scope, "https://vault.azure.net/.default");
  azure_identity_types_token_request_t request = {.scopes = {.ptr = &scope, .len = 1}};
  request.options.ptr = options;
  for (size_t i = first; i + 1 < words->len && request.options.len < OPTIONS; i += 2) {
    options[request.options.len].f0 = words->ptr[i];
    options[request.options.len++].f1 = words->ptr[i + 1];
  }
  if (!has_secret) return azure_identity_token_credential_get_token(&request, token, error);
  azure_identity_credentials_credentials_own_credential_t credential;
  if (!with_a_secret(words->ptr + 1, &credential, error)) return false;
  bool ok = azure_identity_credentials_credentials_method_credential_get_token(
      azure_identity_credentials_credentials_borrow_credential(credential), &request, token, error);
  azure_identity_credentials_credentials_credential_drop_own(credential);
  return ok;
}

void exports_app_ask(app_list_string_t *words, app_string_t *ret) {
  static const char *const kinds[] = {"not-configured", "authentication-failed", "transient", "invalid-argument", "other"};
  azure_identity_types_access_token_t token;
  azure_identity_types_credential_error_t error;
  *ret = (app_string_t){.ptr = NULL, .len = 0};
  if (get_token(words, &token, &error)) {
    append(ret, "token of ", 9);
    append(ret, token.source.ptr, token.source.len);
    append_pairs(ret, token.details);
    azure_identity_types_access_token_free(&token);
  } else {
    append(ret, kinds[error.kind], strlen(kinds[error.kind]));
    append_pairs(ret, error.details);
    azure_identity_types_credential_error_free(&error);
  }
  app_list_string_free(words);
}
