#pragma once
#include <string.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Swift sees neither macros with arguments nor the macros behind STACK_OF; these are functions instead.

static inline EVP_PKEY *phoenix_make_p256_key(void) { return EVP_EC_gen("P-256"); }

// The bytes that a memory BIO holds.
static inline long phoenix_bio_bytes(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

// The name on one line as RFC 2253 has it; the result is negative when that failed.
static inline int phoenix_print_name(BIO *bio, const X509_NAME *name) {
  return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253);
}

// The names are absent when the result is NULL and *critical is -1; malformed when it is anything else.
static inline GENERAL_NAMES *phoenix_copy_names(const X509 *certificate, int *critical) {
  return (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, critical, NULL);
}

static inline GENERAL_NAMES *phoenix_names_new(void) { return sk_GENERAL_NAME_new_null(); }

static inline void phoenix_names_free(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }

static inline int phoenix_names_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }

// The sort of a name (GEN_DNS, GEN_IPADD, ...), and its bytes where it has simple ones.
static inline int phoenix_names_get(const GENERAL_NAMES *names, int index, const unsigned char **bytes, int *count) {
  const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
  const ASN1_STRING *text = NULL;
  switch (name->type) {
  case GEN_DNS: case GEN_EMAIL: case GEN_URI: text = name->d.ia5; break;
  case GEN_IPADD: text = name->d.ip; break;
  default: break;
  }
  *bytes = text ? ASN1_STRING_get0_data(text) : NULL;
  *count = text ? ASN1_STRING_length(text) : 0;
  return name->type;
}

// Adds a DNS name (GEN_DNS) or an address in network order (GEN_IPADD); 1 when it worked.
static inline int phoenix_names_add(GENERAL_NAMES *names, int type, const unsigned char *bytes, int count) {
  GENERAL_NAME *name = GENERAL_NAME_new();
  ASN1_STRING *text = ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
  if (!name || !text || !ASN1_STRING_set(text, bytes, count)) {
    ASN1_STRING_free(text);
    GENERAL_NAME_free(name);
    return 0;
  }
  GENERAL_NAME_set0_value(name, type, text);
  if (sk_GENERAL_NAME_push(names, name)) return 1;
  GENERAL_NAME_free(name);
  return 0;
}

// Asks for the names in a certificate request; 1 when it worked.
static inline int phoenix_request_set_names(X509_REQ *request, GENERAL_NAMES *names) {
  STACK_OF(X509_EXTENSION) *extensions = NULL;
  int worked = X509V3_add1_i2d(&extensions, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1
    && X509_REQ_add_extensions(request, extensions) == 1;
  sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  return worked;
}

static inline STACK_OF(X509) *phoenix_certificates_new(void) { return sk_X509_new_null(); }

static inline void phoenix_certificates_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }

static inline int phoenix_certificates_count(const STACK_OF(X509) *stack) {
  return stack ? sk_X509_num(stack) : 0;
}

static inline X509 *phoenix_certificates_get(const STACK_OF(X509) *stack, int index) {
  return sk_X509_value(stack, index);
}

// Adds a certificate, which stays the caller's too; 1 when it worked.
static inline int phoenix_certificates_add(STACK_OF(X509) *stack, X509 *certificate) {
  if (!X509_up_ref(certificate)) return 0;
  if (sk_X509_push(stack, certificate)) return 1;
  X509_free(certificate);
  return 0;
}

static inline int phoenix_gcm_set_iv_length(EVP_CIPHER_CTX *context, int count) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, count, NULL);
}

static inline int phoenix_gcm_set_tag(EVP_CIPHER_CTX *context, void *tag, int count) {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, count, tag);
}

static inline int phoenix_tls_set_versions(SSL_CTX *context, int lowest, int highest) {
  return SSL_CTX_set_min_proto_version(context, lowest) && SSL_CTX_set_max_proto_version(context, highest);
}

static inline int phoenix_tls_set_server_name(SSL *connection, const char *name) {
  return (int)SSL_set_tlsext_host_name(connection, name);
}

// No session is kept, so none can be resumed.
static inline void phoenix_tls_keep_no_sessions(SSL_CTX *context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}
