namespace MailServer.Network.Acme;

/// <summary>The proof of control over a name: the authority must find <paramref name="KeyAuthorization"/> (RFC 8555 §8.1), or a hash of it.</summary>
public sealed record ChallengeAnswer(string Name, string Token, string KeyAuthorization)
{
    /// <summary>The name of the TXT record for dns-01 (RFC 8555 §8.4); a wildcard uses that of its domain.</summary>
    public string DnsName => "_acme-challenge." + Name;
}

/// <summary>Solves one type of ACME challenge.</summary>
public interface IChallengeSolver
{
    /// <summary>The ACME challenge type: <c>http-01</c>, <c>tls-alpn-01</c> or <c>dns-01</c>.</summary>
    string Type { get; }

    /// <summary>Makes the answer visible to the authority.</summary>
    /// <exception cref="AcmeException">The answer could not be published.</exception>
    Task PresentAsync(ChallengeAnswer answer, CancellationToken cancel);

    /// <summary>Removes the answer after success or failure.</summary>
    Task WithdrawAsync(ChallengeAnswer answer);
}
