using System.Security.Cryptography;
using MailServer.Domain.Dns;
using MailServer.Domain.Formatting;

namespace MailServer.Protocol.MessageAuthentication.Arc;

/// <summary>Validates ARC chains (RFC 8617 §5.2). Thread-safe.</summary>
public sealed class ArcValidator(IDnsLookup dns)
{
    public async Task<ArcOutcome> ValidateAsync(ArcChain chain, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(chain);
        var steps = new List<string>();
        var sealers = chain.Sets.Select(s => s.Seal.Domain).ToArray();
        if (chain.Error is { } error) return End(ArcResult.Fail, error);
        if (chain.Count == 0) return End(ArcResult.None, "there are no ARC sets");
        var (result, reason) = await CheckSignatureAsync(chain, chain.LastSignature!, cancel);
        for (var i = chain.Count - 1; ; i--)
        {
            if (result != ArcResult.Pass) return End(result, reason);
            steps.Add(reason);
            if (i < 0) return End(ArcResult.Pass, $"{Quantity.Of(chain.Count, "set")}, {(chain.Count == 1 ? "good" : "all good")}");
            (result, reason) = await CheckSealAsync(chain, i, cancel);
        }

        ArcOutcome End(ArcResult state, string why)
        {
            steps.Add($"{state.ToString().ToLowerInvariant()}: {why}");
            return new ArcOutcome(state, why, sealers, steps);
        }
    }

    private async Task<(ArcResult, string)> CheckSignatureAsync(ArcChain chain, MessageSignature signature, CancellationToken cancel)
    {
        var what = $"message signature i={chain.Count} of {signature.Domain}";
        var lookup = await DkimPublicKey.FindAsync(dns, signature.Selector, signature.Domain, cancel);
        var (result, reason) = Verify(lookup, signature.Algorithm, signature.HashHeader(), signature.Signature);
        if (result != ArcResult.Pass) return (result, $"{what}: {reason}");
        var (body, length) = chain.Message.GetBodyHash(signature.Body);
        if (signature.BodyLength != long.MaxValue && length < signature.BodyLength) return (ArcResult.Fail, $"{what}: l= exceeds the length of the body");
        return CryptographicOperations.FixedTimeEquals(body, signature.BodyHash) ? (ArcResult.Pass, $"{what}: good") : (ArcResult.Fail, $"{what}: the body was changed");
    }

    private async Task<(ArcResult, string)> CheckSealAsync(ArcChain chain, int index, CancellationToken cancel)
    {
        var seal = chain.Sets[index].Seal;
        var lookup = await DkimPublicKey.FindAsync(dns, seal.Selector, seal.Domain, cancel);
        var (result, reason) = Verify(lookup, seal.Algorithm, chain.HashSeal(index), seal.Signature);
        return (result, $"seal i={index + 1} of {seal.Domain}: {reason}");
    }

    private static (ArcResult, string) Verify(DkimPublicKey.Lookup lookup, string algorithm, byte[] hash, byte[] signature)
    {
        switch (lookup)
        {
            case DkimPublicKey.Lookup.KeyFound { Key: var key }:
                var (isGood, _, error) = key.Verify(algorithm, hash, signature);
                return isGood ? (ArcResult.Pass, "good") : (ArcResult.Fail, error ?? "does not match the header");
            case DkimPublicKey.Lookup.KeyUnusable unusable:
                return (ArcResult.Fail, unusable.Reason);
            default:
                return (ArcResult.TempError, ((DkimPublicKey.Lookup.DnsUnavailable)lookup).Reason);
        }
    }
}
