namespace MailServer.Domain.TransportSecurity;

/// <summary>Finds the MTA-STS policies of recipient domains.</summary>
public interface IMtaStsResolver
{
    /// <summary>Returns the current policy of a domain (A-labels). Bounded in time; failures are part of the result.</summary>
    Task<MtaStsResult> FindAsync(string domain, CancellationToken cancel);
}

/// <summary>The result of looking up a domain's MTA-STS policy.</summary>
/// <param name="Policy">The policy; null if there is none or it cannot be fetched.</param>
public sealed record MtaStsResult(MtaStsPolicy? Policy)
{
    public static MtaStsResult NoPolicy { get; } = new((MtaStsPolicy?)null);

    /// <summary>The failure while fetching a policy or its update, a result type of RFC 8460 §4.3.2.2; null if there was none.</summary>
    public string? Failure { get; init; }

    /// <summary>The steps taken and their results, one per line.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];
}

/// <summary>Used when MTA-STS is disabled.</summary>
public sealed class DisabledMtaSts : IMtaStsResolver
{
    public static DisabledMtaSts Instance { get; } = new();

    public Task<MtaStsResult> FindAsync(string domain, CancellationToken cancel) => Task.FromResult(MtaStsResult.NoPolicy);
}
