namespace MailServer.Domain.TransportSecurity;

/// <summary>Finds the MTA-STS policies of domains that mail is sent to.</summary>
public interface IMtaStsPolicies
{
    /// <summary>The policy that holds now for a domain (A-labels). Bounded in time; what goes wrong is in the answer.</summary>
    Task<MtaStsAnswer> FindAsync(string domain, CancellationToken cancel);
}

/// <summary>What was found of a domain's policy.</summary>
/// <param name="Policy">Null: there is none, or none that can be had.</param>
public sealed record MtaStsAnswer(MtaStsPolicy? Policy)
{
    public static MtaStsAnswer Nothing { get; } = new((MtaStsPolicy?)null);

    /// <summary>There should be a policy, or a newer one, and this went wrong: a result type of RFC 8460 §4.3.2.2; null when all is well.</summary>
    public string? Failure { get; init; }

    /// <summary>What was done and found, a line each.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];
}

/// <summary>MTA-STS is switched off.</summary>
public sealed class NoMtaSts : IMtaStsPolicies
{
    public static NoMtaSts Instance { get; } = new();

    public Task<MtaStsAnswer> FindAsync(string domain, CancellationToken cancel) => Task.FromResult(MtaStsAnswer.Nothing);
}
