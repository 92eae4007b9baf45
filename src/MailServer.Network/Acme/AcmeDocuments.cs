using System.Text.Json.Serialization;

namespace MailServer.Network.Acme;

/// <summary>Where the resources of a certificate authority are (RFC 8555 §7.1.1).</summary>
internal sealed record AcmeDirectory(Uri NewNonce, Uri NewAccount, Uri NewOrder, Uri? RenewalInfo, AcmeMeta? Meta);

internal sealed record AcmeMeta(bool ExternalAccountRequired);

internal sealed record AcmeAccountRequest(bool TermsOfServiceAgreed, IReadOnlyList<string>? Contact, Jws? ExternalAccountBinding);

internal sealed record AcmeIdentifier(string Type, string Value);

/// <summary><paramref name="Replaces"/> names the certificate that is renewed (RFC 9773 §5).</summary>
internal sealed record AcmeOrderRequest(IReadOnlyList<AcmeIdentifier> Identifiers, string? Replaces);

/// <summary>An order (RFC 8555 §7.1.3).</summary>
internal sealed record AcmeOrder(string Status, IReadOnlyList<Uri> Authorizations, Uri Finalize, Uri? Certificate, AcmeProblem? Error);

/// <summary>Whether the account may have a certificate for a name (RFC 8555 §7.1.4).</summary>
internal sealed record AcmeAuthorization(AcmeIdentifier Identifier, string Status, IReadOnlyList<AcmeChallenge> Challenges, bool Wildcard);

internal sealed record AcmeChallenge(string Type, Uri Url, string Status, string? Token, AcmeProblem? Error);

internal sealed record AcmeFinalize(string Csr);

internal sealed record AcmeRenewalInfo(AcmeWindow SuggestedWindow);

internal sealed record AcmeWindow(DateTimeOffset Start, DateTimeOffset End);

internal sealed record AcmeEmpty;

/// <summary>What went wrong (RFC 8555 §6.7).</summary>
internal sealed record AcmeProblem(string? Type, string? Detail, IReadOnlyList<AcmeProblem>? Subproblems)
{
    /// <summary>The last word of the URN: <c>badNonce</c>, <c>rateLimited</c>.</summary>
    public string Kind => Type?.Split(':')[^1] ?? "";

    public string Text => string.Join("; ", new[] { Detail ?? Kind }.Concat((Subproblems ?? []).Select(static s => s.Text)));
}

/// <summary>A public key on P-256; its members are in the order that the thumbprint wants (RFC 7638 §3).</summary>
internal sealed record Jwk(string Crv, string Kty, string X, string Y);

/// <summary>A signed request (RFC 8555 §6.2: flattened JSON).</summary>
internal sealed record Jws(string Protected, string Payload, string Signature);

internal sealed record JwsHeader(string Alg, string? Nonce, Uri Url, Jwk? Jwk, string? Kid);

/// <summary>The certificate account as it is kept.</summary>
internal sealed record AcmeAccountFile(Uri Directory, Uri Account, string Key);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcmeDirectory))]
[JsonSerializable(typeof(AcmeAccountRequest))]
[JsonSerializable(typeof(AcmeOrderRequest))]
[JsonSerializable(typeof(AcmeOrder))]
[JsonSerializable(typeof(AcmeAuthorization))]
[JsonSerializable(typeof(AcmeChallenge))]
[JsonSerializable(typeof(AcmeFinalize))]
[JsonSerializable(typeof(AcmeRenewalInfo))]
[JsonSerializable(typeof(AcmeEmpty))]
[JsonSerializable(typeof(AcmeProblem))]
[JsonSerializable(typeof(AcmeAccountFile))]
[JsonSerializable(typeof(Jws))]
[JsonSerializable(typeof(JwsHeader))]
internal sealed partial class AcmeJson : JsonSerializerContext;
