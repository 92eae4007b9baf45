namespace MailServer.Network.Acme;

/// <summary>What proves that a name is ours: the authority must find <paramref name="KeyAuthorization"/> (RFC 8555 §8.1), or a hash of it.</summary>
public sealed record ChallengeAnswer(string Name, string Token, string KeyAuthorization)
{
    /// <summary>Where dns-01 looks (RFC 8555 §8.4); a wildcard's is that of its domain.</summary>
    public string DnsName => "_acme-challenge." + Name;
}

/// <summary>One way of proving it.</summary>
public interface IChallengeSolver
{
    /// <summary>As ACME calls it: <c>http-01</c>, <c>tls-alpn-01</c>, <c>dns-01</c>.</summary>
    string Type { get; }

    /// <summary>Makes the proof visible to the authority.</summary>
    /// <exception cref="AcmeException">It cannot be.</exception>
    Task PresentAsync(ChallengeAnswer answer, CancellationToken cancel);

    /// <summary>Takes it away again, whatever came of it.</summary>
    Task WithdrawAsync(ChallengeAnswer answer);
}
