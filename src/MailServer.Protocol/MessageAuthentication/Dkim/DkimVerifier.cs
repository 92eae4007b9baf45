using System.Security.Cryptography;
using MailServer.Domain.Formatting;
using MailServer.Domain;
using MailServer.Domain.Dns;

namespace MailServer.Protocol.MessageAuthentication.Dkim;

/// <summary>
/// Verifies the DKIM signatures of a message (RFC 6376 §6, RFC 8301, RFC 8463). Each signature has its own outcome; the body is hashed once for all.
/// Thread-safe.
/// </summary>
public sealed class DkimVerifier(IDnsLookup dns, TimeProvider time, Limits limits)
{
    private const int StartLength = 8;

    /// <summary>One outcome per signature, from the top, for at most <see cref="Limits.DkimSignatures"/> signatures; empty for an unsigned message.</summary>
    public async Task<IReadOnlyList<DkimOutcome>> VerifyAsync(SignedMessage message, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(message);
        // All signatures request their body hash before the first hash is taken, and all keys are looked up concurrently.
        var started = message.FieldsNamed("dkim-signature").Take(limits.DkimSignatures).Select(f => Begin(message, f, cancel)).ToArray();
        var outcomes = new List<DkimOutcome>(started.Length);
        foreach (var (signature, outcome, key) in started)
            outcomes.Add(key is null ? outcome : Finish(message, signature!, outcome, await key));
        return outcomes;
    }

    private (MessageSignature? Signature, DkimOutcome Outcome, Task<DkimPublicKey.Lookup>? Key) Begin(
        SignedMessage message, SignedMessage.Field field, CancellationToken cancel)
    {
        var isRead = MessageSignature.TryParse(message, field, out var signature, out var error);
        var outcome = new DkimOutcome
        {
            Result = DkimResult.PermError,
            Reason = error ?? "",
            Domain = signature?.Domain ?? "",
            Selector = signature?.Selector ?? "",
            Algorithm = signature?.Algorithm ?? "",
            SignatureStart = signature?.Tags.Compact("b") is { } b ? b[..Math.Min(StartLength, b.Length)] : "",
            SignedNames = signature?.SignedNames ?? [],
        };
        if (!isRead) return (null, outcome, null);
        if (Check(signature!) is { } problem) return (null, outcome with { Result = problem.Result, Reason = problem.Reason }, null);
        return (signature, outcome, DkimPublicKey.FindAsync(dns, signature!.Selector, signature.Domain, cancel));
    }

    // §6.1.1
    private (DkimResult Result, string Reason)? Check(MessageSignature signature)
    {
        if (signature.Tags["v"] != "1") return (DkimResult.PermError, "v= is not 1");
        if (signature.Algorithm == "rsa-sha1") return (DkimResult.PermError, "rsa-sha1 is no longer acceptable (RFC 8301)");
        if (!signature.SignedNames.Contains("from")) return (DkimResult.PermError, "From is not signed");
        if (signature.Tags["q"] is { } query && !query.Split(':').Any(q => q.Trim() == "dns/txt")) return (DkimResult.PermError, "q= is unknown");
        if (signature.Tags["i"] is { } identity && !IsAtOrUnder(DomainOf(identity), signature.Domain)) return (DkimResult.PermError, "i= is not at or below d=");
        if (signature.ExpiresAt < time.GetUtcNow()) return (DkimResult.Policy, "the signature has expired");
        return null;
    }

    private static DkimOutcome Finish(SignedMessage message, MessageSignature signature, DkimOutcome outcome, DkimPublicKey.Lookup lookup)
    {
        if (lookup is DkimPublicKey.Lookup.DnsUnavailable unavailable) return outcome with { Result = DkimResult.TempError, Reason = unavailable.Reason };
        if (lookup is DkimPublicKey.Lookup.KeyUnusable unusable) return outcome with { Reason = unusable.Reason };
        var key = ((DkimPublicKey.Lookup.KeyFound)lookup).Key;
        outcome = outcome with { IsTesting = key.IsTesting };
        if (key.IsStrict && signature.Tags["i"] is { } identity && DomainOf(identity) != signature.Domain) return outcome with { Reason = "i= must be d= (t=s)" };
        var (body, length) = message.GetBodyHash(signature.Body);
        if (signature.BodyLength != long.MaxValue && length < signature.BodyLength) return outcome with { Reason = "l= exceeds the length of the body" };
        var unsigned = Math.Max(0, length - signature.BodyLength);
        var (isGood, bits, error) = key.Verify(signature.Algorithm, signature.HashHeader(), signature.Signature);
        outcome = outcome with { KeyBits = bits, UnsignedOctets = unsigned };
        if (error is not null) return outcome with { Reason = error };
        if (!isGood) return outcome with { Result = DkimResult.Fail, Reason = "the signature does not match the header" };
        if (!CryptographicOperations.FixedTimeEquals(body, signature.BodyHash)) return outcome with { Result = DkimResult.Fail, Reason = "the body was changed" };
        var reason = unsigned switch
        {
            0 => "good",
            _ => $"good, but {Quantity.Of(unsigned, "octet of the body is", "octets of the body are")} not signed",
        };
        return outcome with { Result = DkimResult.Pass, Reason = reason };
    }

    private static string DomainOf(string identity) => identity[(identity.LastIndexOf('@') + 1)..].ToLowerInvariant();

    private static bool IsAtOrUnder(string name, string domain) => name == domain || name.EndsWith("." + domain, StringComparison.Ordinal);
}
