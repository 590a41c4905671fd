/* A command that reports its identity and the claims of its token, without the token. */

#include "consumer.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int value(char c) {
  const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const char *found = c == '\0' ? NULL : strchr(alphabet, c);
  return found == NULL ? -1 : (int)(found - alphabet);
}

/* Prints the claims of a token: the JSON between its two dots (base64url, RFC 7515). They are not verified, which is the
   task of the resource. */
static void print_payload(const uint8_t *token, size_t length) {
  const uint8_t *end = token + length;
  const uint8_t *at = memchr(token, '.', length);
  uint32_t bits = 0;
  int held = 0;
  for (at = at == NULL ? end : at + 1; at < end && *at != '.' && value((char)*at) >= 0; at++) {
    bits = (bits << 6 | (uint32_t)value((char)*at)) & 0xFFFF;
    held += 6;
    if (held >= 8) {
      held -= 8;
      putchar((int)(bits >> held & 0xFF));
    }
  }
  putchar('\n');
}

int main(int argc, char **argv) {
  consumer_string_t scope;
  consumer_string_dup(&scope, argc > 1 ? argv[1] : "https://vault.azure.net/.default");
  azure_identity_types_token_request_t request = {.scopes = {.ptr = &scope, .len = 1}};

  azure_identity_types_access_token_t token;
  azure_identity_types_credential_error_t error;
  bool ok = azure_identity_token_credential_get_token(&request, &token, &error);
  consumer_string_free(&scope);
  if (!ok) {
    fprintf(stderr, "%.*s\n", (int)error.message.len, (const char *)error.message.ptr);
    azure_identity_types_credential_error_free(&error);
    return 1;
  }

  printf("%.*s token of %.*s, until %" PRIu64 "\n", (int)token.token_type.len, (const char *)token.token_type.ptr,
         (int)token.source.len, (const char *)token.source.ptr, token.expires_on);
  print_payload(token.token.ptr, token.token.len);
  azure_identity_types_access_token_free(&token);
  return 0;
}
